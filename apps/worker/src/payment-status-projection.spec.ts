import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_CATALOG, paymentIdOf } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import {
  catchUp,
  PAYMENT_PREFIX,
  paymentCommands,
  paymentStream,
  systemClock,
  type Clock,
  type ReaderProblem,
} from '@tender/engine';
import { createCodec, createMemoryEventLog, type MemoryEventLog } from '@tender/eventstore';
import {
  Checkpoints,
  connectReadStore,
  PAYMENT_STATUS,
  PaymentStatusModel,
  paymentStatusRebuild,
  ProjectionGap,
  type ReadStore,
} from '@tender/readmodels';
import { initiate, outcomes, recordOutcome, SAMPLE_PAYMENT_ID, seededChance } from '@tender/testing';
import { projectPaymentStatus, type PaymentStatusProjection } from './payment-status-projection';

/** Pauses are short: what is tested is that they end. */
const SHORT_MS = 20;
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, SHORT_MS), run) };

const dir = mkdtempSync(join(tmpdir(), 'tender-status-projection-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
let log: MemoryEventLog;
let projection: PaymentStatusProjection;
let problems: ReaderProblem[];
let databases = 0;
const chance = seededChance(1);

beforeAll(async () => {
  server = await startMongo({ dir, durable: false });
});
beforeEach(async () => {
  const database = `status_${(databases += 1)}`;
  store = await connectReadStore({ uri: server.uri, database, appName: 'status-projection' });
  log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  problems = [];
  const checkpoints = new Checkpoints(store);
  const report = (problem: ReaderProblem): unknown => problems.push(problem);
  projection = projectPaymentStatus({ store, log, checkpoints, clock: hurried, report });
});
afterEach(async () => {
  await projection.stop();
  await log.close();
  await store.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const context = () => ({ commandId: chance.uuid(), correlationId: 'c', causationId: 'c', actor: 'test' });

const started = async (paymentId: string): Promise<void> => {
  const command = initiate({ paymentId });
  await paymentCommands({ log, clock: systemClock, chance }).handle(
    paymentStream(paymentId),
    command,
    context(),
  );
};

const captured = async (): Promise<void> => {
  const commands = paymentCommands({ log, clock: systemClock, chance });
  await commands.handle(paymentStream(SAMPLE_PAYMENT_ID), recordOutcome(outcomes.captured), context());
};

const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await isSo())) await new Promise((wake) => setTimeout(wake, SHORT_MS));
};

const statusOf = async (paymentId: string, collection?: string): Promise<string | undefined> => {
  const model = new PaymentStatusModel(store, collection === undefined ? {} : { collection });
  return (await model.get(paymentId))?.payment.status;
};

describe('the projection of payments', () => {
  it('goes on in the documents that became live', async () => {
    await started(SAMPLE_PAYMENT_ID);
    await until(async () => (await statusOf(SAMPLE_PAYMENT_ID)) === 'processing');
    const rebuilt = await paymentStatusRebuild({ store, prefixes: [PAYMENT_PREFIX] });
    await rebuilt.prepare();
    await catchUp(log, rebuilt, () => undefined);
    await rebuilt.makeLive();
    await captured();
    await until(async () => (await statusOf(SAMPLE_PAYMENT_ID, rebuilt.version)) === 'succeeded');
    expect(await statusOf(SAMPLE_PAYMENT_ID, rebuilt.live)).toBe('processing');
    expect(await statusOf(SAMPLE_PAYMENT_ID)).toBe('succeeded');
  });

  it('stops at a hole without ending, says why, and goes on when the documents were made again', async () => {
    await started(SAMPLE_PAYMENT_ID);
    await until(async () => (await statusOf(SAMPLE_PAYMENT_ID)) === 'processing');
    await store.db.collection(PAYMENT_STATUS).drop();
    await captured();
    await until(() => projection.state().stoppedBy !== undefined);
    expect(projection.state().stoppedBy).toContain('ProjectionGap');
    expect(problems.some(({ error }) => error instanceof ProjectionGap)).toBe(true);
    const rebuilt = await paymentStatusRebuild({ store, prefixes: [PAYMENT_PREFIX] });
    await rebuilt.prepare();
    await catchUp(log, rebuilt, () => undefined);
    await rebuilt.makeLive();
    const another = paymentIdOf('demo', 'after the hole');
    await started(another);
    await until(async () => (await statusOf(another)) === 'processing');
    expect(await statusOf(SAMPLE_PAYMENT_ID)).toBe('succeeded');
    expect(projection.state().stoppedBy).toBeUndefined();
  });
});
