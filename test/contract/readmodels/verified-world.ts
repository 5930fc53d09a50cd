import { book, EVENT_CATALOG, type Divergence } from '@tender/domain';
import {
  endOf,
  LEDGER_PREFIXES,
  StreamCheck,
  StreamHistories,
  Verification,
  WEBHOOK_PREFIX,
} from '@tender/engine';
import {
  createCodec,
  createMemoryEventLog,
  type LogInspection,
  type EventLog,
  type RecordedEvent,
} from '@tender/eventstore';
import type { LedgerEvent, ReadStore } from '@tender/readmodels';
import {
  Checkpoints,
  DocumentsCheck,
  FIRST_LEDGER_VERSION,
  LedgerCheck,
  PARKED_NOTICES,
  ParkedNoticesCheck,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
} from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf, history } from './histories';
import { ledgerLog, MERCHANTS, preparedProjector } from './ledger-logs';
import { noticeLog, parkedIn } from './notice-logs';
import { refundHistory } from './refund-histories';

export type Log = Pick<EventLog, 'append' | 'readStream' | 'readAll' | 'subscribe'> & LogInspection;

const WHOLE_PAGE = 10_000;

/** Payments of amounts that the API takes, so that each has an outcome to answer with. */
const payableHistory = fc
  .record(
    {
      merchant: fc.constantFrom(...MERCHANTS),
      currency: fc.constantFrom('USD', 'EUR'),
      amountMinor: fc.bigInt({ min: 1n, max: 99_999_999n }),
    },
    { noNullPrototype: true },
  )
  .chain((change) => history(change))
  // most of what happens by chance ends soon and posts nothing
  .filter(({ events }) => events.length > 4);

const REFUNDS_FOR_EACH_PAYMENT = 0.5;

/** Payments, and refunds beside them: no read model holds the two against each other. */
export function payableLog(seed: number, payments = 40): readonly LedgerEvent[] {
  const paid = fc.sample(payableHistory, { numRuns: payments, seed });
  const given = fc.sample(
    refundHistory().filter(({ events }) => events.length > 3),
    { numRuns: Math.ceil(payments * REFUNDS_FOR_EACH_PAYMENT), seed },
  );
  return ledgerLog([...paid, ...given], chanceOf(seed));
}

/** Events of a made-up log, recorded in a real one. */
export async function recordedLog(events: readonly LedgerEvent[]): Promise<Log> {
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  await recordedIn(log, events);
  return log;
}

export async function recordedIn(
  log: Pick<EventLog, 'append'>,
  events: readonly LedgerEvent[],
): Promise<void> {
  for (const { id, type, data, stream, revision, metadata } of events) {
    const schemaVersion = EVENT_CATALOG[type as keyof typeof EVENT_CATALOG].version;
    const because = { correlationId: 'c', causationId: 'c', commandId: 'c', actor: 'test' };
    const event = { id, type, data: data as Readonly<Record<string, unknown>> };
    const outcome = await log.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [
      { ...event, metadata: { ...because, schemaVersion, recordedAt: metadata.recordedAt } },
    ]);
    if (outcome.kind !== 'appended') throw new Error(`${stream} at ${revision}: ${outcome.kind}`);
  }
}

export const allOf = async (log: Log): Promise<readonly RecordedEvent[]> =>
  (await log.readAll({ after: 'start', prefixes: LEDGER_PREFIXES, maxCount: WHOLE_PAGE })).events;

/** The projectors as they run, up to the end of these events. */
export async function projected(store: ReadStore, events: readonly RecordedEvent[]): Promise<void> {
  const last = events.at(-1);
  for (const { form, writer } of [PAYMENT_DOCUMENTS, REFUND_DOCUMENTS]) {
    const model = writer(store, form);
    await model.ensureIndexes();
    await model.apply(events);
    if (last !== undefined) await new Checkpoints(store).save(form, last.position);
  }
  await (await preparedProjector(store)).apply(events);
}

export interface World {
  readonly log: Log;
  readonly store: ReadStore;
  /** Those of payments and refunds. */
  readonly events: readonly RecordedEvent[];
}

/** Payments, refunds and notices, and all that is derived of them. */
export async function recordedWorld(store: ReadStore, seed: number, payments: number): Promise<World> {
  const notices = noticeLog(seed);
  const log = await recordedLog([...notices.events, ...payableLog(seed, payments)]);
  const events = await allOf(log);
  await projected(store, events);
  await parkedIn(store, notices.waiting);
  return { log, store, events };
}

/** The id of the document of the first stream of a category. */
export function idOfFirst(prefix: string, events: readonly RecordedEvent[]): string {
  const first = events.find(({ stream }) => stream.startsWith(prefix));
  if (first === undefined) throw new Error(`no stream ${prefix}…`);
  return first.stream.slice(prefix.length);
}

export interface Memory {
  readonly pageEvents?: number;
  /** Of everything that a check keeps. */
  readonly kept?: number;
}

export interface Verifying {
  readonly found: Divergence[];
  readonly verification: Verification;
  readonly ledger: LedgerCheck;
  /** Walks on to its end. */
  finish(): Promise<readonly Divergence[]>;
}

export function verifying(log: Log, store: ReadStore, { pageEvents, kept }: Memory = {}): Verifying {
  const found: Divergence[] = [];
  const histories = new StreamHistories(log);
  const small = kept === undefined ? {} : { maxFolds: kept, maxTotals: kept, maxBooks: kept };
  const ledger = new LedgerCheck({
    store,
    version: FIRST_LEDGER_VERSION,
    prefixes: LEDGER_PREFIXES,
    histories,
    book,
    ...small,
  });
  const prefixes = [...LEDGER_PREFIXES, WEBHOOK_PREFIX];
  const verification = new Verification({
    inspection: log,
    histories,
    streams: new StreamCheck({ inspection: log, histories }, kept),
    models: [
      new DocumentsCheck({ documents: PAYMENT_DOCUMENTS, store, histories, ...small }),
      new DocumentsCheck({ documents: REFUND_DOCUMENTS, store, histories, ...small }),
      ledger,
      new ParkedNoticesCheck({
        store,
        collection: PARKED_NOTICES,
        prefix: WEBHOOK_PREFIX,
        readStream: (stream) => log.readStream(stream),
        end: () => endOf(log, prefixes),
      }),
    ],
    prefixes,
    report: (divergence) => found.push(divergence),
    ...(pageEvents === undefined ? {} : { maxPageEvents: pageEvents }),
  });
  return {
    found,
    verification,
    ledger,
    async finish() {
      while (!(await verification.nextPage()).done);
      return found;
    },
  };
}

export const verified = (log: Log, store: ReadStore, memory: Memory = {}): Promise<readonly Divergence[]> =>
  verifying(log, store, memory).finish();

/** Where each difference is, short. */
export const placesOf = (found: readonly Divergence[]): readonly string[] =>
  found.map(({ where, kind, id, at }) => `${where} ${kind} ${id} ${at ?? ''}`.trim());
