import { AUTHORIZATION_LIFE_MS } from './ageing';
import { Driven, errorOf } from './driven-by-sdk';
import { EVENT_LIFE_MS } from './event';
import { TYPES_MAX } from './read-events';

let driven: Driven;
beforeAll(async () => {
  driven = await Driven.start();
});
beforeEach(() => driven.control('POST', 'reset'));
afterAll(() => driven.simulator.stop());

const charge = (...args: Parameters<Driven['charge']>) => driven.charge(...args);
const hold = (key: string) => charge(key, { capture_method: 'manual' });

describe('what happens is told', () => {
  it.each([
    ['a payment', () => charge('k'), ['payment_intent.succeeded']],
    [
      'a decline',
      () => errorOf(charge('k', { payment_method: 'pm_card_chargeDeclined' })),
      ['payment_intent.payment_failed'],
    ],
    [
      'a challenge',
      () => charge('k', { payment_method: 'pm_card_threeDSecure2Required' }),
      ['payment_intent.requires_action'],
    ],
    [
      'a capture',
      async () => driven.stripe.paymentIntents.capture((await hold('k')).id, { amount_to_capture: 9 }),
      ['payment_intent.amount_capturable_updated', 'charge.captured', 'payment_intent.succeeded'],
    ],
    [
      'a void',
      async () => driven.stripe.paymentIntents.cancel((await hold('k')).id),
      ['payment_intent.amount_capturable_updated', 'charge.refunded', 'payment_intent.canceled'],
    ],
    [
      'a refund',
      async () => driven.stripe.refunds.create({ payment_intent: (await charge('k')).id }),
      ['payment_intent.succeeded', 'refund.created', 'charge.refunded'],
    ],
    [
      'an update',
      async () => driven.stripe.paymentIntents.update((await charge('k')).id, { description: 'x' }),
      ['payment_intent.succeeded'],
    ],
  ])('%s', async (_what, act, types) => {
    await act();
    expect(await driven.happened()).toEqual(types);
  });

  it('the end of a challenge, which no request of ours caused', async () => {
    const asked = await charge('k', { payment_method: 'pm_card_threeDSecure2Required' });
    await fetch(asked.next_action?.redirect_to_url?.url ?? '', { method: 'POST', body: 'result=fail' });
    const [event] = (await driven.stripe.events.list()).data;
    expect(event).toMatchObject({
      type: 'payment_intent.payment_failed',
      request: { id: null, idempotency_key: null },
    });
  });

  it('an authorisation that nobody captured in time, without anybody looking', async () => {
    const { id } = await hold('k');
    await driven.advance(AUTHORIZATION_LIFE_MS);
    expect((await driven.outbox()).map(({ event }) => event.type)).toEqual([
      'payment_intent.amount_capturable_updated',
      'charge.expired',
      'payment_intent.canceled',
    ]);
    expect(await driven.stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    });
    expect((await errorOf(driven.stripe.paymentIntents.capture(id))).statusCode).toBe(400);
    expect(await driven.happened()).toHaveLength(3);
  });
});

