import type { SimClock } from '../clock';
import { FileJournal, memoryJournal, type Journal } from '../journal';
import type { KeyRecord, StripeKeys } from './idempotency-store';
import type { Intent } from './intent';
import type { IntentStore } from './intent-store';

/** One line of the journal. What one request did stands in one line, so that a crash leaves all of it or nothing. */
interface Line {
  /** The intent as it is from now on. */
  readonly i?: Intent;
  /** What its key is answered with; `same` when the answer shows the intent of this line. */
  readonly k?: KeyRecord & { readonly same?: true };
  /** How far the clock runs ahead. */
  readonly c?: number;
}

/** Rewritten at start when less than half of it is still of use, and it is long enough to matter. */
const COMPACT_MIN_LINES = 1_000;

export interface Remembered {
  readonly intents: IntentStore;
  readonly keys: StripeKeys;
  readonly clock: SimClock;
}

export function commitLine(changed: Intent | null, record: KeyRecord | null): string {
  if (record === null) return JSON.stringify({ i: changed });
  const same = changed !== null && record.answer.intent === changed;
  const k = same ? { ...record, same, answer: { ...record.answer, intent: null } } : record;
  return JSON.stringify(changed === null ? { k } : { i: changed, k });
}

export function clockLine(clock: SimClock): string {
  return JSON.stringify({ c: clock.offsetMs } satisfies Line);
}

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
      const { i, k, c } = JSON.parse(text) as Line;
      lines += 1;
      if (i !== undefined) {
        to.intents.put(i);
        lastMs = Math.max(lastMs, i.createdMs);
      }
      if (k !== undefined) {
        const { same, ...record } = k;
        to.keys.restore(
          same === true ? { ...record, answer: { ...record.answer, intent: i ?? null } } : record,
        );
        lastMs = Math.max(lastMs, record.atMs);
      }
      if (c !== undefined) offsetMs = c;
    },
    onFailure,
  );
  to.clock.restore(offsetMs, lastMs);
  if (lines >= COMPACT_MIN_LINES && lines > 2 * (to.intents.size + to.keys.live(to.clock.nowMs()).length))
    journal.replaceAll(snapshot(to));
  return journal;
}

/** Everything still of use: each intent once, the keys that have not expired, the clock. */
export function* snapshot(from: Remembered): Generator<string> {
  yield clockLine(from.clock);
  const latest = new Map<Intent, KeyRecord>();
  const others: KeyRecord[] = [];
  for (const record of from.keys.live(from.clock.nowMs())) {
    const { intent } = record.answer;
    if (intent === null || latest.has(intent)) others.push(record);
    else latest.set(intent, record);
  }
  for (const intent of from.intents.stored()) {
    const record = latest.get(intent);
    yield commitLine(intent, record ?? null);
    latest.delete(intent);
  }
  for (const record of [...latest.values(), ...others]) yield commitLine(null, record);
}
