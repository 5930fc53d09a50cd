import type { PaymentJson } from '@tender/domain';
import { paymentIdOf, publicId } from '@tender/domain';
import { paymentStream } from '@tender/engine';
import { MAX_EVENTS_PAGE_SIZE } from '../config/limits';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, OTHER_MERCHANT_KEY, READ_ONLY_KEY } from '../../spec/api-on-memory';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const SILENT = { ...VISA, payment_method: 'pm_card_silent' };
const NO_WAIT = { prefer: 'wait=0' };

const approval = (amountMinor: bigint) =>
  ({
    kind: 'approved',
    pspReference: 'pi_late',
    amountMinor,
    captured: true,
    card: null,
    occurredAt: '2026-01-31T12:00:00.000Z',
  }) as const;

let on: ApiOnMemory;
beforeAll(async () => {
  on = await apiOnMemory();
});
afterAll(() => on.close());

/** What a PSP that was silent answers in the end. */
const answerLate = async (key: string): Promise<void> => {
  const stream = paymentStream(paymentIdOf('demo', key));
  const [, started] = await on.log.readStream(stream);
  await on.psp.answer(stream, String(started?.data.attemptId), approval(1099n));
};

describe('POST /v1/payments', () => {
  it.each<[string, string]>([
    ['pm_card_visa', 'succeeded'],
    ['pm_card_declined', 'failed'],
    ['pm_card_3ds', 'requires_action'],
  ])('with %s answers 201 %s', async (token, status) => {
    const answer = await on.post({ ...VISA, payment_method: token });
    expect([answer.statusCode, answer.json<PaymentJson>().status]).toStrictEqual([201, status]);
    expect(answer.headers['idempotent-replayed']).toBeUndefined();
  });

  it('records everything that was asked for', async () => {
    const body = {
      ...VISA,
      customer_id: 'cus_77',
      description: 'Order A-17',
      metadata: { order: 'A-17', constructor: 'x', amountMinor: '1', 'a.b': '$c' },
      statement_descriptor: 'SHOP',
      return_url: 'https://shop.example/return',
      routing: { order: ['stripe'] },
    };
    const payment = (await on.post(body, { 'idempotency-key': 'everything' })).json<PaymentJson>();
    expect(payment).toMatchObject({
      id: publicId('pay', paymentIdOf('demo', 'everything')),
      customer_id: 'cus_77',
      description: 'Order A-17',
      metadata: body.metadata,
    });
    const [initiated] = await on.log.readStream(paymentStream(paymentIdOf('demo', 'everything')));
    expect(initiated?.data).toMatchObject({
      statementDescriptor: 'SHOP',
      routingWish: { kind: 'order', psps: ['stripe'] },
    });
    expect(initiated?.metadata.actor).toBe('api-key:key_demo');
  });

  it('is routed by the rules, and the attempt says by which', async () => {
    const prefer = { kind: 'order', psps: ['adyen', 'stripe'] } as const;
    const routing = { rules: [{ name: 'demo-shop', when: { merchants: ['demo'] }, prefer }] };
    const ruled = await apiOnMemory({ routing });
    const tokens = { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' };
    await ruled.post({ ...VISA, payment_method: tokens }, { 'idempotency-key': 'ruled' });
    const [, started] = await ruled.log.readStream(paymentStream(paymentIdOf('demo', 'ruled')));
    expect(started?.data).toMatchObject({ psp: 'adyen', reason: 'rule demo-shop' });
    await ruled.close();
  });

  it('uses the request’s own id as the command’s', async () => {
    const answer = await on.post(VISA, { 'idempotency-key': 'own-id' });
    const [initiated] = await on.log.readStream(paymentStream(paymentIdOf('demo', 'own-id')));
    expect(initiated?.metadata.commandId).toBe(answer.headers['request-id']);
  });

  it('answers a repetition with the same bytes, also after later events', async () => {
    const key = { 'idempotency-key': 'repeated' };
    const first = await on.post({ ...VISA, payment_method: 'pm_card_3ds' }, key);
    await answerLate('repeated');
    const again = await on.post({ payment_method: 'pm_card_3ds', currency: 'USD', amount: 1099 }, key);
    expect([again.statusCode, again.body]).toStrictEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const present = await on.get(`/v1/payments/${first.json<PaymentJson>().id}`);
    expect(present.json<PaymentJson>().status).toBe('succeeded');
  });

  it('lesson 27: records one payment for a key that many send at once', async () => {
    const before = on.recorded();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => on.post(VISA, { 'idempotency-key': 'crowd' })),
    );
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(on.recorded() - before).toBe(4);
  });

  it('refuses a key that was used with another body', async () => {
    const key = { 'idempotency-key': 'reused' };
    await on.post(VISA, key);
    const before = on.recorded();
    const other = await on.post({ ...VISA, amount: 1100 }, key);
    expect([other.statusCode, other.json<{ code: string }>().code]).toStrictEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(on.recorded()).toBe(before);
  });

  it('keeps the keys of two merchants apart', async () => {
    const key = { 'idempotency-key': 'both' };
    const ours = await on.post(VISA, key);
    const theirs = await on.post(VISA, { ...key, authorization: `Bearer ${OTHER_MERCHANT_KEY}` });
    expect(theirs.json<PaymentJson>().id).not.toBe(ours.json<PaymentJson>().id);
    expect(theirs.headers['idempotent-replayed']).toBeUndefined();
  });

  it('answers 202 with the present state when the wait ends first, and never replays that', async () => {
    const key = { 'idempotency-key': 'slow' };
    const waiting = await on.post(SILENT, { ...key, ...NO_WAIT });
    expect([waiting.statusCode, waiting.json<PaymentJson>().status]).toStrictEqual([202, 'processing']);
    const { id } = waiting.json<PaymentJson>();
    expect(waiting.headers.location).toBe(`/v1/payments/${id}`);
    await answerLate('slow');
    const settled = await on.post(SILENT, key);
    expect([settled.statusCode, settled.json<PaymentJson>().status]).toStrictEqual([201, 'succeeded']);
    expect(settled.headers['idempotent-replayed']).toBe('true');
  });

  it('lets a repetition join the wait', async () => {
    const key = { 'idempotency-key': 'joined' };
    await on.post(SILENT, { ...key, ...NO_WAIT });
    const joined = on.post(SILENT, key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await answerLate('joined');
    expect((await joined).statusCode).toBe(201);
  });

  it('keeps waiting through an unknown outcome', async () => {
    const answer = await on.post({ ...VISA, payment_method: 'pm_card_lost' }, { prefer: 'wait=1' });
    expect([answer.statusCode, answer.json<PaymentJson>().status]).toStrictEqual([202, 'outcome_unknown']);
  });

  it('leaves the key usable after a refusal', async () => {
    const key = { 'idempotency-key': 'second-try' };
    expect((await on.post({ ...VISA, amount: 0 }, key)).statusCode).toBe(422);
    expect((await on.post(VISA, key)).statusCode).toBe(201);
  });

  it.each<[string, object, string]>([
    ['a currency without a route', { ...VISA, currency: 'NOK' }, 'currency_not_supported'],
    ['a pin to a PSP without a token', { ...VISA, routing: { psp: 'adyen' } }, 'no_usable_payment_method'],
    ['an amount over the limit', { ...VISA, amount: 100_000_000 }, 'validation_failed'],
  ])('refuses %s and records nothing', async (_, body, code) => {
    const before = on.recorded();
    const answer = await on.post(body);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toStrictEqual([422, code]);
    expect(on.recorded()).toBe(before);
  });

  it('takes the largest amount', async () => {
    expect((await on.post({ ...VISA, amount: 99_999_999 })).statusCode).toBe(201);
  });
});

