import type { PaymentJson } from '@tender/domain';
import { uuidOf } from '@tender/domain';
import { paymentStream } from '@tender/engine';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, OTHER_MERCHANT_KEY, READ_ONLY_KEY } from '../../spec/api-on-memory';
import { VISA_CARD } from '../../spec/test-cards';
import { MAX_ACTION_RESULT_CHARACTERS, MAX_CANCEL_REASON_CHARACTERS } from '../config/limits';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const NO_WAIT = { prefer: 'wait=0' };

let on: ApiOnMemory;
beforeAll(async () => {
  on = await apiOnMemory();
});
beforeEach(() => {
  on.psp.operations = 'succeed';
});
afterAll(() => on.close());

const paid = async (body: object): Promise<PaymentJson> => (await on.post({ ...VISA, ...body })).json();
const authorized = (): Promise<PaymentJson> => paid({ capture_method: 'manual' });
const problem = (answer: LightMyRequestResponse): unknown[] => [
  answer.statusCode,
  answer.json<{ code: string }>().code,
];
const typesOf = async ({ id }: PaymentJson): Promise<readonly string[]> =>
  (await on.log.readStream(paymentStream(uuidOf('pay', id) ?? ''))).map(({ type }) => type);

describe('a capture', () => {
  it('takes all that is authorised when nothing else is said, with or without a body', async () => {
    for (const body of [undefined, {}, { amount: null }]) {
      const payment = await authorized();
      expect(payment).toMatchObject({ status: 'requires_capture', amount_capturable: 1099 });
      const answer = await on.change(`${payment.id}/capture`, body);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({
        id: payment.id,
        status: 'succeeded',
        amount_capturable: 0,
        amount_captured: 1099,
      });
    }
  });

  it('takes a part, and lets the rest go', async () => {
    const { id } = await authorized();
    const answer = await on.change(`${id}/capture`, { amount: 400 });
    expect(answer.json()).toMatchObject({ status: 'succeeded', amount_captured: 400, amount_capturable: 0 });
  });

  it('of more than is authorised is refused, at the edge', async () => {
    const payment = await authorized();
    expect(problem(await on.change(`${payment.id}/capture`, { amount: 1100 }))).toStrictEqual([
      422,
      'amount_exceeds_authorized',
    ]);
    expect((await on.change(`${payment.id}/capture`, { amount: 1099 })).statusCode).toBe(200);
  });

  it('of what is captured already, or was declined, is refused', async () => {
    for (const body of [{}, { payment_method: 'pm_card_declined' }]) {
      const { id } = await paid(body);
      expect(problem(await on.change(`${id}/capture`))).toStrictEqual([422, 'not_capturable']);
    }
  });

  it('that fails leaves the authorisation, and the key its answer', async () => {
    on.psp.operations = 'fail';
    const payment = await authorized();
    const key = { 'idempotency-key': 'fails' };
    const first = await on.change(`${payment.id}/capture`, {}, key);
    expect([first.statusCode, first.json<PaymentJson>().status]).toStrictEqual([200, 'requires_capture']);
    on.psp.operations = 'succeed';
    expect((await on.change(`${payment.id}/capture`)).json()).toMatchObject({ status: 'succeeded' });
    expect((await on.change(`${payment.id}/capture`, {}, key)).body).toBe(first.body);
  });

  it('that is not answered in time is 202 with the present, and its end is the answer later', async () => {
    on.psp.operations = 'stay_silent';
    const payment = await authorized();
    const key = { 'idempotency-key': 'silent', ...NO_WAIT };
    const early = await on.change(`${payment.id}/capture`, {}, key);
    expect([early.statusCode, early.json<PaymentJson>().status]).toStrictEqual([202, 'processing']);
    expect(early.headers.location).toBe(`/v1/payments/${payment.id}`);
    expect(problem(await on.change(`${payment.id}/capture`))).toStrictEqual([409, 'operation_in_progress']);
    expect(problem(await on.change(`${payment.id}/cancel`))).toStrictEqual([409, 'operation_in_progress']);
  });
});

describe('a cancel', () => {
  it('lets an authorisation go', async () => {
    const payment = await authorized();
    const answer = await on.change(`${payment.id}/cancel`, { reason: 'The order was withdrawn' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'canceled', amount_capturable: 0, amount_captured: 0 });
    expect(problem(await on.change(`${payment.id}/cancel`))).toStrictEqual([422, 'not_cancelable']);
    expect(problem(await on.change(`${payment.id}/capture`))).toStrictEqual([422, 'not_capturable']);
  });

  it('ends a payment that waits for its buyer', async () => {
    const { id } = await paid({ payment_method: 'pm_card_3ds' });
    expect((await on.change(`${id}/cancel`)).json()).toMatchObject({ status: 'canceled', next_action: null });
    expect(problem(await on.change(`${id}/continue`, { result: {} }))).toStrictEqual([
      422,
      'no_action_expected',
    ]);
  });

  it('of a captured payment is refused', async () => {
    const { id } = await paid({});
    expect(problem(await on.change(`${id}/cancel`))).toStrictEqual([422, 'not_cancelable']);
  });
});

