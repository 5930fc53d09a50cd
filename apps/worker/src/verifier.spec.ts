import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { book, EVENT_CATALOG } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import {
  LEDGER_PREFIXES,
  paymentCommands,
  paymentStream,
  refundCommands,
  refundStream,
  systemClock,
  webhookCommands,
  webhookStream,
  type Clock,
  type LeasedWork,
} from '@tender/engine';
import { createCodec, createMemoryEventLog, type MemoryEventLog } from '@tender/eventstore';
import { liveModels, ModelsSwitched, verificationOf } from '@tender/nest';
import {
  Checkpoints,
  connectReadStore,
  DocumentVersions,
  FIRST_LEDGER_VERSION,
  ledgerCollections,
  LedgerModels,
  LedgerProjector,
  PARKED_NOTICES,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  type ReadStore,
} from '@tender/readmodels';
import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
} from '@tender/testing';
import pino from 'pino';
import { Registry } from 'prom-client';
import { verifyContinuously, type VerifierDeps } from './verifier';
import { verifierMetrics, type VerifierMetrics } from './verifier-metrics';

const dir = mkdtempSync(join(tmpdir(), 'tender-verifier-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
let log: MemoryEventLog;
let registry: Registry;
let logged: string[];
let verifier: LeasedWork | undefined;
let databases = 0;

beforeAll(async () => {
  server = await startMongo({ dir, durable: false });
});
beforeEach(async () => {
  const database = `verifier_${(databases += 1)}`;
  store = await connectReadStore({ uri: server.uri, database, appName: 'verifier' });
  log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  registry = new Registry();
  logged = [];
  await projectedPayment();
});
afterEach(async () => {
  await verifier?.stop();
  await store.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** One captured payment, and a refund, in the log, in the documents and in the books. */
async function projectedPayment(): Promise<void> {
  const chance = seededChance(1);
  const commands = paymentCommands({ log, clock: systemClock, chance });
  const context = () => ({ commandId: chance.uuid(), correlationId: 'c', causationId: 'c', actor: 'test' });
  for (const command of [initiate(), recordOutcome(outcomes.captured)])
    await commands.handle(paymentStream(SAMPLE_PAYMENT_ID), command, context());
  const refunds = refundCommands({ log, clock: systemClock, chance });
  await refunds.handle(refundStream(sampleRefundId()), initiateRefund(), context());
  const { events, position } = await log.readAll({
    after: 'start',
    prefixes: LEDGER_PREFIXES,
    maxCount: 100,
  });
  for (const { form, writer } of [PAYMENT_DOCUMENTS, REFUND_DOCUMENTS]) {
    await writer(store, form).apply(events);
    await new Checkpoints(store).save(form, position ?? { commit: 0n, prepare: 0n });
  }
  const projector = new LedgerProjector({ store, version: FIRST_LEDGER_VERSION, book });
  await projector.prepare();
  await projector.apply(events);
}

/** Pauses are short: what is tested is that they end. */
const SHORT_MS = 20;
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, SHORT_MS), run) };

/** Until the first walk has come to its end. */
async function walked(over: VerifierDeps['log'] = log): Promise<void> {
  const passed = new Promise<void>((resolve) => {
    const metrics = verifierMetrics(registry);
    const told: VerifierMetrics = {
      ...metrics,
      passed: () => {
        metrics.passed();
        resolve();
      },
    };
    const logger = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
    verifier = verifyContinuously({ log: over, store, clock: hurried, logger, metrics: told, share: 1 });
  });
  await passed;
}

async function counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {};
  const rows = values.filter((row) =>
    Object.entries(labels).every(([label, value]) => row.labels[label] === value),
  );
  return rows.reduce((sum, { value }) => sum + value, 0);
}

const edited = (): Promise<unknown> =>
  ledgerCollections(store, FIRST_LEDGER_VERSION).journals.updateOne(
    { seq: 1n },
    { $set: { 'lines.0.amountMinor': 1098n } },
  );

