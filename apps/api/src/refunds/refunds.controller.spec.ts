import type { PaymentJson, RefundJson } from '@tender/domain';
import { publicId, uuidOf } from '@tender/domain';
import { paymentStream } from '@tender/engine';
import { disputeTold } from '@tender/testing';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, OTHER_MERCHANT_KEY, READ_ONLY_KEY, REFUNDS_KEY } from '../../spec/api-on-memory';
import { VISA_CARD } from '../../spec/test-cards';
import { MAX_REFUND_REASON_CHARACTERS } from '../config/limits';

let on: ApiOnMemory;
beforeEach(async () => {
  on = await apiOnMemory();
});
afterEach(() => on.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });

async function captured(amount = 1099): Promise<PaymentJson> {
  const answer = await on.post({ amount, currency: 'USD', payment_method: 'pm_card_visa' });
  expect(answer.statusCode).toBe(201);
  return answer.json<PaymentJson>();
}

const refund = (payment: PaymentJson, body?: object, headers?: Readonly<Record<string, string>>) =>
  on.change(`${payment.id}/refunds`, body, headers);

const present = async (payment: PaymentJson): Promise<PaymentJson> =>
  (await on.get(`/v1/payments/${payment.id}`)).json<PaymentJson>();

const problemOf = (answer: { statusCode: number; json: () => unknown }): unknown => [
  answer.statusCode,
  (answer.json() as { code: unknown }).code,
];

