import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attemptIdOf, book, EVENT_CATALOG, paymentIdOf } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import { paymentStream, systemClock, type Clock, type ReaderProblem } from '@tender/engine';
import {
  createCodec,
  createMemoryEventLog,
  eventId,
  type EventLog,
  type NewEvent,
  type SubscriptionBatch,
} from '@tender/eventstore';
import {
  connectReadStore,
  FIRST_LEDGER_VERSION,
  LedgerBooks,
  LedgerModels,
  LedgerProjector,
  type JournalDocument,
  type ReadStore,
} from '@tender/readmodels';
import { sampleInitiated, sampleStarted } from '@tender/testing';
import { projectLedger } from './ledger-projection';
import type { ProjectionForEver } from './project-for-ever';

/** Pauses are short: what is tested is that they end. */
const SHORT_MS = 20;
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, SHORT_MS), run) };

const dir = mkdtempSync(join(tmpdir(), 'tender-ledger-projection-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
let log: EventLog;
let projection: ProjectionForEver | undefined;
let problems: ReaderProblem[];
let posted: JournalDocument[];
let databases = 0;

beforeAll(async () => {
  server = await startMongo({ dir, durable: false });
});
beforeEach(async () => {
  const database = `projection_${(databases += 1)}`;
  store = await connectReadStore({ uri: server.uri, database, appName: 'ledger-projection' });
  log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  [problems, posted] = [[], []];
});
afterEach(async () => {
  await projection?.stop();
  await log.close();
  await store.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const start = (of: EventLog = log): ProjectionForEver =>
  (projection = projectLedger({
    store,
    log: of,
    clock: hurried,
    report: (problem) => problems.push(problem),
    onPosted: (journals) => posted.push(...journals),
  }));

/** A payment that takes so much, in the log at once. */
async function charged(name: string, amountMinor: bigint): Promise<void> {
  const paymentId = paymentIdOf('demo', name);
  const attemptId = attemptIdOf(paymentId, 1);
  const stream = paymentStream(paymentId);
  const captured = { attemptId, operationId: null, pspReference: 'pi_1', amountMinor, currency: 'USD' };
  const data: readonly (readonly [keyof typeof EVENT_CATALOG, object])[] = [
    ['PaymentInitiated', sampleInitiated({ paymentId, amountMinor })],
    ['AttemptStarted', sampleStarted({ attemptId, amountMinor })],
    ['PaymentCaptured', { ...captured, occurredAt: '2026-03-01T12:00:00.000Z' }],
  ];
  const events = data.map(([type, content], index): NewEvent => ({
    id: eventId(stream, name, index),
    type,
    data: { ...content },
    metadata: {
      schemaVersion: EVENT_CATALOG[type].version,
      correlationId: stream,
      causationId: name,
      commandId: name,
      actor: 'test',
      recordedAt: new Date().toISOString(),
    },
  }));
  expect(await log.append(stream, 'no_stream', events)).toMatchObject({ kind: 'appended' });
}

/** The test's own time limit ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((wake) => setTimeout(wake, 5));
}

const receivable = async (): Promise<bigint> => {
  const query = { ledger: 'demo', layer: 'posted', currency: 'USD' } as const;
  return (await new LedgerBooks(store).trialBalance(query)).debit;
};

describe('the projection of the ledger', () => {
  it('posts what is in the log and what comes, and goes on from its checkpoint', async () => {
    await charged('one', 100n);
    const first = start();
    await until(() => posted.length === 1);
    await charged('two', 20n);
    await until(() => posted.length === 2);
    await first.stop();
    await charged('three', 3n);
    start();
    await until(() => posted.length === 3);
    expect(await receivable()).toBe(123n);
    expect(problems).toEqual([]);
  });

  it('says that it is halted, posts nothing meanwhile, and goes on by itself once that is cleared', async () => {
    const models = new LedgerModels(store);
    await models.halt('totals differ', new Date(0));
    await charged('one', 100n);
    const halted = start();
    await until(() => halted.state().stoppedBy !== undefined);
    expect(halted.state().stoppedBy).toContain('totals differ');
    expect(posted).toEqual([]);
    await models.clearHalt();
    await until(() => posted.length === 1);
    await until(() => halted.state().stoppedBy === undefined);
  });

  it('goes over to other books when they become the live ones', async () => {
    await charged('one', 100n);
    start();
    await until(() => posted.length === 1);
    await new LedgerProjector({ store, version: 'v2', book }).prepare();
    expect(await new LedgerModels(store).switchLive(FIRST_LEDGER_VERSION, 'v2')).toBe(true);
    await charged('two', 20n);
    // the new books were empty: all of the log is theirs
    await until(() => posted.length === 3);
    expect(await receivable()).toBe(120n);
  });

  it('stops at a gap that the log shows, and tries again from its checkpoint', async () => {
    await charged('one', 100n);
    await charged('two', 20n);
    const torn = start(tearing(log));
    await until(() => problems.some(({ what }) => what === 'stopped'));
    await until(() => posted.length === 2);
    await until(() => torn.state().stoppedBy === undefined);
    expect(problems.map(({ error }) => (error as Error).name)).toContain('ProjectionGap');
    expect(await receivable()).toBe(120n);
  });
});

/** The log, but its first subscription leaves an event out, as servers have done. */
function tearing(whole: EventLog): EventLog {
  let subscriptions = 0;
  return {
    append: (...args) => whole.append(...args),
    readStream: (...args) => whole.readStream(...args),
    readAll: (options) => whole.readAll(options),
    close: () => whole.close(),
    subscribe: (options) => {
      const subscription = whole.subscribe(options);
      subscriptions += 1;
      if (subscriptions > 1) return subscription;
      return {
        close: () => subscription.close(),
        async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionBatch> {
          for await (const batch of subscription)
            yield { ...batch, events: batch.events.filter(({ type }) => type !== 'AttemptStarted') };
        },
      };
    },
  };
}
