import type { SimClock } from '../clock';
import { FileJournal, memoryJournal, type Journal } from '../journal';
import type { Entry } from '../delivery';
import type { Outbox } from '../outbox';
import type { CreationOrder } from './creation-order';
import type { StripeEvent } from './event';
import type { KeyRecord, StripeKeys } from './idempotency-store';
import type { Intent } from './intent';
import type { IntentStore } from './intent-store';
import { NO_REFUNDS } from './refund';
import type { RefundIndex } from './refund-index';
import type { EventNews } from './webhook';

type EventOfLine = Omit<StripeEvent, 'intent'>;

/** One line of the journal. What one request did stands in one line, so that a crash leaves all of it or nothing. */
interface Line {
  /** The intent as it is from now on. */
  readonly i?: Intent;
  /** What its key is answered with; `same` when the answer shows the intent of this line. */
  readonly k?: KeyRecord & { readonly same?: true };
  /** What happened by it; each event shows the intent of this line. */
  readonly e?: readonly EventOfLine[];
  /** Deliveries as they are from now on. */
  readonly n?: readonly Entry<EventNews>[];
  /** How far the clock runs ahead. */
  readonly c?: number;
}

/** Rewritten at start when less than half of it is still of use, and it is long enough to matter. */
const COMPACT_MIN_LINES = 1_000;

export interface Remembered {
  readonly intents: IntentStore;
  readonly refunds: RefundIndex;
  readonly events: CreationOrder<StripeEvent>;
  readonly keys: StripeKeys;
  readonly outbox: Outbox<EventNews>;
  readonly clock: SimClock;
}

/** What one commit leaves behind. */
export interface Committed {
  readonly intent: Intent | null;
  readonly kept: KeyRecord | null;
  readonly events: readonly StripeEvent[];
  readonly deliveries: readonly Entry<EventNews>[];
}

export function commitLine({ intent, kept, events, deliveries }: Committed): string {
  return JSON.stringify({
    ...(intent !== null && { i: intent }),
    ...(kept !== null && { k: keyOfLine(kept, intent) }),
    ...(events.length > 0 && { e: events.map(({ intent: _shown, ...event }) => event) }),
    ...(deliveries.length > 0 && { n: deliveries }),
  } satisfies Line);
}

function keyOfLine(kept: KeyRecord, intent: Intent | null): NonNullable<Line['k']> {
  if (intent === null || kept.answer.intent !== intent) return kept;
  return { ...kept, same: true, answer: { ...kept.answer, intent: null } };
}

const line = (one: Line): string => JSON.stringify(one);
export const clockLine = (clock: SimClock): string => line({ c: clock.offsetMs });
export const deliveriesLine = (n: readonly Entry<EventNews>[]): string => line({ n });

/** Opens the journal of a directory and puts what it holds into the stores; without a directory nothing is kept. */
export function openJournal(
  dir: string | undefined,
  to: Remembered,
  onFailure: (error: Error) => void,
): Journal {
  if (dir === undefined) return memoryJournal;
  let lines = 0;
  let offsetMs = 0;
  let lastMs = 0;
  const journal = FileJournal.open(
    dir,
    'stripe.jsonl',
    (text) => {
      const { i, k, e = [], n = [], c } = JSON.parse(text) as Line;
      const intent = i && complete(i);
      lines += 1;
      if (intent !== undefined) {
        to.intents.put(intent);
        for (const event of e) to.events.put({ ...event, intent });
      }
      if (k !== undefined) to.keys.restore(keyRecord(k, intent));
      to.outbox.put(n);
      if (c !== undefined) offsetMs = c;
      lastMs = Math.max(lastMs, i?.createdMs ?? 0, k?.atMs ?? 0, ...e.map(({ createdMs }) => createdMs));
    },
    onFailure,
  );
  to.refunds.rebuild(to.intents.allStored());
  to.clock.restore(offsetMs, lastMs);
  const ofUse = to.intents.size + to.events.size + to.keys.live(to.clock.nowMs()).length;
  if (lines >= COMPACT_MIN_LINES && lines > 2 * ofUse) journal.replaceAll(snapshot(to));
  return journal;
}

/** Journals from before there were refunds or disputes have none in their intents. */
const complete = (intent: Intent): Intent => ({
  ...intent,
  refunds: (intent as Partial<Intent>).refunds ?? NO_REFUNDS,
  dispute: (intent as Partial<Intent>).dispute ?? null,
});

function keyRecord({ same, ...record }: NonNullable<Line['k']>, ofLine: Intent | undefined): KeyRecord {
  const { intent } = record.answer;
  const shown = same === true ? (ofLine ?? null) : intent && complete(intent);
  return { ...record, answer: { ...record.answer, intent: shown } };
}

/** Everything still of use: each intent once, the keys that have not expired, the events and what is not delivered of them, the clock. */
export function* snapshot(from: Remembered): Generator<string> {
  const bare = { events: [], deliveries: [] };
  yield clockLine(from.clock);
  const latest = new Map<Intent, KeyRecord>();
  const others: KeyRecord[] = [];
  for (const record of from.keys.live(from.clock.nowMs())) {
    const { intent } = record.answer;
    if (intent === null || latest.has(intent)) others.push(record);
    else latest.set(intent, record);
  }
  for (const intent of from.intents.allStored()) {
    yield commitLine({ ...bare, intent, kept: latest.get(intent) ?? null });
    latest.delete(intent);
  }
  for (const kept of [...latest.values(), ...others]) yield commitLine({ ...bare, intent: null, kept });
  // an older revision of an intent that is known already is only what its events show
  for (const event of from.events.all()) {
    yield commitLine({ intent: event.intent, kept: null, events: [event], deliveries: [] });
  }
  const undelivered = from.outbox.undelivered();
  if (undelivered.length > 0) yield deliveriesLine(undelivered);
}
