import { MAX_PAGE_SIZE, ParkedNoticesModel, type StoredParkedNotice } from '@tender/readmodels';
import type { OpenServer } from './open-server';

const notice = (name: string, second: number): StoredParkedNotice => ({
  stream: `webhook-stripe_${name}`,
  psp: 'stripe',
  because: 'no_refund',
  since: new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString(),
});

export function parkedNotices(opened: () => OpenServer): void {
  const open = async (): Promise<ParkedNoticesModel> => {
    const model = new ParkedNoticesModel(await opened().freshStore());
    await model.ensureIndexes();
    return model;
  };

  describe('parked notices', () => {
    it('wait once each, however often they are parked, until they are released', async () => {
      const model = await open();
      const one = notice('a', 1);
      await Promise.all([model.park(one), model.park(one), model.park(one)]);
      expect(await model.list({ limit: 10 })).toEqual([one]);
      await model.release(one.stream);
      await model.release(one.stream);
      expect(await model.list({ limit: 10 })).toEqual([]);
    });

    it('are listed page by page, the oldest first, none twice and none left out', async () => {
      const model = await open();
      // two of one second: their streams order them
      const all = [notice('b', 1), notice('a', 2), notice('c', 2), notice('d', 3)];
      for (const one of all.toReversed()) await model.park(one);
      const listed: StoredParkedNotice[] = [];
      for (let after: StoredParkedNotice | undefined; ;) {
        const page = await model.list({ limit: 1, ...(after !== undefined && { after }) });
        listed.push(...page);
        after = page.at(-1);
        if (after === undefined) break;
      }
      expect(listed).toEqual(all);
    });

    it('have pages of a limited size', async () => {
      const model = await open();
      await expect(model.list({ limit: MAX_PAGE_SIZE })).resolves.toEqual([]);
      await expect(model.list({ limit: MAX_PAGE_SIZE + 1 })).rejects.toThrow(RangeError);
      await expect(model.list({ limit: 0 })).rejects.toThrow(RangeError);
    });

    it('know which of their indexes are missing', async () => {
      const model = new ParkedNoticesModel(await opened().freshStore());
      expect(await model.missingIndexes()).toEqual(['oldest']);
      await model.ensureIndexes();
      expect(await model.missingIndexes()).toEqual([]);
    });
  });
}