describe('a key that is recorded', () => {
  it('keeps its answer when limits and routes change', async () => {
    const narrow = await apiOnMemory({ maxAmountMinor: 10, psps: {} }, on.log.store);
    const key = { 'idempotency-key': 'before-the-change' };
    const first = await on.post(VISA, key);
    const again = await narrow.post(VISA, key);
    expect([again.statusCode, again.body]).toStrictEqual([201, first.body]);
    expect((await narrow.post({ ...VISA, amount: 11 }, key)).json<{ code: string }>().code).toBe(
      'idempotency_key_reused',
    );
    expect(
      (await narrow.post(VISA, { 'idempotency-key': 'after-the-change' })).json<{ errors: unknown }>().errors,
    ).toStrictEqual([{ field: 'amount', message: 'must be at most 10' }]);
    await narrow.close();
  });
});

describe('GET /v1/payments/:id', () => {
  it('answers the payment as it is now', async () => {
    const created = await on.post(VISA);
    const answer = await on.get(`/v1/payments/${created.json<PaymentJson>().id}`, {
      authorization: `Bearer ${READ_ONLY_KEY}`,
    });
    expect([answer.statusCode, answer.body]).toStrictEqual([200, created.body]);
  });

  it.each([
    'pay_00000000000000000000000000000000',
    'pay_x',
    'PAY_00000000000000000000000000000000',
    'att_00000000000000000000000000000000',
    '00000000-0000-0000-0000-000000000000',
    '%20',
  ])('answers 404 for %s', async (id) => {
    for (const suffix of ['', '/events']) {
      const answer = await on.get(`/v1/payments/${id}${suffix}`);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toStrictEqual([404, 'not_found']);
    }
  });

  it('answers 404 to other merchants', async () => {
    const { id } = (await on.post(VISA)).json<PaymentJson>();
    const authorization = `Bearer ${OTHER_MERCHANT_KEY}`;
    expect((await on.get(`/v1/payments/${id}`, { authorization })).statusCode).toBe(404);
    expect((await on.get(`/v1/payments/${id}/events`, { authorization })).statusCode).toBe(404);
  });
});

