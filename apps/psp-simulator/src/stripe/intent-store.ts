import { aged, type Intent } from './intent';

export interface Page {
  readonly data: readonly Intent[];
  readonly hasMore: boolean;
}

export interface ListQuery {
  readonly limit: number;
  readonly customer?: string | undefined;
  /** Created at or after this, and before that. */
  readonly fromMs: number;
  readonly beforeMs: number;
  readonly startingAfter?: string | undefined;
  readonly endingBefore?: string | undefined;
}

/** All intents, in the order of creation. */
export class IntentStore {
  private readonly intents: Intent[] = [];
  private readonly positions = new Map<string, number>();

  get size(): number {
    return this.intents.length;
  }

  /** The creation time of the newest. */
  get newestMs(): number {
    return this.intents[this.intents.length - 1]?.createdMs ?? 0;
  }

  /** The intent as time has left it; expiry is seen when somebody looks, so that no timer runs for it. */
  get(id: string, nowMs: number): Intent | undefined {
    const position = this.positions.get(id);
    const intent = position === undefined ? undefined : this.intents[position];
    return intent === undefined ? undefined : aged(intent, nowMs);
  }

  /** Adds or replaces; an older revision, met while a journal is read, changes nothing. */
  put(intent: Intent): void {
    const position = this.positions.get(intent.id);
    if (position === undefined) {
      this.positions.set(intent.id, this.intents.length);
      this.intents.push(intent);
      return;
    }
    const present = this.intents[position];
    if (present === undefined || present.rev <= intent.rev) this.intents[position] = intent;
  }

  clear(): void {
    this.intents.length = 0;
    this.positions.clear();
  }

  *all(nowMs: number): Generator<Intent> {
    for (const intent of this.intents) yield aged(intent, nowMs);
  }

  /** Stored records, without ageing: what a snapshot keeps. */
  stored(): readonly Intent[] {
    return this.intents;
  }

  /** Newest first; undefined when the cursor names no intent. */
  list(query: ListQuery, nowMs: number): Page | undefined {
    const cursor = query.startingAfter ?? query.endingBefore;
    const at = cursor === undefined ? undefined : this.positions.get(cursor);
    if (cursor !== undefined && at === undefined) return undefined;
    // positions [low, high) lie within the time bounds, since creation times never decrease
    const low = this.firstCreatedAt(query.fromMs);
    const high = this.firstCreatedAt(query.beforeMs);
    if (query.endingBefore !== undefined) {
      const newer = this.collect(Math.max(low, (at ?? 0) + 1), high, 1, query, nowMs);
      return { data: newer.data.toReversed(), hasMore: newer.hasMore };
    }
    return this.collect((at === undefined ? high : Math.min(high, at)) - 1, low, -1, query, nowMs);
  }

  private collect(from: number, end: number, step: 1 | -1, query: ListQuery, nowMs: number): Page {
    const data: Intent[] = [];
    for (let n = from; step === 1 ? n < end : n >= end; n += step) {
      const intent = this.intents[n];
      if (intent === undefined) break;
      if (query.customer !== undefined && intent.customer !== query.customer) continue;
      if (data.length === query.limit) return { data, hasMore: true };
      data.push(aged(intent, nowMs));
    }
    return { data, hasMore: false };
  }

  private firstCreatedAt(ms: number): number {
    let low = 0;
    let high = this.intents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.intents[middle]?.createdMs ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
