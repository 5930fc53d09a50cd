import { randomUUID } from 'node:crypto';
import { ApiClient, type Answer, type Json, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth, type TruthRow } from '../stack/psp-truth';

const TEST_TIMEOUT_MS = 120_000;

interface RefundJson {
  readonly id: string;
  readonly payment: string;
  readonly amount: number;
  readonly status: string;
  readonly failure: { readonly code: string } | null;
}

type RefundedPayment = PaymentJson & {
  readonly amount_refunded: number;
  readonly amount_refund_pending: number;
};

let stack: LocalStack;
let api: ApiClient;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
}, STACK_HOOK_TIMEOUT_MS);

const newKey = (): string => `refund-${randomUUID()}`;

const paid = async (token: string, amount = 10_000): Promise<PaymentJson> => {
  const body = { amount, currency: 'USD', payment_method: token };
  const payment = (await api.pay(newKey(), body, { Prefer: 'wait=30' })).payment();
  expect(payment).toMatchObject({ status: 'succeeded', amount_captured: amount });
  return payment;
};

const refund = (payment: PaymentJson, body: Json = {}, key = newKey()): Promise<Answer> =>
  api.change(payment.id, 'refunds', key, body);

const refundOf = (answer: Answer): RefundJson => answer.json() as RefundJson;

const post = (path: string, key = newKey()): Promise<Answer> =>
  api.send('POST', path, { 'Idempotency-Key': key, Prefer: 'wait=30' });

/** Asks until it is as wanted; the test's own time limit ends the wait. */
const refundWhen = async (
  { id }: Pick<RefundJson, 'id'>,
  wanted: (refund: RefundJson) => boolean,
): Promise<RefundJson> => {
  for (;;) {
    const found = refundOf(await api.get(`/v1/refunds/${id}`));
    if (wanted(found)) return found;
    await new Promise((wake) => setTimeout(wake, 50));
  }
};

const sumsWhen = (payment: PaymentJson, refunded: number, pending: number): Promise<PaymentJson> =>
  api.paymentWhen(payment.id, (now) => {
    const { amount_refunded: back, amount_refund_pending: held } = now as RefundedPayment;
    return back === refunded && held === pending;
  });

