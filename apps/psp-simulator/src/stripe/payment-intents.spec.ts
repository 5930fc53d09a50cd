import { AMOUNT_MAX } from './amounts';
import { Driven, errorOf } from './driven-by-sdk';
import { AUTHORIZATION_LIFE_MS } from './ageing';
import { METADATA_KEYS_MAX, METADATA_KEY_MAX_LENGTH, METADATA_VALUE_MAX_LENGTH } from './params';

describe('payment intents', () => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await Driven.start();
  });
  beforeEach(() => driven.control('POST', 'reset'));
  afterAll(() => driven.simulator.stop());

  it('charges at once when created with confirm', async () => {
    const intent = await driven.charge('k', { metadata: { attempt: 'att_1', payment: 'pay_1' } });
    expect(intent).toMatchObject({
      object: 'payment_intent',
      status: 'succeeded',
      amount: 1099,
      amount_received: 1099,
      amount_capturable: 0,
      currency: 'usd',
      metadata: { attempt: 'att_1', payment: 'pay_1' },
      livemode: false,
    });
    expect(intent.id).toMatch(/^pi_/);
    expect(intent.latest_charge).toMatch(/^ch_/);
    expect(intent.lastResponse.headers).toMatchObject({ 'idempotency-key': 'k' });
    expect(intent.lastResponse.headers['stripe-version']).toBe(intent.lastResponse.apiVersion);
    expect(intent.lastResponse.requestId).toMatch(/^req_/);
    expect(await driven.truth()).toEqual([
      {
        reference: intent.id,
        our_reference: 'att_1',
        idempotency_key: 'k',
        kind: 'charge',
        amount: 1099,
        currency: 'USD',
        status: 'succeeded',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      },
    ]);
  });

  it('goes from created to confirmed to captured, each step on its own', async () => {
    const { paymentIntents } = driven.stripe;
    const created = await paymentIntents.create({ amount: 2000, currency: 'eur', capture_method: 'manual' });
    expect(created.status).toBe('requires_payment_method');
    const withMethod = await paymentIntents.update(created.id, { payment_method: 'pm_card_visa' });
    expect(withMethod.status).toBe('requires_confirmation');
    const held = await paymentIntents.confirm(created.id);
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2000, amount_received: 0 });
    const part = { amount_to_capture: 1500, expand: ['latest_charge'] };
    const taken = await paymentIntents.capture(created.id, part, { idempotencyKey: 'cap' });
    expect(taken).toMatchObject({
      status: 'succeeded',
      amount: 2000,
      amount_capturable: 0,
      amount_received: 1500,
      latest_charge: { captured: true, amount_captured: 1500, amount_refunded: 500 },
    });
    expect(await driven.truth()).toMatchObject([
      { kind: 'charge', amount: 2000, status: 'succeeded' },
      { kind: 'capture', amount: 1500, status: 'succeeded', idempotency_key: 'cap' },
    ]);
  });

  it('voids an authorisation', async () => {
    const held = await driven.charge('h', { capture_method: 'manual', metadata: { attempt: 'att_v' } });
    const reason = { cancellation_reason: 'requested_by_customer' as const, expand: ['latest_charge'] };
    const ended = await driven.stripe.paymentIntents.cancel(held.id, reason, { idempotencyKey: 'v' });
    expect(ended).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'requested_by_customer',
      amount_capturable: 0,
      latest_charge: { refunded: true, captured: false },
    });
    expect(await driven.truth()).toMatchObject([
      { kind: 'charge', status: 'canceled' },
      { kind: 'void', status: 'succeeded', our_reference: 'att_v', idempotency_key: 'v' },
    ]);
  });

  it('gives an authorisation back that nobody captured for seven days', async () => {
    let nowMs = Date.parse('2026-03-01T00:00:00Z');
    const frozen = await Driven.start({ clock: () => nowMs });
    const held = await frozen.charge('h', { capture_method: 'manual' });
    nowMs += AUTHORIZATION_LIFE_MS - 1;
    expect((await frozen.stripe.paymentIntents.retrieve(held.id)).status).toBe('requires_capture');
    nowMs += 1;
    expect(await frozen.stripe.paymentIntents.retrieve(held.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    });
    expect((await errorOf(frozen.stripe.paymentIntents.capture(held.id))).statusCode).toBe(400);
    expect((await frozen.truth()).map((row) => row.kind)).toEqual(['charge', 'void']);
    await frozen.simulator.stop();
  });

  describe('state rules', () => {
    /** Every state that a card payment can be in, and the calls it refuses. */
    const states: Record<string, { make: () => Promise<string>; refuses: string[] }> = {
      requires_payment_method: { make: async () => (await bare()).id, refuses: ['confirm', 'capture'] },
      requires_confirmation: { make: async () => (await bare('pm_card_visa')).id, refuses: ['capture'] },
      requires_action: {
        make: async () => (await driven.charge('a', { payment_method: 'pm_card_authenticationRequired' })).id,
        refuses: ['capture'],
      },
      requires_capture: {
        make: async () => (await driven.charge('m', { capture_method: 'manual' })).id,
        refuses: ['confirm', 'update'],
      },
      succeeded: {
        make: async () => (await driven.charge('s')).id,
        refuses: ['confirm', 'capture', 'cancel', 'update'],
      },
      canceled: {
        make: async () => (await driven.stripe.paymentIntents.cancel((await bare()).id)).id,
        refuses: ['confirm', 'capture', 'cancel', 'update'],
      },
    };
    const bare = (payment_method?: string): Promise<{ id: string }> =>
      driven.stripe.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        ...(payment_method === undefined ? {} : { payment_method }),
      });
    const calls: Record<string, (id: string) => Promise<{ status: string }>> = {
      confirm: (id) => driven.stripe.paymentIntents.confirm(id),
      capture: (id) => driven.stripe.paymentIntents.capture(id),
      cancel: (id) => driven.stripe.paymentIntents.cancel(id),
      update: (id) => driven.stripe.paymentIntents.update(id, { amount: 400 }),
    };
    const table = Object.entries(states).flatMap(([state, { make, refuses }]) =>
      Object.entries(calls).map(([name, call]) => ({
        state,
        name,
        make,
        call,
        refused: refuses.includes(name),
      })),
    );

    it.each(table.filter((row) => row.refused))(
      '$state refuses $name and stays',
      async ({ state, make, call }) => {
        const id = await make();
        const error = await errorOf(call(id));
        expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
        expect(error.payment_intent).toMatchObject({ id, status: state });
        expect((await driven.stripe.paymentIntents.retrieve(id)).status).toBe(state);
      },
    );

    it.each(table.filter((row) => !row.refused))('$state allows $name', async ({ make, call }) => {
      const id = await make();
      expect((await call(id)).status).toEqual(expect.any(String));
    });
  });

  it('answers 404 for an intent that does not exist', async () => {
    const { paymentIntents } = driven.stripe;
    for (const call of [
      () => paymentIntents.retrieve('pi_none'),
      () => paymentIntents.capture('pi_none'),
      () => paymentIntents.cancel('pi_none'),
      () => paymentIntents.confirm('pi_none'),
    ]) {
      expect(await errorOf(call())).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    }
  });

  it('answers 404 for a URL that the API does not have', async () => {
    expect((await errorOf(driven.stripe.payouts.list())).statusCode).toBe(404);
    const error = await errorOf(driven.stripe.rawRequest('POST', '/v1/payment_intents/pi_1/burn', {}));
    expect(error).toMatchObject({ statusCode: 404, type: 'StripeInvalidRequestError' });
  });

  it('captures no more than was authorised', async () => {
    const held = await driven.charge('h', { capture_method: 'manual' });
    const capture = (amount: number): Promise<{ status: string }> =>
      driven.stripe.paymentIntents.capture(held.id, { amount_to_capture: amount });
    expect((await errorOf(capture(1100))).code).toBe('amount_too_large');
    expect((await capture(1099)).status).toBe('succeeded');
  });

  it.each([
    [{ amount: 0 }, 'parameter_invalid_integer'],
    [{ amount: -5 }, 'parameter_invalid_integer'],
    [{ amount: 10.5 }, 'parameter_invalid_integer'],
    [{ amount: AMOUNT_MAX + 1 }, 'amount_too_large'],
    [{ currency: 'xxx' }, undefined],
    [{ shoe_size: 44 }, 'parameter_unknown'],
    [{ confirm: 'maybe' }, undefined],
    [{ capture_method: 'never' }, undefined],
    [{ expand: ['moon'] }, undefined],
    [{ payment_method: '' }, 'parameter_missing'],
    [{ statement_descriptor_suffix: 'x'.repeat(23) }, undefined],
    [{ statement_descriptor_suffix: '12345' }, undefined],
    [{ metadata: { ['k'.repeat(METADATA_KEY_MAX_LENGTH + 1)]: 'v' } }, undefined],
    [{ metadata: { k: 'v'.repeat(METADATA_VALUE_MAX_LENGTH + 1) } }, undefined],
    [
      {
        metadata: Object.fromEntries(Array.from({ length: METADATA_KEYS_MAX + 1 }, (_, n) => [`k${n}`, 'v'])),
      },
      undefined,
    ],
  ])('refuses %j before anything is created', async (more, code) => {
    const error = await errorOf(driven.charge('bad', more as object));
    expect(error).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error', code });
    expect(await driven.truth()).toEqual([]);
  });

  it('takes the largest of everything', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: METADATA_KEYS_MAX }, (_, n) => [
        `${n}`.padEnd(METADATA_KEY_MAX_LENGTH, 'k'),
        'v'.repeat(METADATA_VALUE_MAX_LENGTH),
      ]),
    );
    const suffix = 'x'.repeat(22);
    const most = { amount: AMOUNT_MAX, metadata, statement_descriptor_suffix: suffix };
    expect(await driven.charge('most', most)).toMatchObject({ ...most, status: 'succeeded' });
  });

  it('merges metadata, and an empty value removes a key', async () => {
    const intent = await driven.charge('k', { metadata: { a: '1', b: '2' } });
    const changed = await driven.stripe.paymentIntents.update(intent.id, {
      metadata: { b: '', c: 'ü&=[]+ %' },
    });
    expect(changed.metadata).toEqual({ a: '1', c: 'ü&=[]+ %' });
    expect(changed.status).toBe('succeeded');
  });

  describe('amounts by currency', () => {
    it.each([
      ['usd', 1099, 1099],
      ['jpy', 1099, 1099],
      ['ugx', 109_900, 1099],
      ['isk', 500, 5],
      ['mga', 5, 500],
      ['kwd', 5120, 5120],
    ])('%s %i is %i ISO minor units in the truth', async (currency, amount, minor) => {
      const intent = await driven.charge('c', { currency, amount });
      expect(intent.amount).toBe(amount);
      expect(await driven.truth()).toMatchObject([{ amount: minor, currency: currency.toUpperCase() }]);
    });

    it.each([
      ['kwd', 5125],
      ['isk', 550],
      ['ugx', 1099],
    ])('%s cannot be charged %i', async (currency, amount) => {
      expect((await errorOf(driven.charge('c', { currency, amount }))).statusCode).toBe(400);
    });
  });

  describe('lists', () => {
    const START_MS = Date.parse('2026-05-01T12:00:00Z');
    const COUNT = 25;
    let nowMs = START_MS;
    let full: Driven;
    const made: string[] = [];
    beforeAll(async () => {
      full = await Driven.start({ clock: () => nowMs });
      for (let n = 0; n < COUNT; n += 1) {
        nowMs = START_MS + n * 500;
        made.unshift((await full.charge(`k${n}`, { customer: n % 5 === 0 ? 'cus_a' : 'cus_b' })).id);
      }
    });
    afterAll(() => full.simulator.stop());
    const ids = async (params: object): Promise<string[]> =>
      (await full.stripe.paymentIntents.list(params)).data.map((intent) => intent.id);

    it('shows the newest first, ten unless told otherwise', async () => {
      const page = await full.stripe.paymentIntents.list();
      expect(page.data.map((intent) => intent.id)).toEqual(made.slice(0, 10));
      expect(page).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' });
    });

    it('pages forward without gap or repetition, and says when it ends', async () => {
      const seen: string[] = [];
      for await (const intent of full.stripe.paymentIntents.list({ limit: 7 })) seen.push(intent.id);
      expect(seen).toEqual(made);
      const last = await full.stripe.paymentIntents.list({ limit: 5, starting_after: made[19]! });
      expect(last.has_more).toBe(false);
    });

    it('pages backward from a cursor', async () => {
      const page = await full.stripe.paymentIntents.list({ limit: 5, ending_before: made[12]! });
      expect(page.data.map((intent) => intent.id)).toEqual(made.slice(7, 12));
      expect(page.has_more).toBe(true);
      expect(await ids({ limit: 5, ending_before: made[3]! })).toEqual(made.slice(0, 3));
    });

    it('bounds by creation time in seconds, both ends as named', async () => {
      const from = START_MS / 1000 + 3;
      const created = (n: number): number => Math.floor((START_MS + (COUNT - 1 - n) * 500) / 1000);
      const where = (keep: (at: number) => boolean): string[] => made.filter((_, n) => keep(created(n)));
      expect(await ids({ created: { gte: from, lte: from + 2 }, limit: 100 })).toEqual(
        where((at) => at >= from && at <= from + 2),
      );
      expect(await ids({ created: { gt: from, lt: from + 2 }, limit: 100 })).toEqual(
        where((at) => at === from + 1),
      );
      expect(await ids({ created: from, limit: 100 })).toEqual(where((at) => at === from));
      expect(await ids({ created: { gte: from }, limit: 3, starting_after: made[20]! })).toEqual([]);
    });

    it('filters by customer', async () => {
      expect(await ids({ customer: 'cus_a', limit: 3 })).toEqual([made[4], made[9], made[14]]);
      const rest = await full.stripe.paymentIntents.list({
        customer: 'cus_a',
        limit: 2,
        starting_after: made[14]!,
      });
      expect(rest).toMatchObject({ has_more: false, data: [{ id: made[19] }, { id: made[24] }] });
    });

    it.each([
      [{ limit: 0 }],
      [{ limit: 101 }],
      [{ created: { gte: 'noon' } }],
      [{ created: { around: 1 } }],
      [{ starting_after: 'pi_none' }],
      [{ starting_after: 'pi_1', ending_before: 'pi_2' }],
      [{ metadata: { attempt: 'att_1' } }],
    ])('refuses %j', async (params) => {
      expect((await errorOf(full.stripe.paymentIntents.list(params as object))).statusCode).toBe(400);
    });

    it('takes a limit of 100', async () => {
      expect(await ids({ limit: 100 })).toHaveLength(COUNT);
    });
  });
});