describe('POST /v1/payments/:id/refunds', () => {
  it('gives back all of it, and the payment says so at once', async () => {
    const payment = await captured();
    const answer = await refund(payment);
    expect(answer.statusCode).toBe(201);
    const body = answer.json<RefundJson>();
    expect(body).toMatchObject({
      object: 'refund',
      payment: payment.id,
      amount: 1099,
      currency: 'USD',
      status: 'succeeded',
      reason: null,
      failure: null,
      psp: 'stripe',
      metadata: {},
    });
    expect(body.id).toMatch(/^re_[0-9a-f]{32}$/);
    expect(answer.headers.location).toBe(`/v1/refunds/${body.id}`);
    expect(await present(payment)).toMatchObject({
      status: 'succeeded',
      amount_captured: 1099,
      amount_refunded: 1099,
      amount_refund_pending: 0,
    });
    expect((await on.get(`/v1/refunds/${body.id}`)).json()).toEqual(body);
  });

  it('gives back parts, as many as there is money for', async () => {
    const payment = await captured();
    const asked = { amount: 400, reason: 'The shoe did not fit', metadata: { ticket: 'T-9' } };
    expect((await refund(payment, asked)).json()).toMatchObject(asked);
    expect((await refund(payment, { amount: 699 })).statusCode).toBe(201);
    expect(problemOf(await refund(payment, { amount: 1 }))).toEqual([422, 'amount_exceeds_captured']);
    expect(problemOf(await refund(payment))).toEqual([422, 'amount_exceeds_captured']);
  });

  it('under one key is one refund, with the same answer whatever came later', async () => {
    const payment = await captured();
    on.refundDesk.does = 'accept';
    const key = { 'idempotency-key': 'refund-17' };
    const first = await refund(payment, { amount: 400 }, key);
    expect([first.statusCode, first.json<RefundJson>().status]).toEqual([201, 'pending']);
    const id = uuidOf('re', first.json<RefundJson>().id)!;
    await on.refundDesk.comesBack(id);
    const again = await refund(payment, { amount: 400 }, key);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(problemOf(await refund(payment, { amount: 401 }, key))).toEqual([422, 'idempotency_key_reused']);
    expect((await refund(await captured(), { amount: 400 }, key)).json<RefundJson>().id).not.toBe(
      first.json<RefundJson>().id,
    );
  });

  it('of 200 at once gives exactly those what there is money for', async () => {
    const payment = await captured(100);
    const answers = await Promise.all(Array.from({ length: 200 }, () => refund(payment, { amount: 1 })));
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 201).length).toBe(100);
    expect(statuses.filter((status) => status === 422).length).toBe(100);
    expect(await present(payment)).toMatchObject({ amount_refunded: 100, amount_refund_pending: 0 });
  });

  it('lesson 1: two of 60 on a payment of 100 at once are one, and none has no key or less than nothing', async () => {
    const payment = await captured(10_000);
    const both = await Promise.all([refund(payment, { amount: 6_000 }), refund(payment, { amount: 6_000 })]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 422]);
    expect(both.map(problemOf)).toContainEqual([422, 'amount_exceeds_captured']);
    const before = on.recorded();
    expect(problemOf(await refund(payment, { amount: -6_000 }))).toEqual([422, 'validation_failed']);
    const withoutKey = { method: 'POST', url: `/v1/payments/${payment.id}/refunds` } as const;
    const answer = await on.api.app.inject({ ...withoutKey, headers: as(REFUNDS_KEY) });
    expect(problemOf(answer)).toEqual([400, 'idempotency_key_missing']);
    expect(on.recorded()).toBe(before);
    expect(await present(payment)).toMatchObject({ amount_refunded: 6_000, amount_refund_pending: 0 });
  });

  it('lesson 16: answers 202 while nobody has answered, and holds the amount against the next one', async () => {
    const payment = await captured();
    on.refundDesk.does = 'stay_silent';
    const answer = await refund(payment, { amount: 400 }, { prefer: 'wait=0' });
    expect([answer.statusCode, answer.json<RefundJson>().status]).toEqual([202, 'pending']);
    expect(await present(payment)).toMatchObject({ amount_refunded: 0, amount_refund_pending: 400 });
    expect(problemOf(await refund(payment, { amount: 700 }))).toEqual([422, 'amount_exceeds_captured']);
    expect((await refund(payment, { amount: 699 }, { prefer: 'wait=0' })).statusCode).toBe(202);
  });

  it('that the PSP refuses is an answer, and the amount is free again', async () => {
    const payment = await captured();
    on.refundDesk.does = 'refuse';
    const answer = await refund(payment);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ status: 'failed', failure: { code: 'refused' } });
    on.refundDesk.does = 'succeed';
    await on.until(async () => (await present(payment)).amount_refund_pending === 0);
    expect((await refund(payment)).json()).toMatchObject({ amount: 1099, status: 'succeeded' });
  });

  it('is refused where nothing was captured, or the buyer’s bank has the money', async () => {
    const held = await on.post({
      amount: 1099,
      currency: 'USD',
      payment_method: 'pm_card_visa',
      capture_method: 'manual',
    });
    expect(problemOf(await refund(held.json<PaymentJson>()))).toEqual([422, 'amount_exceeds_captured']);
    const payment = await captured();
    await disputed(payment);
    expect(problemOf(await refund(payment))).toEqual([422, 'payment_disputed']);
  });

  it.each([
    [{ amount: 0 }, 'amount'],
    [{ amount: -1 }, 'amount'],
    [{ amount: 1.5 }, 'amount'],
    [{ amount: '1' }, 'amount'],
    [{ amount: 2 ** 53 }, 'amount'],
    [{ reason: 'x'.repeat(MAX_REFUND_REASON_CHARACTERS + 1) }, 'reason'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ currency: 'USD' }, 'currency'],
  ])('names what is wrong with %j', async (body, field) => {
    const payment = await captured();
    const before = on.recorded();
    const answer = await refund(payment, body);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: { field: string }[] }>().errors.map((error) => error.field)).toEqual([
      field,
    ]);
    expect(on.recorded()).toBe(before);
  });

  it('takes the longest reason', async () => {
    const reason = 'x'.repeat(MAX_REFUND_REASON_CHARACTERS);
    expect((await refund(await captured(), { reason })).json()).toMatchObject({ reason });
  });

  it('takes no card number, no request without a key, and none from whom it is not', async () => {
    const payment = await captured();
    expect(problemOf(await refund(payment, { reason: VISA_CARD }))).toEqual([422, 'card_data_forbidden']);
    expect(problemOf(await refund(payment, {}, { 'idempotency-key': '' }))).toEqual([
      400,
      'idempotency_key_invalid',
    ]);
    expect(problemOf(await refund(payment, {}, as(READ_ONLY_KEY)))).toEqual([403, 'forbidden']);
    expect(problemOf(await refund(payment, {}, as(OTHER_MERCHANT_KEY)))).toEqual([404, 'not_found']);
    for (const id of [publicId('pay', '00000000-0000-4000-8000-000000000000'), 'pay_1', 're_1']) {
      expect(problemOf(await on.change(`${id}/refunds`))).toEqual([404, 'not_found']);
    }
  });
});

