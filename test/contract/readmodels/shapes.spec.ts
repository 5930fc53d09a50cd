import { book, type PspName } from '@tender/domain';
import { catchUp, LEDGER_PREFIXES, WEBHOOK_PREFIX } from '@tender/engine';
import type { ReadStore } from '@tender/readmodels';
import {
  Checkpoints,
  DisputesModel,
  documentsRebuild,
  FIRST_LEDGER_VERSION,
  Heartbeats,
  Leases,
  LedgerBooks,
  ledgerCollections,
  LedgerModels,
  ledgerRebuild,
  LEDGER_START,
  OpenFlowsModel,
  ParkedNoticesModel,
  parkedNoticesRebuild,
  PAYMENT_DOCUMENTS,
  PaymentStatusModel,
  REFUND_DOCUMENTS,
  RefundStatusModel,
  SavedWalk,
} from '@tender/readmodels';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chanceOf, history, interleaved } from './histories';
import { newProjector, preparedProjector, seededLog } from './ledger-logs';
import { openEmbedded } from './open-server';
import { refundHistory } from './refund-histories';
import { noticeLog, parkedIn } from './notice-logs';
import { allOf, payableLog, projected, recordedLog, verified } from './verified-world';

const REVIEWED = join(__dirname, '../mongo-shapes.txt');

/**
 * Every command, operator and index that the read models use stands in a reviewed list: what is new to it is also new
 * to the embedded server and to whoever plans the indexes of the real one.
 */
describe('the shapes in which read models use their server', () => {
  it('are those of the reviewed list, mongo-shapes.txt', async () => {
    const server = await openEmbedded();
    try {
      await useEverything(await server.freshStore());
      await useChecks(await server.freshStore());
      const reviewed = readFileSync(REVIEWED, 'utf8').split('\n').filter(Boolean);
      expect([...server.shapes()].sort()).toEqual(reviewed.sort());
    } finally {
      await server.close();
    }
  });
});

async function useEverything(store: ReadStore): Promise<void> {
  const model = new PaymentStatusModel(store);
  const flows = new OpenFlowsModel(store);
  await model.ensureIndexes();
  await model.missingIndexes();
  const histories = fc.sample(history({ merchant: 'm' }), { numRuns: 60, seed: 5 });
  const log = interleaved(histories, chanceOf(5));
  for (let from = 0; from < log.length; from += 20) await model.apply(log.slice(from, from + 20));
  // nothing in memory: inserts that are refused, states that are read, guards that miss
  await new PaymentStatusModel(store).apply(log);
  await model.getMany(histories.map(({ id }) => id));
  await useLists(model);
  await useParked(new ParkedNoticesModel(store));
  await useRefundsAndDisputes(store);
  const dueBefore = '2100-01-01T00:00:00.000Z';
  for (const after of ['', '2026-03-01T12:00:00.005Z']) await flows.list({ limit: 10, dueBefore, after });
  const checkpoints = new Checkpoints(store);
  await checkpoints.save('status', { commit: 1n, prepare: 1n });
  await checkpoints.load('status');
  const heartbeats = new Heartbeats(store);
  await heartbeats.beat('worker');
  await heartbeats.ages('worker');
  await heartbeats.forget('worker');
  const leases = new Leases(store);
  const first = await leases.take('projector', await leases.find('projector'), 'a');
  if (first === undefined) throw new Error('nobody else wanted it');
  await leases.beat(first);
  await leases.take('projector', await leases.find('projector'), 'b');
  await leases.giveUp(first);
  await useLedger(store);
}

async function useLedger(store: ReadStore): Promise<void> {
  const log = seededLog(3, 30);
  const projector = await preparedProjector(store);
  await projector.load();
  for (let from = 0; from < log.length; from += 40) await projector.apply(log.slice(from, from + 40));
  // nothing in memory: heads and totals that are read
  await newProjector(store).apply(log);
  await projector.save('reader', { commit: 10_000n, prepare: 10_000n });
  const models = new LedgerModels(store);
  await models.halt('a checker found another result', new Date(0));
  await models.clearHalt();
  await models.switchLive(FIRST_LEDGER_VERSION, FIRST_LEDGER_VERSION);
  const books = new LedgerBooks(store);
  await books.missingIndexes();
  const { asOfSeq, accounts } = await books.accounts('m');
  const query = { ledger: 'm', layer: 'memo', currency: 'USD' } as const;
  const [seq, time] = [asOfSeq / 2n, new Date(log[50]?.metadata.recordedAt ?? 0)];
  for (const asOf of [{}, { asOf: { seq } }, { asOf: { time } }]) {
    await books.trialBalance({ ...query, ...asOf });
    await books.trialBalance({ ...query, ...asOf, effectiveAt: time });
  }
  for (const { account, currency } of accounts) {
    const page = await books.entries({ ledger: 'm', account, currency, limit: 2 });
    const [entry] = page.items;
    if (entry !== undefined)
      await books.entries({ ledger: 'm', account, currency, key: entry.key, limit: 2 });
    if (entry?.payment != null) await books.journalsOfPayment('m', entry.payment);
  }
  await books.exportManifest(await books.exportRange({ ledger: 'm' }));
}