describe.each([
  {
    psp: 'stripe',
    token: 'pm_card_visa',
    failsLate: 'pm_card_refundFail',
    disputed: 'pm_card_createDispute',
  },
  {
    psp: 'adyen',
    token: 'adyen_card_ok',
    failsLate: 'adyen_card_refund_fails',
    disputed: 'adyen_card_chargeback',
  },
])('money that $psp captured', ({ psp, token, failsLate, disputed }) => {
  const truth = (): PspTruth =>
    new PspTruth(psp === 'stripe' ? stack.running.stripeUrl : stack.running.adyenUrl);
  const refundsAt = async (ids: readonly string[]): Promise<readonly TruthRow[]> =>
    (await truth().rows()).filter(
      ({ kind, our_reference: ours }) => kind === 'refund' && ids.some((id) => ours?.startsWith(id) === true),
    );

  it(
    'is given back in full, once, and the repetition is the same to the byte',
    async () => {
      const payment = await paid(token);
      const key = newKey();
      const answers = await Promise.all([1, 2, 3].map(() => refund(payment, {}, key)));
      const repeated = await refund(payment, {}, key);
      answers.push(repeated);
      expect(answers.map(({ status }) => status)).toStrictEqual([201, 201, 201, 201]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const first = refundOf(repeated);
      expect(first).toMatchObject({ payment: payment.id, amount: 10_000, psp });
      await refundWhen(first, ({ status }) => status === 'succeeded');
      await sumsWhen(payment, 10_000, 0);
      expect(await refundsAt([first.id])).toMatchObject([{ amount: 10_000, status: 'succeeded' }]);
      const more = await refund(payment, { amount: 1 });
      expect([more.status, more.problem().code]).toStrictEqual([422, 'amount_exceeds_captured']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is given back in parts, as many as there is money for',
    async () => {
      const payment = await paid(token);
      const ids: string[] = [];
      for (const amount of [4_000, 5_000]) ids.push(refundOf(await refund(payment, { amount })).id);
      const tooMuch = await refund(payment, { amount: 1_001 });
      expect([tooMuch.status, tooMuch.problem().code]).toStrictEqual([422, 'amount_exceeds_captured']);
      ids.push(refundOf(await refund(payment)).id);
      await sumsWhen(payment, 10_000, 0);
      const rows = await refundsAt(ids);
      expect(rows.map(({ amount }) => amount).sort()).toStrictEqual([1_000, 4_000, 5_000]);
      const list = (await api.get(`/v1/payments/${payment.id}/refunds`)).json() as { data: RefundJson[] };
      expect(list.data.map(({ id }) => id)).toStrictEqual(ids.toReversed());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is owed still when a refund fails late, is tried again, and given up',
    async () => {
      const payment = await paid(failsLate);
      const one = refundOf(await refund(payment, { amount: 4_000 }));
      const failed = await refundWhen(one, ({ status }) => status === 'failed');
      expect(failed.failure?.code).toEqual(expect.any(String));
      await sumsWhen(payment, 0, 4_000);
      const held = await refund(payment, { amount: 6_001 });
      expect(held.problem().code).toBe('amount_exceeds_captured');
      const key = newKey();
      const retried = await post(`/v1/refunds/${one.id}/retry`, key);
      expect(retried.status).toBe(200);
      expect((await post(`/v1/refunds/${one.id}/retry`, key)).text).toBe(retried.text);
      await refundWhen(one, ({ status }) => status === 'failed');
      await api.paymentWhen(payment.id, (now) => now.revision > payment.revision);
      const abandoned = await post(`/v1/refunds/${one.id}/abandon`);
      expect([abandoned.status, refundOf(abandoned).failure?.code]).toStrictEqual([200, 'abandoned']);
      await sumsWhen(payment, 0, 0);
      const tries = new Set((await refundsAt([one.id])).map((row) => row.idempotency_key));
      expect(tries.size).toBe(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not given back while the buyer’s bank has it',
    async () => {
      const payment = await paid(disputed);
      for (;;) {
        const { data } = (await api.get(`/v1/payments/${payment.id}/disputes`)).json() as {
          data: { amount_withdrawn: number }[];
        };
        if (data.some(({ amount_withdrawn: taken }) => taken === 10_000)) break;
        await new Promise((wake) => setTimeout(wake, 50));
      }
      const answer = await refund(payment);
      expect([answer.status, answer.problem().code]).toStrictEqual([422, 'payment_disputed']);
      await listed(payment.id);
    },
    TEST_TIMEOUT_MS,
  );
});

/** The read model follows within moments. */
async function listed(paymentId: string): Promise<void> {
  for (;;) {
    const { data } = (await api.get('/v1/disputes')).json() as { data: { payment: string }[] };
    if (data.some(({ payment }) => payment === paymentId)) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

it(
  'what the scheme takes back of a capture is captured no more',
  async () => {
    const body = { amount: 700, currency: 'USD', payment_method: 'adyen_card_capture_fails' };
    const held = (
      await api.pay(newKey(), { ...body, capture_method: 'manual' }, { Prefer: 'wait=30' })
    ).payment();
    expect(held.status).toBe('requires_capture');
    await api.change(held.id, 'capture', newKey());
    const payment = await api.paymentWhen(held.id, ({ revision }) => revision > held.revision + 2);
    expect(payment.status).toBe('succeeded');
    await api.paymentWhen(held.id, ({ amount_captured: captured }) => captured === 0);
    const answer = await refund(payment, { amount: 1 });
    expect(answer.problem().code).toBe('amount_exceeds_captured');
  },
  TEST_TIMEOUT_MS,
);

it(
  'of 200 refunds at once, with the worker killed midway, exactly those are paid that there is money for',
  async () => {
    const payment = await paid('pm_card_visa', 10_000);
    const asking = Promise.all(Array.from({ length: 200 }, () => refund(payment, { amount: 100 })));
    setTimeout(() => {
      stack.kill('worker');
    }, 150);
    const answers = await asking;
    const made = answers.filter(({ status }) => status === 201 || status === 202).map(refundOf);
    const refusals = answers.filter(({ status }) => status === 422);
    expect([made.length, refusals.length]).toStrictEqual([100, 100]);
    await sumsWhen(payment, 10_000, 0);
    const ids = new Set(made.map(({ id }) => id));
    const rows = (await new PspTruth(stack.running.stripeUrl).rows()).filter(
      ({ kind, our_reference: ours }) => kind === 'refund' && ids.has(ours?.split('-', 1)[0] ?? ''),
    );
    expect(rows.length).toBe(100);
    expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(10_000);
    expect(rows.every(({ status }) => status === 'succeeded')).toBe(true);
  },
  TEST_TIMEOUT_MS,
);
