import { isOpenRefund } from '@tender/domain';
import {
  MAX_PAGE_SIZE,
  OpenFlowsModel,
  ProjectionGap,
  RefundStatusModel,
  type ReadStore,
} from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf, interleaved } from './histories';
import type { OpenServer } from './open-server';
import { foldedRefund, givenTwice, refundHistory, type RefundHistory } from './refund-histories';

const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** As of payments: whatever the log does, the documents are what the events fold to. */
export function refunds(opened: () => OpenServer): void {
  const ready = async (): Promise<{ store: ReadStore; model: RefundStatusModel }> => {
    const store = await opened().freshStore();
    const model = new RefundStatusModel(store);
    await model.ensureIndexes();
    return { store, model };
  };
  const histories = fc.uniqueArray(refundHistory(), {
    minLength: 1,
    maxLength: 8,
    selector: ({ id }) => id,
  });

  describe('refund status', () => {
    it('is the same wherever batches end, whatever comes again, and however many project', async () => {
      await fc.assert(
        fc.asyncProperty(histories, fc.nat(), async (some, seed) => {
          const chance = chanceOf(seed);
          const { store, model } = await ready();
          const other = new RefundStatusModel(store);
          const log = interleaved(some, chance);
          for (let from = 0; from < log.length;) {
            const to = from + 1 + Math.floor(chance() * 6);
            const batch = log.slice(from, to);
            await Promise.all([model.apply(batch), chance() < 0.5 ? other.apply(batch) : undefined]);
            if (chance() < 0.3) await other.apply(log.slice(Math.max(0, to - 9), to));
            from = to;
          }
          await other.apply(log);
          await expectFolds(model, some);
        }),
        { numRuns: 15 },
      );
    });

    it('stops at a gap and writes nothing of that batch', async () => {
      const { model } = await ready();
      const [one] = fc.sample(
        refundHistory().filter(({ events }) => events.length > 3),
        1,
      );
      if (one === undefined) throw new Error('one history');
      const torn = one.events.filter((_, at) => at !== 1);
      await expect(model.apply(torn)).rejects.toThrow(ProjectionGap);
      expect((await model.getMany([one.id])).size).toBe(0);
    });

    it('knows the indexes that it lacks', async () => {
      const model = new RefundStatusModel(await opened().freshStore());
      expect(await model.missingIndexes()).toEqual(['open_flows']);
      await model.ensureIndexes();
      expect(await model.missingIndexes()).toEqual([]);
    });
  });

  describe('open flows of refunds', () => {
    it('are exactly those that a timer or a person has to bring on', async () => {
      const { store, model } = await ready();
      const some = [givenTwice(), ...fc.sample(refundHistory(), { numRuns: 90, seed: 11 })];
      await model.apply(interleaved(some, chanceOf(11)));
      const flows = new OpenFlowsModel(store, 'refunds');
      const listed = await flows.list({ limit: MAX_PAGE_SIZE, dueBefore: END_OF_TIME });
      const open = some.filter((one) => isWaiting(one));
      expect(listed.map(({ stream }) => stream).sort()).toEqual(open.map(({ stream }) => stream).sort());
      expect([...new Set(listed.map(({ kind }) => kind))].sort()).toEqual([
        'refund_given_twice',
        'refund_open',
        'refund_owed',
      ]);
    });
  });
}

async function expectFolds(model: RefundStatusModel, some: readonly RefundHistory[]): Promise<void> {
  const found = await model.getMany(some.map(({ id }) => id));
  for (const one of some) {
    expect(found.get(one.id)).toStrictEqual({
      refund: foldedRefund(one),
      revision: one.events.at(-1)?.revision,
    });
  }
}

function isWaiting(history: RefundHistory): boolean {
  const refund = foldedRefund(history);
  if (refund === null) return false;
  if (isOpenRefund(refund)) return refund.tries.at(-1)?.search !== null;
  return (refund.status === 'failed' && refund.owed) || refund.givenTwice.length > 0;
}