async function useRefundsAndDisputes(store: ReadStore): Promise<void> {
  const model = new RefundStatusModel(store);
  await model.ensureIndexes();
  await model.missingIndexes();
  const histories = fc.sample(refundHistory(), { numRuns: 30, seed: 6 });
  const log = interleaved(histories, chanceOf(6));
  for (let from = 0; from < log.length; from += 10) await model.apply(log.slice(from, from + 10));
  await model.apply(log);
  const dueBefore = '2100-01-01T00:00:00.000Z';
  await new OpenFlowsModel(store, 'refunds').list({ limit: 10, dueBefore });
  const disputes = new DisputesModel(store);
  const { next } = await disputes.list({ merchant: 'm', limit: 1 });
  await disputes.list({ merchant: 'm', limit: 1, cursor: next ?? '' });
}

/** A memory of one, so that everything is looked up; then what is made again, and what is left of it. */
async function useChecks(store: ReadStore): Promise<void> {
  const notices = noticeLog(3);
  const log = await recordedLog([...notices.events, ...payableLog(3, 10)]);
  await projected(store, await allOf(log));
  await parkedIn(store, notices.waiting.slice(1));
  const extra = { debit: 1n, credit: 0n, seq: 1n };
  const ids = ['account|m|USD|1110', 'key|m|USD|1110|nobody', 'day|m|USD|1110|2026-03-01|2026-03-01'];
  await ledgerCollections(store, FIRST_LEDGER_VERSION).totals.insertMany(
    ids.map((id) => ({ _id: `${id}~`, ...extra })),
  );
  await verified(log, store, { pageEvents: 5, kept: 1 });
  const walk = new SavedWalk(store, FIRST_LEDGER_VERSION);
  await walk.save(LEDGER_START);
  await walk.load();
  await walk.clear();
  for (const rebuilt of [
    await ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book }),
    await documentsRebuild(store, PAYMENT_DOCUMENTS),
    await documentsRebuild(store, REFUND_DOCUMENTS),
    await parkedNoticesRebuild({
      store,
      prefix: WEBHOOK_PREFIX,
      readStream: (stream) => log.readStream(stream),
    }),
  ]) {
    await rebuilt.prepare();
    await catchUp(log, rebuilt, () => undefined);
    await rebuilt.compare();
    await rebuilt.makeLive();
    await rebuilt.drop('live_before');
  }
}

async function useLists(model: PaymentStatusModel): Promise<void> {
  const psp: PspName = 'stripe';
  const span = { createdAfter: new Date(0), createdBefore: new Date('2100-01-01T00:00:00.000Z') };
  for (const filter of [
    {},
    { status: 'succeeded' as const },
    { psp },
    { customerId: 'c' },
    { status: 'succeeded' as const, psp },
    { status: 'succeeded' as const, customerId: 'c' },
    { psp, customerId: 'c' },
    { status: 'succeeded' as const, psp, customerId: 'c' },
  ]) {
    for (const times of [{}, span]) {
      const { next } = await model.list({ merchant: 'm', limit: 1, ...filter, ...times });
      const cursor = next ?? (await model.list({ merchant: 'm', limit: 1 })).next ?? '';
      await model.list({ merchant: 'm', limit: 1, ...filter, ...times, cursor });
    }
  }
}

async function useParked(parked: ParkedNoticesModel): Promise<void> {
  await parked.ensureIndexes();
  await parked.missingIndexes();
  const notice = {
    stream: 'webhook-stripe_1',
    psp: 'stripe',
    because: 'no_payment',
    since: '2026-03-01',
  } as const;
  await parked.park(notice);
  await parked.list({ limit: 1 });
  await parked.list({ limit: 1, after: notice });
  await parked.release(notice.stream);
}
