import { randomUUID } from 'node:crypto';
import { ApiClient, DEMO_KEY, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';
import { apiOf, readBooks } from '../stack/told-books';
import { KeptTender } from '../stack/kept-tender/kept-tender';
import type { EndedProgram } from '../stack/tender-program';

const TEST_TIMEOUT_MS = 240_000;
const LOOK_EVERY_MS = 50;
/** So long that the wish to cancel is recorded before the charge is known. */
const SLOWLY_MS = 3_000;

let stack: LocalStack;
let api: ApiClient;
let kept: KeptTender;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  kept = new KeptTender(stack.dataPath);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(async () => {
  await kept.end();
}, STACK_HOOK_TIMEOUT_MS);

const tender = (...args: readonly string[]): Promise<EndedProgram> => kept.run(...args);

const told = (name: string, found: string, ...more: readonly string[]): Promise<EndedProgram> =>
  tender(
    'resolve',
    name,
    ...['--found', found, '--by', 'R. Jansen', '--evidence', 'seen in the dashboard', ...more],
  );

const newKey = (): string => `resolve-${randomUUID()}`;

/** Asks until it is as wanted; the test's own time limit ends the wait. */
async function until<Seen>(look: () => Promise<Seen>, wanted: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

const typesOf = async ({ id }: PaymentJson): Promise<readonly string[]> =>
  (await api.get(`/v1/payments/${id}/events`)).events().map(({ type }) => type);

/** What the books say is owed without a sale, minor units. */
const owedToNobody = async (): Promise<number> => {
  const { balances } = await readBooks(apiOf(stack.running.apiUrl, DEMO_KEY));
  const rows = balances.filter(({ account }) => account === '2190');
  return rows.reduce((sum, { credit, debit }) => sum + Number(credit) - Number(debit), 0);
};

/** A charge that nobody wanted any more, which Stripe gave back, and which came back to Stripe. */
async function notReturned(): Promise<{ readonly payment: PaymentJson; readonly attemptId: string }> {
  await new PspTruth(stack.running.stripeUrl).failNext('authorize', `slow:${SLOWLY_MS}`);
  const body = { amount: 1099, currency: 'USD', payment_method: 'pm_card_refundFail' };
  const payment = (await api.pay(newKey(), body, { Prefer: 'wait=0' })).payment();
  await api.change(payment.id, 'cancel', newKey(), {});
  await until(
    () => typesOf(payment),
    (types) => types.includes('ReversalFailed'),
  );
  return { payment, attemptId: payment.attempts[0]?.id ?? '' };
}

describe('tender resolve', () => {
  it(
    'ends a charge that was not given back: once, and the books with it',
    async () => {
      const owedBefore = await owedToNobody();
      const { payment, attemptId } = await notReturned();
      const reversal = `${attemptId}-reversal-1`;
      // the books follow the log by a moment
      await until(owedToNobody, (owed) => owed - owedBefore === 1099);
      const first = await told(reversal, 'done', '--psp-reference', 'by_hand_1');
      expect(first).toStrictEqual({ exitCode: 0, out: `${reversal}: recorded as done\n`, aside: '' });
      const types = await typesOf(payment);
      expect(types.slice(-2)).toStrictEqual(['ChargeReversed', 'OperationResolved']);
      // the read model may have come to the first of the two
      const now = await api.paymentWhen(payment.id, ({ revision }) => revision === types.length - 1);
      expect(now).toMatchObject({ status: 'canceled', amount_captured: 0 });
      await until(owedToNobody, (owed) => owed === owedBefore);
      const again = await told(reversal, 'done', '--psp-reference', 'by_hand_1');
      expect(again).toStrictEqual({ exitCode: 0, out: `${reversal}: was told before\n`, aside: '' });
      expect((await told(reversal, 'not_done')).exitCode).toBe(6);
      expect((await api.get(`/v1/payments/${payment.id}`)).payment()).toStrictEqual(now);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'has a charge that was surely not given back given back by another request',
    async () => {
      const { payment, attemptId } = await notReturned();
      expect(await told(`${attemptId}-reversal-1`, 'not_done')).toMatchObject({ exitCode: 0 });
      const types = await until(
        () => typesOf(payment),
        (seen) => seen.filter((type) => type === 'ChargeReversed').length === 2,
      );
      expect(types.filter((type) => type === 'ReversalStarted')).toHaveLength(2);
      expect(types).toContain('OperationResolved');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'ends a refund whose PSP tells nothing, and not before it is sure',
    async () => {
      const adyen = new PspTruth(stack.running.adyenUrl);
      const body = { amount: 1099, currency: 'USD', payment_method: 'adyen_card_ok' };
      const payment = (await api.pay(newKey(), body, { Prefer: 'wait=30' })).payment();
      expect(payment.status).toBe('succeeded');
      await adyen.keepSilent();
      const asked = await api.change(payment.id, 'refunds', newKey(), { amount: 400 });
      const { id, status } = asked.json() as { readonly id: string; readonly status: string };
      expect(status).toBe('pending');
      const name = `${id}-1`;
      // its key may be sent for days still, and the request would do it after all
      expect((await told(name, 'not_done')).exitCode).toBe(6);
      const [row] = await until(
        async () => (await adyen.rows()).filter(({ idempotency_key: key }) => key === name),
        ({ length }) => length > 0,
      );
      expect(row).toMatchObject({ kind: 'refund', amount: 400 });
      const first = await told(name, 'done', '--psp-reference', 'seen_1');
      expect(first).toStrictEqual({ exitCode: 0, out: `${name}: recorded as done\n`, aside: '' });
      const refunded = (await api.get(`/v1/refunds/${id}`)).json();
      expect(refunded).toMatchObject({ status: 'succeeded', amount: 400 });
      await api.paymentWhen(
        payment.id,
        (now) => (now as unknown as { readonly amount_refunded: number }).amount_refunded === 400,
      );
      expect((await told(name, 'done', '--psp-reference', 'seen_2')).exitCode).toBe(6);
      expect((await told(`${id}-2`, 'done', '--psp-reference', 'seen_1')).exitCode).toBe(6);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    [[`att_${'0'.repeat(32)}01-reversal-1`, 'done', '--psp-reference', 'seen_1'], 4],
    [[`re_${'0'.repeat(32)}-1`, 'not_done'], 4],
    [[`re_${'0'.repeat(32)}-1`, 'done'], 2],
    [['nothing', 'not_done'], 2],
    [[`re_${'0'.repeat(32)}-1`, 'perhaps'], 2],
  ])('%j ends with %d', async ([name = '', found = '', ...more], exitCode) => {
    expect((await told(name, found, ...more)).exitCode).toBe(exitCode);
  });

  it(
    'leaves read models and books that are what the streams say',
    async () => {
      const { exitCode } = await until(
        () => tender('verify'),
        (seen) => seen.exitCode === 0,
      );
      expect(exitCode).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );
});
