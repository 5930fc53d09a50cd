import { randomUUID } from 'node:crypto';
import { ApiClient, type EventJson, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';

const MONEY = { amount: 1099, currency: 'USD' };
const TEST_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** More often than any payment is asked about within a test. */
const EVERY_TIME = 1_000;

let stack: LocalStack;
let api: ApiClient;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
}, STACK_HOOK_TIMEOUT_MS);

const webhooks = async (psp: string, result: string): Promise<number> => {
  const text = (await api.get('/metrics')).text;
  const sample = new RegExp(`tender_webhooks_total\\{psp="${psp}",result="${result}"\\} (\\d+)`).exec(text);
  return Number(sample?.[1] ?? 0);
};
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
};

describe.each([
  { psp: 'stripe', token: 'pm_card_visa' },
  { psp: 'adyen', token: 'adyen_card_ok' },
])('the news of $psp', ({ psp, token }) => {
  const truth = (): PspTruth =>
    new PspTruth(psp === 'stripe' ? stack.running.stripeUrl : stack.running.adyenUrl);
  const pay = async (more: object = {}): Promise<PaymentJson> => {
    const body = { ...MONEY, payment_method: token, ...more };
    return (await api.pay(`news-${randomUUID()}`, body, { Prefer: 'wait=30' })).payment();
  };
  const eventsOf = async ({ id }: PaymentJson): Promise<readonly EventJson[]> =>
    (await api.get(`/v1/payments/${id}/events`)).events();
  afterEach(() => truth().heal());

  it(
    'alone ends a payment whose every reply is lost, and one charge was made',
    async () => {
      await truth().plan([
        { op: 'authorize', fault: 'reset_after_commit', times: EVERY_TIME },
        ...(psp === 'stripe' ? [{ op: 'lookup', fault: '500_not_executed', times: EVERY_TIME }] : []),
      ]);
      const payment = await pay();
      expect(payment).toMatchObject({ status: 'succeeded', amount_captured: 1099 });
      const authorized = (await eventsOf(payment)).filter(({ type }) => type === 'AttemptAuthorized');
      expect(authorized).toMatchObject([{ actor: `psp:${psp}` }]);
      expect(await truth().chargesOf(payment)).toMatchObject([{ ...MONEY, status: 'succeeded' }]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'before the reply and in five copies is one authorisation',
    async () => {
      await truth().plan([
        { op: 'webhook', fault: 'webhook_before_response', times: 1 },
        { op: 'webhook', fault: 'webhook_dup:5', times: 3 },
      ]);
      const payment = await pay();
      expect(payment.status).toBe('succeeded');
      const before = (await eventsOf(payment)).length;
      await truth().plan([{ op: 'webhook', fault: 'webhook_dup:5', times: 3 }]);
      const duplicates = await webhooks(psp, 'duplicate');
      const other = await pay();
      await until(async () => (await webhooks(psp, 'duplicate')) >= duplicates + 4);
      for (const each of [payment, other]) {
        const types = (await eventsOf(each)).map(({ type }) => type);
        expect(types.filter((type) => type === 'AttemptAuthorized')).toHaveLength(1);
        expect(types.filter((type) => type === 'PaymentCaptured')).toHaveLength(1);
      }
      expect(await eventsOf(payment)).toHaveLength(before);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that somebody else signed is refused, and the payment ends without it',
    async () => {
      await truth().plan([{ op: 'webhook', fault: 'webhook_bad_sig', times: 3 }]);
      const forged = await webhooks(psp, 'forged');
      expect((await pay()).status).toBe('succeeded');
      await until(async () => (await webhooks(psp, 'forged')) > forged);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that never comes is not missed',
    async () => {
      await truth().plan([{ op: 'webhook', fault: 'webhook_drop', times: 5 }]);
      expect((await pay()).status).toBe('succeeded');
    },
    TEST_TIMEOUT_MS,
  );
});
