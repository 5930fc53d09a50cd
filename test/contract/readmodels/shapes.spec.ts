import type { PspName } from '@tender/domain';
import type { ReadStore } from '@tender/readmodels';
import {
  Checkpoints,
  DisputesModel,
  Heartbeats,
  Leases,
  OpenFlowsModel,
  ParkedNoticesModel,
  PaymentStatusModel,
  RefundStatusModel,
} from '@tender/readmodels';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chanceOf, history, interleaved } from './histories';
import { openEmbedded } from './open-server';
import { refundHistory } from './refund-histories';

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
