import type { SimClock } from '../clock';
import { FileJournal, memoryJournal, type Journal } from '../journal';
import { liveKeys, type AdyenKeys, type KeyRecord } from './idempotency';
import type { Outbox } from '../outbox';
import type { News, Notice } from './notice';
import type { Payment } from './payment';
import type { PaymentStore } from './payment-store';
import type { Region } from './routes';

/** One line of the journal. What one request did stands in one line, so that a crash leaves all of it or nothing. */
export interface Line {
  /** The payment as it is from now on. */
  readonly p?: Payment;
  /** What its key is answered with. */
  readonly k?: KeyRecord & { readonly region: Region };
  /** Notices as they are from now on. */
  readonly n?: readonly Notice[];
  /** How far the clock runs ahead. */
  readonly c?: number;
}

export interface Remembered {
  readonly payments: PaymentStore;
  readonly keys: AdyenKeys;
  readonly outbox: Outbox<News>;
  readonly clock: SimClock;
}

/** Rewritten at start when less than half of it is still of use, and it is long enough to matter. */
const COMPACT_MIN_LINES = 1_000;

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
    'adyen.jsonl',
    (text) => {
      const { p, k, n, c } = JSON.parse(text) as Line;
      lines += 1;
      if (p !== undefined) to.payments.put(p);
      if (k !== undefined) {
        const { region, ...record } = k;
        to.keys[region].restore(record);
      }
      if (n !== undefined) to.outbox.put(n);
      if (c !== undefined) offsetMs = c;
      lastMs = Math.max(lastMs, p?.createdMs ?? 0, k?.atMs ?? 0);
    },
    onFailure,
  );
  to.clock.restore(offsetMs, lastMs);
  const snapshot = [...linesOf(to)];
  if (lines >= COMPACT_MIN_LINES && lines > 2 * snapshot.length) journal.replaceAll(snapshot);
  return journal;
}

/** Everything still of use: each payment once, the keys that have not expired, the news not yet delivered, the clock. */
function* linesOf(from: Remembered): Generator<string> {
  const line = (one: Line): string => JSON.stringify(one);
  yield line({ c: from.clock.offsetMs });
  for (const payment of from.payments.all()) yield line({ p: payment });
  for (const { region, record } of liveKeys(from.keys, from.clock.nowMs())) {
    yield line({ k: { ...record, region } });
  }
  const undelivered = from.outbox.undelivered();
  if (undelivered.length > 0) yield line({ n: undelivered });
}