describe('a refund that failed late', () => {
  async function failedLate(): Promise<{ payment: PaymentJson; id: string }> {
    const payment = await captured();
    const { id } = (await refund(payment, { amount: 400 })).json<RefundJson>();
    await on.refundDesk.comesBack(uuidOf('re', id)!);
    return { payment, id };
  }

  it('keeps its reservation and says why', async () => {
    const { payment, id } = await failedLate();
    expect((await on.get(`/v1/refunds/${id}`)).json()).toMatchObject({
      status: 'failed',
      failure: { code: 'returned' },
    });
    expect(await present(payment)).toMatchObject({ amount_refunded: 0, amount_refund_pending: 400 });
  });

  it('is tried again by whoever may refund, once a key', async () => {
    const { payment, id } = await failedLate();
    const headers = { ...as(REFUNDS_KEY), 'idempotency-key': 'again' };
    const answer = await on.send(`/v1/refunds/${id}/retry`, undefined, headers);
    expect([answer.statusCode, answer.json<RefundJson>().status]).toEqual([200, 'succeeded']);
    await on.until(async () => (await present(payment)).amount_refunded === 400);
    const again = await on.send(`/v1/refunds/${id}/retry`, undefined, headers);
    expect([again.statusCode, again.body]).toEqual([200, answer.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(problemOf(await on.send(`/v1/refunds/${id}/retry`))).toEqual([422, 'not_retryable']);
  });

  it('is not tried again while the buyer’s bank has the money', async () => {
    const { payment, id } = await failedLate();
    await disputed(payment);
    expect(problemOf(await on.send(`/v1/refunds/${id}/retry`))).toEqual([422, 'payment_disputed']);
  });

  it('is given up by operators alone, and frees its amount', async () => {
    const { payment, id } = await failedLate();
    const path = `/v1/refunds/${id}/abandon`;
    expect(problemOf(await on.send(path, undefined, as(REFUNDS_KEY)))).toEqual([403, 'forbidden']);
    const answer = await on.send(path, { reason: 'paid by bank transfer' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'failed', failure: { code: 'abandoned' } });
    expect((await on.send(path)).statusCode).toBe(200);
    await on.until(async () => (await present(payment)).amount_refund_pending === 0);
    expect((await refund(payment)).json()).toMatchObject({ amount: 1099 });
  });

  it('is nothing that has succeeded, nor another merchant’s', async () => {
    const { id } = (await refund(await captured())).json<RefundJson>();
    expect(problemOf(await on.send(`/v1/refunds/${id}/retry`))).toEqual([422, 'not_retryable']);
    expect(problemOf(await on.send(`/v1/refunds/${id}/abandon`))).toEqual([422, 'not_abandonable']);
    for (const what of ['retry', 'abandon']) {
      const answer = await on.send(`/v1/refunds/${id}/${what}`, undefined, as(OTHER_MERCHANT_KEY));
      expect(problemOf(answer)).toEqual([404, 'not_found']);
    }
    expect(problemOf(await on.get(`/v1/refunds/${id}`, as(OTHER_MERCHANT_KEY)))).toEqual([404, 'not_found']);
  });
});

describe('POST /v1/refunds/:id/resolve', () => {
  const SEEN = {
    try: 1,
    found: 'done',
    by: 'R. Jansen',
    evidence: 'Customer Area',
    psp_reference: 'BJTK53QWERTY0003',
  };

  it('ends what nothing else tells the end of, for operators alone, once', async () => {
    const payment = await captured();
    on.refundDesk.does = 'accept';
    const { id } = (await refund(payment, { amount: 400 })).json<RefundJson>();
    const path = `/v1/refunds/${id}/resolve`;
    expect(problemOf(await on.send(path, SEEN, as(REFUNDS_KEY)))).toEqual([403, 'forbidden']);
    expect(problemOf(await on.send(path, SEEN, as(OTHER_MERCHANT_KEY)))).toEqual([404, 'not_found']);
    expect(problemOf(await on.send(path, { ...SEEN, found: 'not_done' }))).toEqual([
      409,
      'operation_in_progress',
    ]);
    const wrong = await on.send(path, { ...SEEN, psp_reference: null });
    expect(wrong.json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'psp_reference' }] });
    // a word about another try than the one that counts ends nothing
    expect(problemOf(await on.send(path, { ...SEEN, try: 2 }))).toEqual([422, 'not_resolvable']);
    for (const wrongTry of [0, 1.5, 100, undefined]) {
      const unnamed = await on.send(path, { ...SEEN, try: wrongTry });
      expect(unnamed.json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'try' }] });
    }
    const key = { 'idempotency-key': 'case-4711' };
    const answer = await on.send(path, SEEN, key);
    expect([answer.statusCode, answer.json<RefundJson>().status]).toEqual([200, 'succeeded']);
    const again = await on.send(path, SEEN, key);
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    expect(problemOf(await on.send(path, { ...SEEN, by: 'another' }, key))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(problemOf(await on.send(path, SEEN))).toEqual([422, 'not_resolvable']);
  });

  it('leaves what has come back owed: its amount is held until it is tried again or given up', async () => {
    const payment = await captured();
    on.refundDesk.does = 'accept';
    const { id } = (await refund(payment, { amount: 400 })).json<RefundJson>();
    const path = `/v1/refunds/${id}/resolve`;
    const returned = { ...SEEN, found: 'returned' };
    const unnamed = await on.send(path, { ...returned, psp_reference: null });
    expect(unnamed.json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'psp_reference', message: 'is required where the money was given and came back' }],
    });
    const unknown = await on.send(path, { ...SEEN, found: 'perhaps' });
    expect(unknown.json()).toMatchObject({
      errors: [{ field: 'found', message: 'must be one of done, not_done, returned' }],
    });
    const key = { 'idempotency-key': 'case-4712' };
    const answer = await on.send(path, returned, key);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { status: 'failed', failure: { code: 'returned' } },
    ]);
    const again = await on.send(path, returned, key);
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([answer.body, 'true']);
    await on.until(async () => {
      const { data } = (await on.get(`/v1/payments/${payment.id}/events`)).json<{
        data: { type: string }[];
      }>();
      return data.some(({ type }) => type === 'RefundReturned');
    });
    expect(await present(payment)).toMatchObject({ amount_refunded: 0, amount_refund_pending: 400 });
    expect(problemOf(await refund(payment, { amount: 700 }))).toEqual([422, 'amount_exceeds_captured']);
    on.refundDesk.does = 'succeed';
    expect((await on.send(`/v1/refunds/${id}/retry`)).json()).toMatchObject({ status: 'succeeded' });
    // given, and come back unheard once more
    const second = await on.send(path, { ...returned, try: 2 });
    expect([second.statusCode, second.json()]).toMatchObject([200, { status: 'failed' }]);
  });
});

