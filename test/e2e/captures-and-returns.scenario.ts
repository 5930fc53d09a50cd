import { randomUUID } from 'node:crypto';
import { ApiClient, type Json, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth, type TruthRow } from '../stack/psp-truth';

const MONEY = { amount: 1099, currency: 'USD' };
const SHOP = 'https://shop.example/done?order=7';
const TEST_TIMEOUT_MS = 60_000;

let stack: LocalStack;
let api: ApiClient;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
}, STACK_HOOK_TIMEOUT_MS);

const newKey = (): string => `later-${randomUUID()}`;
const paid = async (more: Json): Promise<PaymentJson> => {
  const answer = await api.pay(newKey(), { ...MONEY, return_url: SHOP, ...more }, { Prefer: 'wait=30' });
  return answer.payment();
};

describe.each([
  { psp: 'stripe', token: 'pm_card_visa', challenged: 'pm_card_authenticationRequired' },
  { psp: 'adyen', token: 'adyen_card_ok', challenged: 'adyen_card_3ds' },
])('an authorisation at $psp', ({ psp, token, challenged }) => {
  const truth = (): PspTruth =>
    new PspTruth(psp === 'stripe' ? stack.running.stripeUrl : stack.running.adyenUrl);
  const rowsOf = async (payment: PaymentJson, kind: TruthRow['kind']): Promise<readonly TruthRow[]> => {
    const { id = '' } = payment.attempts[0] ?? {};
    return (await truth().rows()).filter(
      (row) => row.kind === kind && row.our_reference?.startsWith(id) === true,
    );
  };
  const authorized = async (): Promise<PaymentJson> => {
    const payment = await paid({ payment_method: token, capture_method: 'manual' });
    expect(payment).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 1099,
      amount_captured: 0,
    });
    return payment;
  };

  it(
    'is captured in full, once, and the repetition is the same to the byte',
    async () => {
      const payment = await authorized();
      const key = newKey();
      const answers = await Promise.all([1, 2, 3].map(() => api.change(payment.id, 'capture', key)));
      answers.push(await api.change(payment.id, 'capture', key));
      expect(answers.map(({ status }) => status)).toStrictEqual([200, 200, 200, 200]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers[0]?.payment()).toMatchObject({ status: 'succeeded', amount_captured: 1099 });
      expect(await truth().chargesOf(payment)).toMatchObject([{ ...MONEY, status: 'succeeded' }]);
      expect(await rowsOf(payment, 'capture')).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is captured in part, and the rest is let go',
    async () => {
      const payment = await authorized();
      const answer = await api.change(payment.id, 'capture', newKey(), { amount: 400 });
      expect(answer.status).toBe(200);
      expect(answer.payment()).toMatchObject({
        status: 'succeeded',
        amount_captured: 400,
        amount_capturable: 0,
      });
      expect(await rowsOf(payment, 'capture')).toMatchObject([{ amount: 400, status: 'succeeded' }]);
      const again = await api.change(payment.id, 'capture', newKey(), { amount: 1 });
      expect([again.status, again.problem().code]).toStrictEqual([422, 'not_capturable']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is let go, and nothing was taken',
    async () => {
      const payment = await authorized();
      const answer = await api.change(payment.id, 'cancel', newKey(), { reason: 'out of stock' });
      expect(answer.status).toBe(200);
      expect(answer.payment()).toMatchObject({
        status: 'canceled',
        amount_captured: 0,
        amount_capturable: 0,
      });
      expect(answer.payment().attempts).toMatchObject([{ status: 'voided' }]);
      expect(await truth().chargesOf(payment)).toMatchObject([{ status: 'canceled' }]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    { result: 'pass', status: 'succeeded', captured: 1099 },
    { result: 'fail', status: 'failed', captured: 0 },
  ])(
    'waits for the buyer and ends $status by what the PSP says of a $result',
    async ({ result, status, captured }) => {
      const payment = await paid({ payment_method: challenged });
      expect(payment.status).toBe('requires_action');
      const shown = await fetch(payment.next_action?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `result=${result}`,
        redirect: 'manual',
      });
      const wayBack = shown.headers.get('location') ?? '';
      expect(wayBack.startsWith(`${stack.running.apiUrl}/v1/return/`)).toBe(true);
      for (let visit = 0; visit < 2; visit += 1) {
        const back = await fetch(wayBack, { redirect: 'manual' });
        expect([back.status, back.headers.get('location')]).toStrictEqual([
          303,
          `${SHOP}&payment=${payment.id}`,
        ]);
      }
      const ended = await api.paymentWhen(payment.id, (seen) =>
        ['succeeded', 'failed'].includes(seen.status),
      );
      expect(ended).toMatchObject({ status, amount_captured: captured, next_action: null });
      const events = (await api.get(`/v1/payments/${payment.id}/events`)).events();
      expect(events.filter(({ type }) => type === 'ActionReturned').length).toBeLessThanOrEqual(1);
      expect(JSON.stringify(events)).not.toContain('client_secret');
    },
    TEST_TIMEOUT_MS,
  );
});