describe('the continuous check', () => {
  it('tells of a walk that found nothing, and stops nobody', async () => {
    await walked();
    expect(await counted('tender_verify_events_total', {})).toBe(6);
    expect(await counted('tender_verify_divergences_total', {})).toBe(0);
    expect(await counted('tender_verify_passes_total', {})).toBe(1);
    expect((await new LedgerModels(store).pointer()).halted).toBeUndefined();
    expect(logged).toStrictEqual([]);
  });

  it('begins again when it was cut off, and tells of it', async () => {
    let answers = false;
    await walked({
      readStream: (stream) => log.readStream(stream),
      subscribe: (options) => log.subscribe(options),
      streamRules: (stream) => log.streamRules(stream),
      inspectAll(options) {
        if (answers) return log.inspectAll(options);
        answers = true;
        return Promise.reject(new Error('no page'));
      },
    });
    expect(await counted('tender_verify_failures_total', {})).toBe(1);
    expect(await counted('tender_verify_passes_total', {})).toBe(1);
    expect(logged.join('')).toContain('no page');
  });

  it('names what is wrong with notices, and stops nobody: they post nothing', async () => {
    const stream = webhookStream('stripe', 'evt_1');
    const context = { commandId: 'n', correlationId: 'c', causationId: 'c', actor: 'test' };
    const notices = webhookCommands({ log, clock: systemClock, chance: seededChance(2) });
    const data = { psp: 'stripe', noticeId: 'evt_1', fields: {}, bodySha256: '00' } as const;
    await notices.handle(stream, { type: 'ReceiveNotice', data }, context);
    const aside = { as: 'parked', because: 'no_payment' } as const;
    await notices.handle(stream, { type: 'SetNoticeAside', data: aside }, { ...context, commandId: 'a' });
    // somebody told the store to forget it, too
    await walked({
      readStream: (of) => log.readStream(of),
      subscribe: (options) => log.subscribe(options),
      streamRules: () => Promise.resolve({ maxAgeS: 1, maxCount: undefined, truncateBefore: undefined }),
      async inspectAll(options) {
        const page = await log.inspectAll(options);
        const position = page.position ?? { commit: 0n, prepare: 0n };
        return { ...page, records: [...page.records, { kind: 'rules_changed', stream, position }] };
      },
    });
    for (const labels of [
      { where: PARKED_NOTICES, kind: 'missing' },
      { where: 'streams', kind: 'forbidden_metadata' },
    ])
      expect(await counted('tender_verify_divergences_total', labels)).toBe(1);
    expect((await new LedgerModels(store).pointer()).halted).toBeUndefined();
    expect(logged.join('')).toContain(stream);
  });

  it('halts the books on a difference in them, and says where it is', async () => {
    await edited();
    await walked();
    expect(await counted('tender_verify_divergences_total', { where: 'ledger', kind: 'different' })).toBe(1);
    const { halted } = await new LedgerModels(store).pointer();
    expect(halted?.reason).toMatch(
      /^ledger different .*:1, journal 1 lines.0.amountMinor: expected 1099, found 1098$/,
    );
    expect(logged.join('')).toContain('tender ledger resume');
  });

  it.each([
    { documents: PAYMENT_DOCUMENTS, id: SAMPLE_PAYMENT_ID },
    { documents: REFUND_DOCUMENTS, id: sampleRefundId() },
  ])(
    'counts and logs a wrong document, and lets the books go on: $documents.name',
    async ({ documents, id }) => {
      const { name, form } = documents;
      await store.db.collection<{ _id: string }>(form).updateOne({ _id: id }, { $set: { note: 'by hand' } });
      await walked();
      const labels = { where: name, kind: 'different' };
      expect(await counted('tender_verify_divergences_total', labels)).toBe(1);
      expect((await new LedgerModels(store).pointer()).halted).toBeUndefined();
      expect(logged.join('')).toContain(id);
    },
  );

  it.each(['ledger', PAYMENT_DOCUMENTS.form, REFUND_DOCUMENTS.form, PARKED_NOTICES])(
    'says nothing of a %s that was switched and dropped while it walked',
    async (which) => {
      await edited();
      const found: unknown[] = [];
      const models = await liveModels(store);
      const verification = verificationOf({
        log,
        readStore: store,
        models,
        report: (one) => found.push(one),
      });
      if (which === 'ledger') await new LedgerModels(store).switchLive(FIRST_LEDGER_VERSION, 'v2');
      else await new DocumentVersions(store, which).switchLive(which, `${which}_r1`);
      await expect(verification.nextPage()).rejects.toThrow(ModelsSwitched);
      expect(found).toStrictEqual([]);
    },
  );
});
