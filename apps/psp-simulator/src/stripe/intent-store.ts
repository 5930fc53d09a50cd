import { aged } from './ageing';
import { CreationOrder, type Page, type PageQuery } from './creation-order';
import type { Intent } from './intent';

/** All intents, in the order of creation. */
export class IntentStore {
  private readonly intents = new CreationOrder<Intent>();

  get size(): number {
    return this.intents.size;
  }

  /** The intent as time has left it, even where nobody has recorded that yet. */
  get(id: string, nowMs: number): Intent | undefined {
    const intent = this.intents.get(id);
    return intent === undefined ? undefined : aged(intent, nowMs);
  }

  /** Adds or replaces; an older revision, met while a journal is read, changes nothing. */
  put(intent: Intent): void {
    const present = this.intents.get(intent.id);
    if (present === undefined || present.rev <= intent.rev) this.intents.put(intent);
  }

  clear(): void {
    this.intents.clear();
  }

  *all(nowMs: number): Generator<Intent> {
    for (const intent of this.intents.all()) yield aged(intent, nowMs);
  }

  /** As recorded, without ageing. */
  stored(id: string): Intent | undefined {
    return this.intents.get(id);
  }

  allStored(): readonly Intent[] {
    return this.intents.all();
  }

  /** Of a charge; there is no index, since hardly anybody asks: the newest are looked at first. */
  withCharge(chargeId: string): Intent | undefined {
    return this.intents.all().findLast(({ charges }) => charges.some(({ id }) => id === chargeId));
  }

  /** Newest first; undefined when the cursor names no intent. */
  list(query: PageQuery, customer: string | undefined, nowMs: number): Page<Intent> | undefined {
    const page = this.intents.page(query, (intent) => customer === undefined || intent.customer === customer);
    return page && { ...page, data: page.data.map((intent) => aged(intent, nowMs)) };
  }
}