describe('an event', () => {
  it('echoes the idempotency key of the request that was executed, also when its answer was lost', async () => {
    await driven.failNext('authorize', 'reset_after_commit');
    await errorOf(charge('lost', { metadata: { attempt: 'att_1' } }));
    await charge('lost', { metadata: { attempt: 'att_1' } });
    const { data } = await driven.stripe.events.list();
    expect(data).toMatchObject([
      {
        object: 'event',
        livemode: false,
        type: 'payment_intent.succeeded',
        request: { idempotency_key: 'lost' },
        data: { object: { object: 'payment_intent', metadata: { attempt: 'att_1' }, status: 'succeeded' } },
      },
    ]);
    expect(data[0]?.request?.id).toMatch(/^req_/);
  });

  it('shows its object as it was then', async () => {
    const { id } = await hold('k');
    await driven.stripe.paymentIntents.capture(id, { amount_to_capture: 99 });
    const { data } = await driven.stripe.events.list();
    expect(data.map(({ data: { object } }) => object)).toMatchObject([
      { object: 'payment_intent', id, status: 'succeeded', amount_received: 99 },
      { object: 'charge', payment_intent: id, captured: true, amount_captured: 99, amount_refunded: 1000 },
      { object: 'payment_intent', id, status: 'requires_capture', amount_capturable: 1099 },
    ]);
    expect(await driven.stripe.events.retrieve(data[1]?.id ?? '')).toEqual(
      expect.objectContaining({ ...data[1] }),
    );
  });

  it('can be read for 30 days, and no longer', async () => {
    await charge('old');
    const [event] = (await driven.stripe.events.list()).data;
    await driven.advance(EVENT_LIFE_MS - 60_000);
    expect((await driven.stripe.events.retrieve(event?.id ?? '')).id).toBe(event?.id);
    await driven.advance(60_001);
    expect((await errorOf(driven.stripe.events.retrieve(event?.id ?? ''))).statusCode).toBe(404);
    expect((await driven.stripe.events.list()).data).toEqual([]);
  });
});

describe('the list of events', () => {
  const START_MS = Date.parse('2026-05-01T12:00:00Z');
  let nowMs = START_MS;
  let full: Driven;
  beforeAll(async () => {
    full = await Driven.start({ clock: () => nowMs });
    for (let n = 0; n < 8; n += 1) {
      nowMs = START_MS + n * 1_000;
      const { id } = await full.charge(`k${n}`, { capture_method: n % 2 === 0 ? 'automatic' : 'manual' });
      if (n % 2 === 1) await full.stripe.paymentIntents.capture(id);
    }
  });
  afterAll(() => full.simulator.stop());
  const read = async (params: object) => (await full.stripe.events.list(params)).data;

  it('is newest first, and pages both ways without gap or repetition', async () => {
    const all = await read({ limit: 100 });
    expect(all).toHaveLength(4 + 3 * 4);
    expect(all.map(({ created }) => created)).toEqual(
      all.map(({ created }) => created).toSorted((a, b) => b - a),
    );
    const seen: string[] = [];
    for await (const { id } of full.stripe.events.list({ limit: 3 })) seen.push(id);
    expect(seen).toEqual(all.map(({ id }) => id));
    const before = await read({ limit: 2, ending_before: seen[5] });
    expect(before.map(({ id }) => id)).toEqual(seen.slice(3, 5));
  });

  it('takes one type, several, or a whole family', async () => {
    const names = async (params: object) =>
      new Set((await read({ limit: 100, ...params })).map(({ type }) => type));
    expect(await names({ type: 'charge.captured' })).toEqual(new Set(['charge.captured']));
    expect(await names({ types: ['charge.captured', 'payment_intent.succeeded'] })).toEqual(
      new Set(['charge.captured', 'payment_intent.succeeded']),
    );
    expect(await names({ type: 'charge.*' })).toEqual(new Set(['charge.captured']));
  });

  it('takes bounds of time', async () => {
    const gte = START_MS / 1000 + 6;
    expect((await read({ created: { gte } })).map(({ created }) => created - gte)).toEqual([1, 1, 1, 0]);
    expect(await read({ created: { lt: START_MS / 1000 } })).toEqual([]);
  });

  it.each([
    { type: 'charge.captured', types: ['charge.captured'] },
    { types: Array.from({ length: TYPES_MAX + 1 }, (_, n) => `t${n}`) },
    { expand: ['data.moon'] },
    { limit: 101 },
  ])('refuses %j', async (params) => {
    expect((await errorOf(full.stripe.events.list(params))).statusCode).toBe(400);
  });

  it(`takes ${TYPES_MAX} types`, async () => {
    expect(await read({ types: Array.from({ length: TYPES_MAX }, (_, n) => `t${n}`) })).toEqual([]);
  });

  it('meets the faults of its own name', async () => {
    await full.failNext('events', 'stale:3600000');
    expect(await read({})).toEqual([]);
    await full.failNext('events', '500_not_executed');
    expect((await errorOf(full.stripe.events.list())).statusCode).toBe(500);
  });
});
