import type { ProjectedEvent, ReadStore } from '@tender/readmodels';
import { PAYMENT_STATUS, PaymentStatusModel, ProjectionGap } from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf, history, interleaved } from './histories';
import type { History } from './histories';
import type { OpenServer } from './open-server';

/** Correctness rests on the guard in each write, never on a lease: any number of projectors leave the same bytes. */
export function competingProjectors(opened: () => OpenServer): void {
  describe('two projectors of one log', () => {
    it.each([1, 2, 3])('leave the documents that one leaves (seed %i)', async (seed) => {
      const { log, alone } = await projectedAlone(opened(), seed);
      const store = await opened().freshStore('left');
      const other = await opened().connectAlike(store, 'right');
      await new PaymentStatusModel(store).ensureIndexes();
      await Promise.all([deliver(store, log, chanceOf(seed)), deliver(other, log, chanceOf(seed + 100))]);
      expect(await documents(store)).toEqual(alone);
    });

    it('agree when one stalls with old states in memory and then goes on', async () => {
      const { log, alone, histories } = await projectedAlone(opened(), 4);
      const store = await opened().freshStore();
      const [stalled, other] = [new PaymentStatusModel(store), new PaymentStatusModel(store)];
      const early = histories.flatMap(({ events }) => events.slice(0, 2));
      await stalled.apply(early);
      await other.apply(log);
      await stalled.apply(log);
      expect(await documents(store)).toEqual(alone);
    });

    it('agree when one goes on from where the other came to', async () => {
      const { alone, histories } = await projectedAlone(opened(), 5);
      const store = await opened().freshStore();
      const [first, other] = [new PaymentStatusModel(store), new PaymentStatusModel(store)];
      const cut = (from: number, to?: number) => histories.flatMap(({ events }) => events.slice(from, to));
      await first.apply(cut(0, 2));
      await other.apply(cut(0, 4));
      await first.apply(cut(4));
      expect(await documents(store)).toEqual(alone);
    });
  });
}

/** What an undisturbed projector makes of a seeded log, as bytes. */
export async function projectedAlone(server: OpenServer, seed: number) {
  const histories: History[] = fc.sample(history(), { numRuns: 40, seed });
  const log = interleaved(histories, chanceOf(seed));
  const store = await server.freshStore();
  await new PaymentStatusModel(store).apply(log);
  return { log, histories, alone: await documents(store) };
}

/** The bytes of every document, in the order of ids. */
export async function documents(store: ReadStore): Promise<readonly string[]> {
  const raw = await store.db
    .collection(PAYMENT_STATUS)
    .find({}, { raw: true, sort: { _id: 1 }, batchSize: 1000 })
    .toArray();
  return raw.map((bytes) => (bytes as unknown as Buffer).toString('hex'));
}

/** A batch that keeps failing this often is not bad luck. */
const MAX_DELIVERIES = 200;

/** At least once, as a subscription does it: any cut, anything again, and a failed batch until it succeeds. */
export async function deliver(
  store: ReadStore,
  log: readonly ProjectedEvent[],
  chance: () => number,
): Promise<{ failures: number }> {
  const model = new PaymentStatusModel(store, { recentPayments: 20 });
  let failures = 0;
  for (let from = 0; from < log.length;) {
    const to = from + 1 + Math.floor(chance() * 25);
    const again = chance() < 0.2 ? Math.floor(chance() * 30) : 0;
    for (;;) {
      try {
        await model.apply(log.slice(Math.max(0, from - again), to));
        break;
      } catch (failure) {
        failures += 1;
        if (failure instanceof ProjectionGap || failures > MAX_DELIVERIES) throw failure;
      }
    }
    from = to;
  }
  return { failures };
}