describe('lists', () => {
  it('of a payment’s refunds are whole and newest first, page by page', async () => {
    const payment = await captured();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.unshift((await refund(payment, { amount: 10 + n })).json<RefundJson>().id);
    }
    await refund(await captured());
    const found: string[] = [];
    let cursor = '';
    do {
      const query = `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = (await on.get(`/v1/payments/${payment.id}/refunds?${query}`)).json<{
        data: RefundJson[];
        next_cursor: string | null;
      }>();
      found.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor ?? '';
    } while (cursor !== '');
    expect(found).toEqual(ids);
  });

  it('refuse a cursor of another list, and a payment of another merchant', async () => {
    const payment = await captured();
    const url = `/v1/payments/${payment.id}/refunds`;
    expect(problemOf(await on.get(`${url}?cursor=x`))).toEqual([422, 'validation_failed']);
    expect(problemOf(await on.get(`${url}?limit=101`))).toEqual([422, 'validation_failed']);
    expect(problemOf(await on.get(url, as(OTHER_MERCHANT_KEY)))).toEqual([404, 'not_found']);
    expect(problemOf(await on.get(`/v1/disputes?cursor=x`))).toEqual([422, 'validation_failed']);
  });

  it('of disputes show the merchant’s own', async () => {
    const payment = await captured();
    await disputed(payment);
    const expected = {
      object: 'dispute',
      payment: payment.id,
      status: 'open',
      amount: 1099,
      amount_withdrawn: 1099,
      reason: 'fraudulent',
      psp: 'stripe',
      psp_reference: 'du_1',
    };
    for (const url of ['/v1/disputes', `/v1/payments/${payment.id}/disputes`]) {
      const { data } = (await on.get(url)).json<{ data: object[] }>();
      expect(data).toEqual([expect.objectContaining(expected)]);
    }
    expect((await on.get('/v1/disputes', as(OTHER_MERCHANT_KEY))).json()).toMatchObject({ data: [] });
    const foreign = await on.get(`/v1/payments/${payment.id}/disputes`, as(OTHER_MERCHANT_KEY));
    expect(problemOf(foreign)).toEqual([404, 'not_found']);
  });

  it('of events tell of the payment and of its refunds, in the order of the log', async () => {
    const payment = await captured();
    await refund(payment);
    const { data } = (await on.get(`/v1/payments/${payment.id}/events`)).json<{
      data: { type: string; position: string }[];
    }>();
    const types = data.map(({ type }) => type);
    expect(types.slice(-5)).toEqual([
      'RefundReserved',
      'RefundInitiated',
      'RefundAttemptStarted',
      'RefundSucceeded',
      'RefundSettled',
    ]);
    const positions = data.map(({ position }) => Number(position.split('/')[0]));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });
});

/** The buyer's bank takes all of it. */
async function disputed(payment: PaymentJson): Promise<void> {
  const paymentId = uuidOf('pay', payment.id)!;
  const attemptId = (payment.attempts as { id: string }[])[0]!.id;
  const told = disputeTold('funds_withdrawn', 1);
  if (told.type !== 'RecordDisputeFact') throw new Error('not a dispute');
  await on.tell(paymentStream(paymentId), { ...told, data: { ...told.data, attemptId } });
}
