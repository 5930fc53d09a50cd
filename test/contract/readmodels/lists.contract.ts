import type { Payment, PaymentEvent, PspName } from '@tender/domain';
import { attemptIdOf, paymentIdOf } from '@tender/domain';
import type { PaymentQuery } from '@tender/readmodels';
import { InvalidCursor, MAX_PAGE_SIZE, PaymentStatusModel } from '@tender/readmodels';
import { sampleInitiated, sampleStarted } from '@tender/testing';
import type { History } from './histories';
import { chanceOf, foldedPayment, recorded } from './histories';
import type { OpenServer } from './open-server';
import { STRICT_SCAN_DOCUMENTS } from './open-server';

const START_MS = Date.parse('2026-03-01T12:00:00.000Z');
const PAYMENTS = STRICT_SCAN_DOCUMENTS + 200;

/** Pages against a plain model of the same rules, with more payments than an unindexed query may look at. */
export function lists(opened: () => OpenServer): void {
  describe('a list of payments', () => {
    const histories = manyHistories('base', PAYMENTS, 3);
    const payments = histories.map(foldedPayment);
    let model: PaymentStatusModel;

    beforeAll(async () => {
      model = new PaymentStatusModel(await opened().freshStore());
      await model.ensureIndexes();
      await model.apply(histories.flatMap(({ events }) => events));
    });

    const createdAfter = new Date(START_MS + 20);
    const createdBefore = new Date(START_MS + 60);
    const queries: [string, Omit<PaymentQuery, 'limit'>][] = [
      ['a merchant', { merchant: 'm_0' }],
      ['a status', { merchant: 'm_0', status: 'failed' }],
      ['a status that none has', { merchant: 'm_0', status: 'canceled' }],
      ['a PSP', { merchant: 'm_1', psp: 'adyen' }],
      ['a customer', { merchant: 'm_0', customerId: 'c_3' }],
      ['a time after', { merchant: 'm_0', createdAfter }],
      ['a time before', { merchant: 'm_0', createdBefore }],
      ['a span', { merchant: 'm_0', createdAfter, createdBefore }],
      [
        'everything at once',
        {
          merchant: 'm_0',
          status: 'processing',
          psp: 'stripe',
          customerId: 'c_1',
          createdAfter,
          createdBefore,
        },
      ],
      ['a merchant without payments', { merchant: 'nobody' }],
    ];

    it.each(queries)('by %s is complete, in order and without repeats', async (_, query) => {
      const expected = payments.filter((payment) => matches(payment, query)).sort(newestFirst);
      const listed = await listAll(model, { ...query, limit: 37 });
      expect(listed).toEqual(expected.map(({ id }) => id));
    });

    it('holds what get would give', async () => {
      const { items } = await model.list({ merchant: 'm_0', limit: 3 });
      for (const item of items) expect(item).toStrictEqual(await model.get(item.payment.id));
    });

    it('has no next page when the last one is just full', async () => {
      const all = payments.filter(({ merchant }) => merchant === 'm_few').length;
      expect((await model.list({ merchant: 'm_few', limit: all })).next).toBeUndefined();
      expect((await model.list({ merchant: 'm_few', limit: all - 1 })).next).toBeDefined();
    });

    it('keeps its pages while newer payments come in', async () => {
      const first = await model.list({ merchant: 'm_2', limit: 20 });
      const later = manyHistories('later', 30, 1, 'm_2', START_MS + 10_000);
      await model.apply(later.flatMap(({ events }) => events));
      const rest = await listAll(model, { merchant: 'm_2', limit: 20, cursor: first.next ?? '' });
      const expected = payments.filter(({ merchant }) => merchant === 'm_2').sort(newestFirst);
      expect([...first.items.map(({ payment }) => payment.id), ...rest]).toEqual(
        expected.map(({ id }) => id),
      );
    });

    it.each([0, MAX_PAGE_SIZE + 1, 1.5, NaN])('refuses a page of %s', async (limit) => {
      await expect(model.list({ merchant: 'm_0', limit })).rejects.toThrow(RangeError);
    });

    it('takes the largest page', async () => {
      expect((await model.list({ merchant: 'm_0', limit: MAX_PAGE_SIZE })).items).toHaveLength(MAX_PAGE_SIZE);
    });

    it('refuses a cursor that it did not give', async () => {
      await expect(model.list({ merchant: 'm_0', limit: 1, cursor: 'x' })).rejects.toThrow(InvalidCursor);
    });

    it('refuses an undefined merchant instead of showing everybody', async () => {
      const query = { merchant: undefined, limit: 1 } as unknown as PaymentQuery;
      await expect(model.list(query)).rejects.toThrow('undefined in a filter');
    });
  });
}

/** Many to a millisecond, so that pages end among payments of the same time. */
function manyHistories(
  batch: string,
  count: number,
  merchants: number,
  merchant?: string,
  startMs = START_MS,
): History[] {
  const chance = chanceOf(11);
  const pick = <T>(first: T, ...others: readonly T[]): T =>
    others[Math.floor(chance() * (others.length + 1))] ?? first;
  return Array.from({ length: count }, (_, index) => {
    const paymentId = paymentIdOf(batch, String(index));
    const psp = pick<PspName>('stripe', 'stripe', 'stripe', 'adyen');
    const owner = merchant ?? (index < 5 ? 'm_few' : `m_${index % merchants}`);
    const freeText = {
      customerId: chance() < 0.2 ? null : pick('c_1', 'c_2', 'c_3'),
      description: null,
      metadata: [],
    };
    const events: PaymentEvent[] = [
      { type: 'PaymentInitiated', data: sampleInitiated({ paymentId, merchant: owner, freeText }) },
    ];
    const attemptId = attemptIdOf(paymentId, 1);
    if (chance() < 0.9) events.push({ type: 'AttemptStarted', data: sampleStarted({ attemptId, psp }) });
    if (chance() < 0.3) {
      events.push({ type: 'PaymentFailed', data: { code: 'x', category: 'hard_decline', message: '' } });
    }
    return recorded(paymentId, events, startMs + Math.floor(chance() * 100));
  });
}

const matches = (payment: Payment, query: Omit<PaymentQuery, 'limit'>): boolean =>
  payment.merchant === query.merchant &&
  (query.status === undefined || payment.status === query.status) &&
  (query.psp === undefined || payment.attempts.at(-1)?.psp === query.psp) &&
  (query.customerId === undefined || payment.freeText.customerId === query.customerId) &&
  (query.createdAfter === undefined || new Date(payment.createdAt) > query.createdAfter) &&
  (query.createdBefore === undefined || new Date(payment.createdAt) < query.createdBefore);

const newestFirst = (a: Payment, b: Payment): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1;

async function listAll(model: PaymentStatusModel, query: PaymentQuery): Promise<string[]> {
  const ids: string[] = [];
  let page = await model.list(query);
  for (;;) {
    ids.push(...page.items.map(({ payment }) => payment.id));
    if (page.next === undefined) return ids;
    page = await model.list({ ...query, cursor: page.next });
  }
}