describe('GET /v1/payments/:id/events', () => {
  it('tells everything that was recorded, amounts as integers', async () => {
    const { id } = (await on.post(VISA)).json<PaymentJson>();
    const answer = await on.get(`/v1/payments/${id}/events`);
    const { object, data, next_cursor } = answer.json<{
      object: string;
      data: { type: string; revision: number; data: Record<string, unknown> }[];
      next_cursor: null;
    }>();
    expect([object, next_cursor]).toStrictEqual(['list', null]);
    expect(data.map(({ type }) => type)).toStrictEqual([
      'PaymentInitiated',
      'AttemptStarted',
      'AttemptAuthorized',
      'PaymentCaptured',
    ]);
    expect(data.map(({ revision }) => revision)).toStrictEqual([0, 1, 2, 3]);
    expect(data[3]?.data.amountMinor).toBe(1099);
  });

  it('is walked in pages of any size: each event once, in the same order', async () => {
    const { id } = (await on.post(VISA)).json<PaymentJson>();
    const page = async (query: string) => {
      const answer = await on.get(`/v1/payments/${id}/events${query}`);
      return answer.json<{ data: { id: string }[]; next_cursor: string | null }>();
    };
    const all = (await page('')).data;
    expect(all).toHaveLength(4);
    for (const limit of [1, 2, 3, 4, MAX_EVENTS_PAGE_SIZE]) {
      const walked: { id: string }[] = [];
      for (let next: string | null = ''; next !== null;) {
        const at: Awaited<ReturnType<typeof page>> = await page(
          `?limit=${limit}${next === '' ? '' : `&cursor=${next}`}`,
        );
        walked.push(...at.data);
        next = at.next_cursor;
      }
      expect(walked).toStrictEqual(all);
    }
  });

  it.each([
    ['limit=0', 'limit'],
    [`limit=${MAX_EVENTS_PAGE_SIZE + 1}`, 'limit'],
    ['limit=x', 'limit'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('e1:1:1:1').toString('base64url')}`, 'cursor'],
    ['page=2', 'page'],
  ])('refuses %s by name', async (query, field) => {
    const { id } = (await on.post(VISA)).json<PaymentJson>();
    const answer = await on.get(`/v1/payments/${id}/events?${query}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: { field: string }[] }>().errors.map((error) => error.field)).toStrictEqual([
      field,
    ]);
  });
});

describe('GET /v1/payments', () => {
  const page = async (query: string): Promise<{ ids: unknown[]; next: string | null }> => {
    const answer = await on.get(`/v1/payments${query}`);
    const { data, next_cursor } = answer.json<{ data: PaymentJson[]; next_cursor: string | null }>();
    return { ids: data.map(({ id }) => id), next: next_cursor };
  };

  it('walks all payments in pages, newest first', async () => {
    const created: unknown[] = [];
    for (let index = 0; index < 3; index += 1) {
      created.push((await on.post({ ...VISA, customer_id: 'walker' })).json<PaymentJson>().id);
    }
    const first = await page('?customer_id=walker&limit=2');
    const second = await page(`?customer_id=walker&limit=2&cursor=${first.next}`);
    expect([...first.ids, ...second.ids]).toStrictEqual(created.toReversed());
    expect(second.next).toBeNull();
  });

  it('filters', async () => {
    const { id } = (
      await on.post({ ...VISA, customer_id: 'filtered', payment_method: 'pm_card_declined' })
    ).json<PaymentJson>();
    const filters =
      'status=failed&psp=stripe&customer_id=filtered&created_after=2020-01-01T00:00:00Z&created_before=2999-01-01T00:00:00%2B02:00';
    expect((await page(`?${filters}`)).ids).toStrictEqual([id]);
    expect((await page('?status=succeeded&customer_id=filtered')).ids).toStrictEqual([]);
  });

  it.each([
    ['status', 'status=paid'],
    ['psp', 'psp=paypal'],
    ['customer_id', 'customer_id='],
    ['customer_id', 'customer_id=a&customer_id=b'],
    ['created_after', 'created_after=yesterday'],
    ['created_after', 'created_after=2026-13-01T00:00:00Z'],
    ['created_before', 'created_before=2026-01-01'],
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=ten'],
    ['limit', 'limit=1.5'],
    ['cursor', 'cursor=tampered'],
    ['cursor', `cursor=${'a'.repeat(1_001)}`],
    ['page', 'page=2'],
  ])('names %s as wrong in ?%s', async (field, query) => {
    const answer = await on.get(`/v1/payments?${query}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: { field: string }[] }>().errors.map((error) => error.field)).toStrictEqual([
      field,
    ]);
  });

  it('gives up to 100 a page', async () => {
    expect((await on.get('/v1/payments?limit=100')).statusCode).toBe(200);
  });
});
