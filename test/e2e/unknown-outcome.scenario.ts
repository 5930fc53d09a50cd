import { randomUUID } from 'node:crypto';
import { type Answer, ApiClient, type EventJson, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

/** The worker stops waiting for a PSP after this, ms: one that never answers is noticed within the test. */
export const CALL_TIMEOUT_MS = 500;
const TEST_TIMEOUT_MS = 60_000;

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterEach(() => psp.heal());

const ended = ({ status }: PaymentJson): boolean => status === 'succeeded' || status === 'failed';

const typesOf = async ({ id }: PaymentJson): Promise<string[]> => {
  const answer = await api.get(`/v1/payments/${id}/events`);
  return answer.events().map(({ type }: EventJson) => type);
};

/** The one rule that every fault must leave standing. */
async function expectTruthful(payment: PaymentJson): Promise<void> {
  const charges = await psp.chargesOf(payment);
  const taken = charges.filter(({ status }) => status === 'succeeded');
  expect(taken).toHaveLength(payment.status === 'succeeded' ? 1 : 0);
  expect(charges.length).toBeLessThanOrEqual(1);
  for (const { amount, reference } of taken) {
    expect([amount, reference]).toStrictEqual([payment.amount_captured, payment.attempts[0]?.psp_reference]);
  }
  expect(payment.attempts).toHaveLength(1);
}

async function payUnder(fault: string): Promise<{ key: string; answer: Answer }> {
  await psp.failNext('authorize', fault);
  const key = `unknown-${randomUUID()}`;
  const answer = await api.pay(key, VISA, { Prefer: 'wait=0' });
  expect(answer.status).toBe(202);
  return { key, answer };
}

describe('without notices', () => {
  // one would tell first, and this is about finding out
  beforeAll(() => psp.keepSilent());

  describe('a PSP that', () => {
    it.each([
      ['never got the request and never answers', 'timeout_before'],
      ['charged and never answers', 'timeout_after_commit'],
      ['got nothing before the connection broke', 'reset_before'],
      ['charged before the connection broke', 'reset_after_commit'],
      ['charged, and answers 500 to this key for ever', '500_after_commit'],
      ['answers 500 for once and did nothing', '500_not_executed'],
      ['cuts the connection and refuses new ones for a while', 'refused:700'],
      ['charges long after everybody has given up waiting', 'slow:1500'],
      ['is at work on the same key already', '409'],
      ['cannot get its lock', '429_lock_timeout'],
    ])(
      '%s (%s) is asked until the truth is known: charged once, and succeeded',
      async (_, fault) => {
        const { key, answer } = await payUnder(fault);
        const payment = await api.paymentWhen(answer.payment().id, ended);
        expect(payment.status).toBe('succeeded');
        await expectTruthful(payment);
        expect(await typesOf(payment)).toContain('AttemptOutcomeUnknown');
        const replayed = await api.pay(key, VISA);
        expect([replayed.status, replayed.replayed, replayed.payment().status]).toStrictEqual([
          201,
          true,
          'succeeded',
        ]);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'says that we ask too often (429) has charged nothing, and the payment failed',
      async () => {
        const { answer } = await payUnder('429');
        const payment = await api.paymentWhen(answer.payment().id, ended);
        expect(payment).toMatchObject({ status: 'failed', failure: { category: 'not_charged' } });
        expect(payment.attempts).toMatchObject([{ status: 'not_sent' }]);
        await expectTruthful(payment);
        expect(await psp.chargesOf(payment)).toStrictEqual([]);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'is slower than most, but within the deadline, is waited for',
      async () => {
        await psp.failNext('authorize', `slow:${CALL_TIMEOUT_MS / 5}`);
        const answer = await api.pay(`unknown-${randomUUID()}`, VISA);
        expect([answer.status, answer.payment().status]).toStrictEqual([201, 'succeeded']);
        await expectTruthful(answer.payment());
      },
      TEST_TIMEOUT_MS,
    );
  });

  describe('an outcome that nobody knows', () => {
    it(
      'is told as such (202) until evidence comes, and then as the outcome (201), to the same key',
      async () => {
        await psp.failNext('authorize', '500_after_commit', 1);
        const key = `unknown-${randomUUID()}`;
        let answer = await api.pay(key, VISA, { Prefer: 'wait=0' });
        const seen = [answer];
        while (answer.status === 202) {
          answer = await api.pay(key, VISA, { Prefer: 'wait=0' });
          seen.push(answer);
        }
        const story = seen.map(({ status, text }) => `${status} ${(JSON.parse(text) as PaymentJson).status}`);
        expect([...new Set(story)].filter((step) => step !== '202 processing')).toStrictEqual([
          '202 outcome_unknown',
          '201 succeeded',
        ]);
        await expectTruthful(answer.payment());
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'stays unknown while the PSP answers nothing but its stored 500: no look-up of this moment proves an absence',
      async () => {
        const { answer } = await payUnder('500_stored_not_executed');
        const { id } = answer.payment();
        const searched = async (): Promise<number> =>
          (await typesOf(answer.payment())).filter((type) => type === 'EvidenceRecorded').length;
        while ((await searched()) < 2) await new Promise((wake) => setTimeout(wake, 50));
        const payment = await api.payment(id);
        expect(payment).toMatchObject({ status: 'outcome_unknown', amount_captured: 0, failure: null });
        expect(await psp.chargesOf(payment)).toStrictEqual([]);
      },
      TEST_TIMEOUT_MS,
    );
  });
});
