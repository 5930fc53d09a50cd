import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_CATALOG, paymentIdOf, refundIdOf } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import {
  catchUp,
  paymentCommands,
  paymentStream,
  refundCommands,
  refundStream,
  systemClock,
  type Clock,
  type ReaderProblem,
} from '@tender/engine';
import { createCodec, createMemoryEventLog, type MemoryEventLog } from '@tender/eventstore';
import {
  Checkpoints,
  connectReadStore,
  documentsRebuild,
  PAYMENT_DOCUMENTS,
  PaymentStatusModel,
  ProjectionGap,
  REFUND_DOCUMENTS,
  RefundStatusModel,
  type DocumentModel,
  type ReadStore,
} from '@tender/readmodels';
import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  refunded,
  refundReply,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
} from '@tender/testing';
import { projectDocuments } from './document-projection';
import type { ProjectionForEver } from './project-for-ever';

/** Pauses are short: what is tested is that they end. */
const SHORT_MS = 20;
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, SHORT_MS), run) };

const dir = mkdtempSync(join(tmpdir(), 'tender-status-projection-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
let log: MemoryEventLog;
let projection: ProjectionForEver;
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

/** What happens to one payment, or to one refund, and how its document says that it stands. */
interface Story {
  readonly documents: DocumentModel;
  readonly id: string;
  readonly another: string;
  readonly begin: (id: string) => Promise<unknown>;
  readonly begun: string;
  readonly end: (id: string) => Promise<unknown>;
  readonly ended: string;
  readonly statusOf: (id: string, collection?: string) => Promise<string | undefined>;
}

const payments: Story = {
  documents: PAYMENT_DOCUMENTS,
  id: SAMPLE_PAYMENT_ID,
  another: paymentIdOf('demo', 'after the hole'),
  begin: (paymentId) =>
    paymentCommands({ log, clock: systemClock, chance }).handle(
      paymentStream(paymentId),
      initiate({ paymentId }),
      context(),
    ),
  begun: 'processing',
  end: (paymentId) =>
    paymentCommands({ log, clock: systemClock, chance }).handle(
      paymentStream(paymentId),
      recordOutcome(outcomes.captured),
      context(),
    ),
  ended: 'succeeded',
  async statusOf(id, collection) {
    const model = new PaymentStatusModel(store, collection === undefined ? {} : { collection });
    return (await model.get(id))?.payment.status;
  },
};

const refunds: Story = {
  documents: REFUND_DOCUMENTS,
  id: sampleRefundId(),
  another: refundIdOf('demo', SAMPLE_PAYMENT_ID, 'after the hole'),
  begin: (refundId) =>
    refundCommands({ log, clock: systemClock, chance }).handle(
      refundStream(refundId),
      initiateRefund({ refundId }),
      context(),
    ),
  begun: 'started',
  end: (refundId) =>
    refundCommands({ log, clock: systemClock, chance }).handle(
      refundStream(refundId),
      refundReply(refunded()),
      context(),
    ),
  ended: 'succeeded',
  async statusOf(id, collection) {
    const model = new RefundStatusModel(store, collection === undefined ? {} : { collection });
    return (await model.getMany([id])).get(id)?.refund.status;
  },
};

const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await isSo())) await new Promise((wake) => setTimeout(wake, SHORT_MS));
};

describe.each([payments, refunds])('the projection of $documents.name', (story) => {
  const { documents, id, another, begin, begun, end, ended, statusOf } = story;

  beforeEach(() => {
    const checkpoints = new Checkpoints(store);
    const report = (problem: ReaderProblem): unknown => problems.push(problem);
    projection = projectDocuments({ documents, store, log, checkpoints, clock: hurried, report });
  });

  it('goes on in the documents that became live', async () => {
    await begin(id);
    await until(async () => (await statusOf(id)) === begun);
    const rebuilt = await documentsRebuild(store, documents);
    await rebuilt.prepare();
    await catchUp(log, rebuilt, () => undefined);
    await rebuilt.makeLive();
    await end(id);
    await until(async () => (await statusOf(id, rebuilt.version)) === ended);
    expect(await statusOf(id, rebuilt.live)).toBe(begun);
    expect(await statusOf(id)).toBe(ended);
  });

  it('stops at a hole without ending, says why, and goes on when the documents were made again', async () => {
    await begin(id);
    await until(async () => (await statusOf(id)) === begun);
    await store.db.collection(documents.form).drop();
    await end(id);
    await until(() => projection.state().stoppedBy !== undefined);
    expect(projection.state().stoppedBy).toContain('ProjectionGap');
    expect(problems.some(({ error }) => error instanceof ProjectionGap)).toBe(true);
    const rebuilt = await documentsRebuild(store, documents);
    await rebuilt.prepare();
    await catchUp(log, rebuilt, () => undefined);
    await rebuilt.makeLive();
    await begin(another);
    await until(async () => (await statusOf(another)) === begun);
    expect(await statusOf(id)).toBe(ended);
    expect(projection.state().stoppedBy).toBeUndefined();
  });
});