describe.each(['capture', 'cancel'])('the key of a %s', (operation) => {
  it('has one operation and one answer for ever, however often and at once it is sent', async () => {
    const payment = await authorized();
    const key = { 'idempotency-key': 'same' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => on.change(`${payment.id}/${operation}`, {}, key)),
    );
    const again = await on.change(`${payment.id}/${operation}`, {}, key);
    expect(new Set([...answers, again].map(({ statusCode }) => statusCode))).toStrictEqual(new Set([200]));
    expect(new Set([...answers, again].map(({ body }) => body)).size).toBe(1);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    const started = (await typesOf(payment)).filter((type) => /^(Capture|Cancel)Started$/.test(type));
    expect(started).toHaveLength(1);
  });

  it('is refused with another body, and nothing happens', async () => {
    const payment = await authorized();
    const key = { 'idempotency-key': 'other-body' };
    await on.change(`${payment.id}/${operation}`, {}, key);
    const recorded = on.recorded();
    const other = operation === 'capture' ? { amount: 1 } : { reason: 'another' };
    const answer = await on.change(`${payment.id}/${operation}`, other, key);
    expect(problem(answer)).toStrictEqual([422, 'idempotency_key_reused']);
    expect(on.recorded()).toBe(recorded);
  });

  it('is another one for another payment', async () => {
    const key = { 'idempotency-key': 'shared' };
    for (const { id } of [await authorized(), await authorized()]) {
      const answer = await on.change(`${id}/${operation}`, {}, key);
      expect([answer.statusCode, answer.headers['idempotent-replayed']]).toStrictEqual([200, undefined]);
    }
  });

  it('is required, and stays usable after a refusal', async () => {
    const { id } = await authorized();
    expect(problem(await on.change(`${id}/${operation}`, {}, { 'idempotency-key': 'a b' }))).toStrictEqual([
      400,
      'idempotency_key_invalid',
    ]);
    const key = { 'idempotency-key': `usable-${operation}` };
    expect(problem(await on.change(`${id}/${operation}`, { unknown: 1 }, key))).toStrictEqual([
      422,
      'validation_failed',
    ]);
    expect((await on.change(`${id}/${operation}`, {}, key)).statusCode).toBe(200);
  });
});

describe('what is asked of a payment', () => {
  it.each(['capture', 'cancel', 'continue'])('of another merchant is not found: %s', async (operation) => {
    const { id } = await authorized();
    const body = operation === 'continue' ? { result: {} } : {};
    const foreign = { authorization: `Bearer ${OTHER_MERCHANT_KEY}` };
    expect(problem(await on.change(`${id}/${operation}`, body, foreign))).toStrictEqual([404, 'not_found']);
    const reading = { authorization: `Bearer ${READ_ONLY_KEY}` };
    expect(problem(await on.change(`${id}/${operation}`, body, reading))).toStrictEqual([403, 'forbidden']);
    for (const unknown of ['pay_1', `pay_${'0'.repeat(32)}`]) {
      expect(problem(await on.change(`${unknown}/${operation}`, body))).toStrictEqual([404, 'not_found']);
    }
  });

  it.each<[string, unknown, string]>([
    ['capture', { amount: 0 }, 'amount'],
    ['capture', { amount: 1.5 }, 'amount'],
    ['capture', { amount: '1' }, 'amount'],
    ['capture', { amount: Number.MAX_SAFE_INTEGER + 1 }, 'amount'],
    ['capture', [], ''],
    ['cancel', { reason: 'x'.repeat(MAX_CANCEL_REASON_CHARACTERS + 1) }, 'reason'],
    ['cancel', { reason: 1 }, 'reason'],
    ['continue', {}, 'result'],
    ['continue', { result: 'x' }, 'result'],
    [
      'continue',
      { result: { payment_intent_client_secret: 'pi_1_secret' } },
      'result.payment_intent_client_secret',
    ],
    ['continue', { result: { redirectResult: 1 } }, 'result.redirectResult'],
    [
      'continue',
      { result: { redirectResult: 'x'.repeat(MAX_ACTION_RESULT_CHARACTERS + 1) } },
      'result.redirectResult',
    ],
    ['continue', { result: { redirectResult: 'é' } }, 'result.redirectResult'],
  ])('has to keep the rules: %s %j', async (operation, body, field) => {
    const { id } = await authorized();
    const recorded = on.recorded();
    const answer = await on.change(`${id}/${operation}`, body);
    expect(problem(answer)).toStrictEqual([422, 'validation_failed']);
    expect(answer.json<{ errors: { field: string }[] }>().errors[0]?.field).toBe(field);
    expect(on.recorded()).toBe(recorded);
  });

  it.each([
    ['cancel', { reason: VISA_CARD }],
    ['continue', { result: { redirectResult: VISA_CARD } }],
    ['continue', { result: { [VISA_CARD]: 'x' } }],
  ])('is refused with a card number in it: %s', async (operation, body) => {
    const { id } = await authorized();
    expect(problem(await on.change(`${id}/${operation}`, body))).toStrictEqual([422, 'card_data_forbidden']);
  });

  it('may be as long as the limits say', async () => {
    const { id } = await authorized();
    const reason = 'x'.repeat(MAX_CANCEL_REASON_CHARACTERS);
    expect((await on.change(`${id}/cancel`, { reason })).statusCode).toBe(200);
    const waiting = await paid({ payment_method: 'pm_card_3ds' });
    const result = { redirectResult: 'x'.repeat(MAX_ACTION_RESULT_CHARACTERS) };
    expect((await on.change(`${waiting.id}/continue`, { result })).statusCode).toBe(200);
  });
});

describe('going on after 3-D Secure', () => {
  it('is answered with the outcome, and a second time without asking again', async () => {
    const payment = await paid({ payment_method: 'pm_card_3ds' });
    const answer = await on.change(`${payment.id}/continue`, { result: { redirect_status: 'succeeded' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'succeeded', next_action: null });
    const returns = (await typesOf(payment)).filter((type) => type === 'ActionReturned');
    expect(returns).toHaveLength(1);
  });

  it('is refused where nobody waits for the buyer', async () => {
    const { id } = await authorized();
    expect(problem(await on.change(`${id}/continue`, { result: {} }))).toStrictEqual([
      422,
      'no_action_expected',
    ]);
  });
});
