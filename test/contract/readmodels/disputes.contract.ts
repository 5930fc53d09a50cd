import { DisputesModel, InvalidCursor, MAX_PAGE_SIZE, PaymentStatusModel } from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf, foldedPayment, history, interleaved } from './histories';
import type { OpenServer } from './open-server';

/** The list of disputes is a view of the payments that they stand in. */
export function disputes(opened: () => OpenServer): void {
  describe('disputes', () => {
    it('are listed once each, page by page, and none of another merchant', async () => {
      const store = await opened().freshStore();
      const [model, list] = [new PaymentStatusModel(store), new DisputesModel(store)];
      await model.ensureIndexes();
      const ours = fc.sample(history({ merchant: 'm' }), { numRuns: 60, seed: 3 });
      const theirs = fc.sample(history({ merchant: 'n' }), { numRuns: 20, seed: 4 });
      const log = interleaved([...ours, ...theirs], chanceOf(3));
      for (let from = 0; from < log.length; from += 25) await model.apply(log.slice(from, from + 25));
      const expected = ours.flatMap((one) => foldedPayment(one).disputes);
      expect(expected.length).toBeGreaterThan(10);
      for (const limit of [1, 3, MAX_PAGE_SIZE]) {
        const listed = await listAll(list, limit);
        expect(listed.map(({ dispute }) => dispute)).toEqual(expect.arrayContaining([...expected]));
        expect(listed.length).toBe(expected.length);
        const places = listed.map(({ dispute, paymentId }) => `${paymentId} ${dispute.id}`);
        expect(new Set(places).size).toBe(expected.length);
      }
    });

    it('refuse a cursor of another list, and a page of no size', async () => {
      const list = new DisputesModel(await opened().freshStore());
      await expect(list.list({ merchant: 'm', limit: 1, cursor: 'x' })).rejects.toThrow(InvalidCursor);
      for (const limit of [0, MAX_PAGE_SIZE + 1]) {
        await expect(list.list({ merchant: 'm', limit })).rejects.toThrow(RangeError);
      }
    });
  });
}

async function listAll(list: DisputesModel, limit: number) {
  const all = [];
  let cursor: string | undefined;
  do {
    const page = await list.list({ merchant: 'm', limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}
