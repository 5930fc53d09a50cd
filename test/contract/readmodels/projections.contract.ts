import { PaymentStatusModel, ProjectionGap } from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf, foldedPayment, history, interleaved } from './histories';
import type { OpenServer } from './open-server';

/** What a projector may rely on whatever the log does: redelivery, cuts anywhere, a restart with an empty memory. */
export function projections(opened: () => OpenServer): void {
  describe('payment status', () => {
    it('gives back the payment that its events fold to', async () => {
      const model = await readyModel(opened());
      await fc.assert(
        fc.asyncProperty(fc.array(history(), { minLength: 1, maxLength: 12 }), async (histories) => {
          await model.apply(histories.flatMap(({ events }) => events));
          for (const one of histories) {
            expect(await model.get(one.id)).toStrictEqual({
              payment: foldedPayment(one),
              revision: one.events.at(-1)?.revision,
            });
          }
        }),
        { numRuns: 40 },
      );
    });

    it('is the same wherever batches end and whatever comes again', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(history(), { minLength: 1, maxLength: 8 }),
          fc.nat(),
          fc.constantFrom(1, 3, 10_000),
          async (histories, seed, recentPayments) => {
            const chance = chanceOf(seed);
            const store = await opened().freshStore();
            let model = new PaymentStatusModel(store, { recentPayments });
            const log = interleaved(histories, chance);
            for (let from = 0; from < log.length;) {
              const to = from + 1 + Math.floor(chance() * 6);
              await model.apply(log.slice(from, to));
              if (chance() < 0.3) await model.apply(log.slice(Math.max(0, to - 9), to));
              if (chance() < 0.1) model = new PaymentStatusModel(store, { recentPayments });
              from = to;
            }
            await model.apply(log);
            const found = await model.getMany(histories.map(({ id }) => id));
            for (const one of histories) {
              expect(found.get(one.id)?.payment).toStrictEqual(foldedPayment(one));
            }
          },
        ),
        { numRuns: 15 },
      );
    });

    it('stops at a gap and writes nothing of that batch', async () => {
      const model = await readyModel(opened());
      const [whole, torn] = fc.sample(
        history().filter(({ events }) => events.length > 3),
        2,
      );
      if (whole === undefined || torn === undefined) throw new Error('two histories');
      const before = torn.events.slice(0, 2);
      const rest = torn.events.slice(3);
      await expect(model.apply([...whole.events, ...before, ...rest])).rejects.toThrow(ProjectionGap);
      expect(await model.get(whole.id)).toBeUndefined();
      await model.apply([...whole.events, ...before]);
      await expect(model.apply(rest)).rejects.toThrow(new ProjectionGap(torn.stream, 1n, 3n));
      expect((await model.get(torn.id))?.revision).toBe(1n);
    });

    it('does not know a payment that never was', async () => {
      const model = await readyModel(opened());
      expect(await model.get('0b1c2d3e-4f50-5162-8374-95a6b7c8d9e0')).toBeUndefined();
      expect((await model.getMany([])).size).toBe(0);
    });

    it('names its missing indexes until they are made, and makes them twice without harm', async () => {
      const model = new PaymentStatusModel(await opened().freshStore());
      expect(await model.missingIndexes()).toHaveLength(6);
      await model.ensureIndexes();
      await model.ensureIndexes();
      expect(await model.missingIndexes()).toEqual([]);
    });
  });
}

async function readyModel(server: OpenServer): Promise<PaymentStatusModel> {
  const model = new PaymentStatusModel(await server.freshStore());
  await model.ensureIndexes();
  return model;
}
