import { randomUUID } from 'node:crypto';
import { ApiClient, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth, type TruthRow } from '../stack/psp-truth';

const MONEY = { amount: 1099, currency: 'USD' };
const BOTH = {
  ...MONEY,
  payment_method: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
  routing: { order: ['stripe', 'adyen'] },
};
/** A port that refuses connections is asked again, ms. */
const LOOK_EVERY_MS = 100;
const TEST_TIMEOUT_MS = 60_000;

let stack: LocalStack;
let api: ApiClient;
let stripe: PspTruth;
let adyen: PspTruth;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  stripe = new PspTruth(stack.running.stripeUrl);
  adyen = new PspTruth(stack.running.adyenUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterEach(() => Promise.all([stripe.heal(), adyen.heal()]));

const newKey = (): string => `two-${randomUUID()}`;

/** What both PSPs took for this payment. */
async function taken(payment: PaymentJson): Promise<readonly TruthRow[]> {
  // a port that refuses connections for a while opens again
  for (;;) {
    try {
      const rows = [...(await stripe.chargesOf(payment)), ...(await adyen.chargesOf(payment))];
      return rows.filter(({ status }) => status === 'succeeded');
    } catch {
      await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    }
  }
}

describe('a payment with a token of Adyen', () => {
  it('is charged there, once, and repeated to the byte', async () => {
    const key = newKey();
    const body = { ...MONEY, payment_method: 'adyen_card_ok' };
    const answer = await api.pay(key, body);
    const payment = answer.payment();
    expect([answer.status, payment.status, payment.amount_captured]).toStrictEqual([201, 'succeeded', 1099]);
    expect(payment.attempts).toMatchObject([{ number: 1, psp: 'adyen', status: 'succeeded' }]);
    expect(await stripe.chargesOf(payment)).toStrictEqual([]);
    expect(await adyen.chargesOf(payment)).toMatchObject([
      { reference: payment.attempts[0]?.psp_reference, ...MONEY, status: 'succeeded' },
    ]);
    expect((await api.pay(key, body)).text).toBe(answer.text);
    expect(await adyen.chargesOf(payment)).toHaveLength(1);
  });

  it('is declined with the reason in our words', async () => {
    const payment = (
      await api.pay(newKey(), { ...MONEY, payment_method: 'adyen_card_insufficient' })
    ).payment();
    expect(payment).toMatchObject({
      status: 'failed',
      amount_captured: 0,
      failure: { code: 'insufficient_funds', category: 'soft_decline' },
    });
    expect(await taken(payment)).toStrictEqual([]);
  });
});

describe('a payment with a token of each PSP', () => {
  const afterwards = async (key: string): Promise<PaymentJson> => {
    const answer = await api.pay(key, BOTH, { Prefer: 'wait=30' });
    expect([answer.status, answer.payment().status]).toStrictEqual([201, 'succeeded']);
    return answer.payment();
  };
  const attemptsOf = ({ attempts }: PaymentJson): string[] =>
    attempts.map(({ psp, status }) => `${psp} ${status}`);

  it(
    'goes on to Adyen when Stripe accepts no connection, and is charged once over both',
    async () => {
      await stripe.failNext('connect', 'refused:1500');
      const payment = await afterwards(newKey());
      expect(attemptsOf(payment)).toStrictEqual(['stripe not_sent', 'adyen succeeded']);
      expect(await taken(payment)).toMatchObject([{ our_reference: payment.attempts[1]?.id, ...MONEY }]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes on to Adyen when Stripe declines softly, and is charged once over both',
    async () => {
      const declined = {
        ...BOTH,
        payment_method: { ...BOTH.payment_method, stripe: 'pm_card_visa_chargeDeclinedInsufficientFunds' },
      };
      const payment = (await api.pay(newKey(), declined)).payment();
      expect(attemptsOf(payment)).toStrictEqual(['stripe declined', 'adyen succeeded']);
      expect(await taken(payment)).toMatchObject([{ our_reference: payment.attempts[1]?.id, ...MONEY }]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    'timeout_before',
    'timeout_after_commit',
    'reset_after_commit',
    '500_after_commit',
    'refused:700',
  ])(
    'lesson 26: never goes on while Stripe may hold a charge (%s): the truth is waited for, and it is charged once',
    async (fault) => {
      await stripe.failNext('authorize', fault);
      const payment = await afterwards(newKey());
      expect(attemptsOf(payment)).toStrictEqual(['stripe succeeded']);
      expect(await taken(payment)).toMatchObject([{ our_reference: payment.attempts[0]?.id, ...MONEY }]);
      expect(await adyen.chargesOf(payment)).toStrictEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('an amount, in minor units of ISO 4217', () => {
  it.each([
    // Adyen counts rupiah and escudos whole, pesos and krónur in hundredths
    ['adyen', 'IDR', 1_500_000],
    ['adyen', 'CLP', 4_990],
    ['adyen', 'CVE', 12_300],
    ['adyen', 'ISK', 1_099],
    ['adyen', 'JPY', 1_099],
    ['adyen', 'KWD', 1_234],
    // Stripe counts shillings and krónur in hundredths, and wants dinars in tens of fils
    ['stripe', 'UGX', 37_000],
    ['stripe', 'ISK', 1_099],
    ['stripe', 'JPY', 1_099],
    ['stripe', 'KWD', 1_230],
    ['stripe', 'CLP', 4_990],
    ['stripe', 'IDR', 1_500_050],
  ])('is the same at %s: %s %i', async (psp, currency, amount) => {
    const payment_method = psp === 'stripe' ? 'pm_card_visa' : 'adyen_card_ok';
    const { id } = (await api.pay(newKey(), { amount, currency, payment_method })).payment();
    const payment = await api.payment(id);
    expect(payment).toMatchObject({ status: 'succeeded', amount, amount_captured: amount, currency });
    expect(await taken(payment)).toMatchObject([{ amount, currency }]);
  });

  it.each([
    ['adyen', 'IDR', 1_500_050],
    ['adyen', 'CVE', 1],
    ['stripe', 'KWD', 1_234],
  ])('that %s cannot be asked for exactly is refused: %s %i', async (psp, currency, amount) => {
    const payment_method = psp === 'stripe' ? 'pm_card_visa' : 'adyen_card_ok';
    const answer = await api.pay(newKey(), { amount, currency, payment_method });
    expect([answer.status, answer.problem().code]).toStrictEqual([422, 'currency_not_supported']);
  });

  it('that Stripe cannot be asked for is charged by Adyen, which can', async () => {
    const payment = (await api.pay(newKey(), { ...BOTH, amount: 1_234, currency: 'KWD' })).payment();
    expect(payment.attempts).toMatchObject([{ psp: 'adyen', status: 'succeeded' }]);
    expect(await taken(payment)).toMatchObject([{ amount: 1_234, currency: 'KWD' }]);
  });
});
