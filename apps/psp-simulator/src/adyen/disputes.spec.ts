import { DISPUTED_BY } from './disputed-by.fixture';
import { Driven, MANUAL, type SentItem } from './driven-by-sdk';
import { DEFAULT_MERCHANT_ACCOUNT } from './server';
import { RESULTS_AFTER_MS } from '../results-after.fixture';

let driven: Driven;
beforeAll(async () => {
  driven = await Driven.start();
});
beforeEach(() => driven.control('POST', 'reset'));
afterAll(() => driven.simulator.stop());

const steps = async (count: number) => {
  for (let n = 0; n < count; n += 1) await driven.advance(RESULTS_AFTER_MS);
};
const disputeRows = async () => (await driven.truth()).filter(({ kind }) => kind === 'dispute');
const itemsOfDispute = async (): Promise<readonly SentItem[]> =>
  (await driven.outbox())
    .map(({ item }) => item)
    .filter(({ eventCode }) => Object.values(DISPUTED_BY).flat().includes(eventCode));

/** Refunds all that is left; whether that is possible is told later. */
async function refundOfAll(pspReference: string): Promise<string> {
  const amount = { currency: 'EUR', value: 1099 };
  await driven.modifications.refundCapturedPayment(pspReference, {
    merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
    amount,
  });
  const told = (await driven.outbox()).map(({ item }) => item);
  return told.findLast(({ eventCode }) => eventCode === 'REFUND')?.success ?? '';
}

it.each(Object.entries(DISPUTED_BY))(
  '%s is disputed step by step, under one reference',
  async (card, codes) => {
    const { pspReference } = await driven.pay('k', {}, card);
    const items = await itemsOfDispute();
    expect(items.map(({ eventCode }) => eventCode)).toEqual(codes);
    for (const item of items) {
      expect(item).toMatchObject({
        success: 'true',
        pspReference: items[0]?.pspReference,
        originalReference: pspReference,
        merchantReference: 'att_k',
        amount: { currency: 'EUR', value: 1099 },
        additionalData: { chargebackReasonCode: '10.4', defendable: 'true' },
      });
    }
  },
);

it.each([
  ['card_inquiry', 'pending'],
  ['card_chargeback', 'pending'],
  ['card_chargeback_won', 'failed'],
  ['card_chargeback_lost', 'succeeded'],
  ['card_chargeback_undefended', 'succeeded'],
])('%s in truth: the buyer’s claim is %s in the end', async (card, status) => {
  await driven.pay('k', {}, card);
  expect(await disputeRows()).toEqual([]);
  await steps(2);
  expect(await disputeRows()).toMatchObject([{ our_reference: 'att_k', amount: 1099, status: 'pending' }]);
  await steps(4);
  expect(await disputeRows()).toMatchObject([{ status }]);
});

it.each([
  ['before the money is taken back', 'card_chargeback', 2, 'true'],
  ['after it', 'card_chargeback', 3, 'false'],
  ['once it is put back', 'card_chargeback_won', 4, 'true'],
  ['when it is taken again', 'card_chargeback_lost', 5, 'false'],
  ['during an inquiry', 'card_inquiry', 5, 'true'],
])('what is disputed cannot be refunded, too: %s', async (_name, card, count, success) => {
  const { pspReference } = await driven.pay('k', {}, card);
  await steps(count);
  expect(await refundOfAll(pspReference!)).toBe(success);
});

it('of what was held, nothing is disputed before it is captured, and then what was captured', async () => {
  const { pspReference } = await driven.pay('k', MANUAL, 'card_chargeback');
  await steps(5);
  expect(await itemsOfDispute()).toEqual([]);
  await driven.modifications.captureAuthorisedPayment(pspReference!, {
    merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
    amount: { currency: 'EUR', value: 500 },
  });
  await steps(2);
  expect(await disputeRows()).toMatchObject([{ amount: 500, status: 'pending' }]);
});
