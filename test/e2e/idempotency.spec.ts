import { createHash, randomUUID } from 'node:crypto';
import { type Answer, ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { PspTruth } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const OTHER_MERCHANTS_KEY = 'sk_test_other_merchant';
const KEYS = [
  {
    id: 'key_other',
    merchant: 'other',
    scopes: ['payments:write', 'payments:read'],
    sha256: createHash('sha256').update(OTHER_MERCHANTS_KEY).digest('hex'),
  },
];
const CONCURRENT = 100;

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;
let recorded: RecordedEvents;

async function start(dataPath: string): Promise<void> {
  stack = await LocalStack.start(dataPath, { TENDER_API_KEYS: JSON.stringify(KEYS) });
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
  recorded = new RecordedEvents(stack.running.eventStoreUrl);
}

beforeAll(() => start(newDataDirectory()), STACK_HOOK_TIMEOUT_MS);
afterAll(async () => {
  await recorded.close();
  await stack.destroy();
}, STACK_HOOK_TIMEOUT_MS);

const newKey = (): string => `idempotency-${randomUUID()}`;

/** How much is recorded and charged so far. */
const extent = async (): Promise<{ events: number; charges: number }> => ({
  events: (await recorded.all()).length,
  charges: (await psp.rows()).length,
});

const statusesOf = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const atOnce = (send: (index: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: CONCURRENT }, (_, index) => send(index)));

describe('one key', () => {
  it('sent a hundred times at once is one payment and one charge, told a hundred times in the same bytes', async () => {
    const key = newKey();
    const streams = await recorded.streams();
    const charges = await psp.charges();
    const answers = await atOnce(() => api.pay(key, VISA));
    expect(statusesOf(answers)).toStrictEqual({ 201: CONCURRENT });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect((await recorded.streams()).size).toBe(streams.size + 1);
    expect(await psp.charges()).toHaveLength(charges.length + 1);
    expect(await psp.chargesOf(paymentIn(answers))).toHaveLength(1);
  });

  it('is the same request in another spelling of the same JSON', async () => {
    const key = newKey();
    const first = await api.pay(key, VISA);
    const again = await api.pay(
      key,
      ' { "payment_method": "pm_card_visa",\n "currency": "USD", "amount": 1099 } ',
    );
    expect([again.status, again.replayed, again.text]).toStrictEqual([201, true, first.text]);
  });

  it('gives the same bytes later, and after a restart of everything', async () => {
    const keys = { succeeded: newKey(), declined: newKey(), action: newKey(), hold: newKey() };
    const bodies = {
      succeeded: VISA,
      declined: { ...VISA, payment_method: 'pm_card_chargeDeclined' },
      action: { ...VISA, payment_method: 'pm_card_threeDSecure2Required' },
      hold: { ...VISA, capture_method: 'manual' },
    };
    const names = Object.keys(keys) as (keyof typeof keys)[];
    const send = (): Promise<Answer[]> => Promise.all(names.map((name) => api.pay(keys[name], bodies[name])));
    const first = await send();
    expect(first.map((answer) => answer.payment().status)).toStrictEqual([
      'succeeded',
      'failed',
      'requires_action',
      'requires_capture',
    ]);
    const before = await extent();
    const expectSame = (answers: readonly Answer[]): void => {
      expect(answers.map(({ status, text }) => [status, text])).toStrictEqual(
        first.map(({ text }) => [201, text]),
      );
      expect(answers.map(({ replayed }) => replayed)).toStrictEqual(names.map(() => true));
    };
    expectSame(await send());

    await recorded.close();
    await stack.stop();
    await start(stack.dataPath);
    expectSame(await send());
    expect(await extent()).toStrictEqual(before);
  }, 120_000);

  it('with another body is refused, and nothing happens', async () => {
    const key = newKey();
    const first = await api.pay(key, VISA);
    const before = await extent();
    for (const other of [
      { ...VISA, amount: 1100 },
      { ...VISA, currency: 'EUR' },
      { ...VISA, capture_method: 'automatic' },
      { ...VISA, description: null },
    ]) {
      const answer = await api.pay(key, other);
      expect([answer.status, answer.problem().code]).toStrictEqual([422, 'idempotency_key_reused']);
    }
    expect(await extent()).toStrictEqual(before);
    expect((await api.pay(key, VISA)).text).toBe(first.text);
  });

  it('raced for by two bodies belongs to one of them', async () => {
    const key = newKey();
    const before = await extent();
    const answers = await atOnce((index) => api.pay(key, { ...VISA, amount: 1000 + (index % 2) }));
    expect(statusesOf(answers)).toStrictEqual({ 201: CONCURRENT / 2, 422: CONCURRENT / 2 });
    const won = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text));
    expect(won.size).toBe(1);
    const codes = answers.filter(({ status }) => status === 422).map((answer) => answer.problem().code);
    expect(new Set(codes)).toStrictEqual(new Set(['idempotency_key_reused']));
    const payment = paymentIn(answers.filter(({ status }) => status === 201));
    expect(await psp.chargesOf(payment)).toMatchObject([{ amount: payment.amount, status: 'succeeded' }]);
    expect((await extent()).charges).toBe(before.charges + 1);
  });

  it('stays usable after refused requests', async () => {
    const key = newKey();
    const before = await extent();
    expect((await api.pay(key, { ...VISA, amount: 0 })).status).toBe(422);
    expect((await api.pay(key, { ...VISA, currency: 'XXX' })).status).toBe(422);
    expect((await api.pay(key, { ...VISA, routing: { psp: 'adyen' } })).status).toBe(422);
    expect((await api.pay(key, '{')).status).toBe(400);
    expect((await api.pay(key, VISA, { Authorization: 'Bearer sk_wrong' })).status).toBe(401);
    expect(await extent()).toStrictEqual(before);
    const answer = await api.pay(key, VISA);
    expect([answer.status, answer.replayed, answer.payment().status]).toStrictEqual([
      201,
      false,
      'succeeded',
    ]);
  });

  it('of two merchants is two payments, neither of which the other one sees', async () => {
    const key = newKey();
    const other = new ApiClient(stack.running.apiUrl, OTHER_MERCHANTS_KEY);
    const mine = await api.pay(key, VISA);
    const theirs = await other.pay(key, { ...VISA, amount: 77 });
    expect([mine.status, theirs.status, theirs.replayed]).toStrictEqual([201, 201, false]);
    const [myId, theirId] = [mine.payment().id, theirs.payment().id];
    expect(theirId).not.toBe(myId);
    for (const path of [`/v1/payments/${myId}`, `/v1/payments/${myId}/events`]) {
      expect((await other.get(path)).problem()).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect((await api.get(`/v1/payments/${theirId}`)).status).toBe(404);
    let listed: readonly { id: string }[] = [];
    while (listed.length === 0) listed = (await other.get('/v1/payments')).list().data;
    expect(listed.map(({ id }) => id)).toStrictEqual([theirId]);
  });
});

function paymentIn(answers: readonly Answer[]): ReturnType<Answer['payment']> {
  const [first] = answers;
  if (first === undefined) throw new Error('nobody was answered');
  return first.payment();
}
