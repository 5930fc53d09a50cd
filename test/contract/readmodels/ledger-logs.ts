import { book, type BookableEvent, type Journal, type StreamBooks } from '@tender/domain';
import type { LedgerEvent, ReadStore } from '@tender/readmodels';
import { FIRST_LEDGER_VERSION, ledgerCollections, LedgerProjector } from '@tender/readmodels';
import type { LedgerProjectorOptions } from '@tender/readmodels';
import * as fc from 'fast-check';
import type { History } from './histories';
import { chanceOf, history, interleaved } from './histories';

export const MERCHANTS = ['m', 'other.shop'] as const;

const MOVING_MONEY: ReadonlySet<string> = new Set([
  'PaymentCaptured',
  'AttemptAuthorized',
  'LateSuccessFound',
]);

/** Payments of two merchants in two currencies, with amounts that a double cannot tell apart. */
export const ledgerHistory: fc.Arbitrary<History> = fc
  .record(
    {
      merchant: fc.constantFrom(...MERCHANTS),
      currency: fc.constantFrom('USD', 'EUR'),
      amountMinor: fc.constantFrom(1099n, 2n ** 53n + 1n, 2n ** 53n),
    },
    { noNullPrototype: true },
  )
  .chain((change) => history(change))
  // most of what happens by chance ends soon and posts nothing
  .filter(({ events }) => events.length > 4 && events.some(({ type }) => MOVING_MONEY.has(type)));

const START_MS = Date.parse('2026-03-01T20:00:00.000Z');
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * One log over some days: writers' clocks differ by up to a second, and PSPs tell of what happened days before or, by
 * a clock of their own, later.
 */
export function ledgerLog(histories: readonly History[], chance: () => number): readonly LedgerEvent[] {
  let nowMs = START_MS;
  return interleaved(histories, chance).map((event) => {
    nowMs += Math.floor(chance() * 3 * HOUR_MS);
    const recordedAt = new Date(nowMs - Math.floor(chance() * 1000)).toISOString();
    const occurredAt = new Date(nowMs + Math.floor((chance() - 0.9) * 4 * DAY_MS)).toISOString();
    const data = 'occurredAt' in event.data ? { ...event.data, occurredAt } : event.data;
    return { ...event, data, id: `${event.stream}@${event.revision}`, metadata: { recordedAt } };
  });
}

export const seededLog = (seed: number, payments = 40): readonly LedgerEvent[] =>
  ledgerLog(fc.sample(ledgerHistory, { numRuns: payments, seed }), chanceOf(seed));

export const newProjector = (
  store: ReadStore,
  options: Partial<Omit<LedgerProjectorOptions, 'store'>> = {},
): LedgerProjector => new LedgerProjector({ store, version: FIRST_LEDGER_VERSION, book, ...options });

export async function preparedProjector(
  store: ReadStore,
  options: Partial<Omit<LedgerProjectorOptions, 'store'>> = {},
): Promise<LedgerProjector> {
  const projector = newProjector(store, options);
  await projector.prepare();
  return projector;
}

/** The journals of a log without any store, in their order: what is asked of the books is told from these alone. */
export function journalsOf(log: readonly LedgerEvent[]): readonly Journal[] {
  const remembered = new Map<string, StreamBooks | null>();
  return log.flatMap((event) => {
    const { id, type, data, stream, revision, metadata } = event;
    const bookable: BookableEvent = { id, type, data, stream, revision, recordedAt: metadata.recordedAt };
    const { journals, books } = book(bookable, remembered.get(stream) ?? null);
    remembered.set(stream, books);
    return journals;
  });
}

/** The bytes of everything that the projector writes, in the order of ids. */
export async function ledgerBytes(
  store: ReadStore,
  version = FIRST_LEDGER_VERSION,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { journals, totals, streams, checkpoints } = ledgerCollections(store, version);
  const bytes: Record<string, readonly string[]> = {};
  for (const collection of [journals, totals, streams, checkpoints]) {
    const raw = await store.db
      .collection(collection.collectionName)
      .find({}, { raw: true, sort: { _id: 1 }, batchSize: 10_000 })
      .toArray();
    bytes[collection.collectionName] = raw.map((one) => (one as unknown as Buffer).toString('hex'));
  }
  return bytes;
}

/** What an undisturbed projector makes of a log in one go. */
export async function postedAlone(store: ReadStore, log: readonly LedgerEvent[]) {
  const projector = await preparedProjector(store);
  await projector.apply(log);
  return ledgerBytes(store);
}
