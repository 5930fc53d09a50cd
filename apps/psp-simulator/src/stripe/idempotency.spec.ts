import { Driven, errorOf } from './driven-by-sdk';
import { KEY_LIFE_MS, KEY_MAX_LENGTH } from './idempotency-store';

const charges = async (driven: Driven): Promise<number> =>
  (await driven.truth()).filter((row) => row.kind === 'charge').length;

describe('the idempotency layer', () => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await Driven.start();
  });
  beforeEach(() => driven.control('POST', 'reset'));
  afterAll(() => driven.simulator.stop());

  it('answers 401 before it looks at the key, and stores nothing', async () => {
    const post = (authorization: string): Promise<Response> =>
      fetch(`${driven.simulator.url}/v1/payment_intents`, {
        method: 'POST',
        headers: { Authorization: authorization, 'Idempotency-Key': 'k' },
        body: 'amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true',
      });
    expect((await post('Bearer wrong')).status).toBe(401);
    const accepted = await post('Bearer sk_test_simulator');
    expect(accepted.status).toBe(200);
    expect(accepted.headers.get('idempotent-replayed')).toBeNull();
  });

  it('answers the same request under the same key with the same bytes, and charges once', async () => {
    const body = 'amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true';
    const send = async (form: string): Promise<{ text: string; headers: Headers }> => {
      const response = await fetch(`${driven.simulator.url}/v1/payment_intents`, {
        method: 'POST',
        headers: { Authorization: 'Bearer sk_test_simulator', 'Idempotency-Key': 'same' },
        body: form,
      });
      return { text: await response.text(), headers: response.headers };
    };
    const first = await send(body);
    const again = await send(body);
    const reordered = await send(body.split('&').toReversed().join('&'));
    expect(again.text).toBe(first.text);
    expect(reordered.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'));
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
    expect(again.headers.get('idempotency-key')).toBe('same');
    expect(await charges(driven)).toBe(1);
  });

  it('replays what was answered then, not what the payment is now', async () => {
    const held = await driven.charge('hold', { capture_method: 'manual' });
    await driven.stripe.paymentIntents.capture(held.id, {}, { idempotencyKey: 'take' });
    expect((await driven.charge('hold', { capture_method: 'manual' })).status).toBe('requires_capture');
    expect((await driven.stripe.paymentIntents.retrieve(held.id)).status).toBe('succeeded');
  });

  it('stores a decline: the same key is declined again without a second try', async () => {
    const declined = { payment_method: 'pm_card_chargeDeclined' };
    const first = await errorOf(driven.charge('declined', declined));
    const again = await errorOf(driven.charge('declined', declined));
    expect(again.raw).toMatchObject({ charge: (first.raw as { charge: string }).charge });
    expect(again.headers?.['idempotent-replayed']).toBe('true');
    expect(await charges(driven)).toBe(1);
  });

  it('refuses other parameters, or another path, under a key that was used', async () => {
    const intent = await driven.charge('once');
    const error = await errorOf(driven.charge('once', { amount: 1100 }));
    expect(error).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    const elsewhere = await errorOf(
      driven.stripe.paymentIntents.cancel(intent.id, {}, { idempotencyKey: 'once' }),
    );
    expect(elsewhere.rawType).toBe('idempotency_error');
    expect(await charges(driven)).toBe(1);
  });

  it('answers 409 while a request with the key is in progress', async () => {
    await driven.failNext('authorize', 'slow:100');
    const slow = driven.charge('busy');
    const error = await errorOf(driven.charge('busy'));
    expect(error).toMatchObject({
      statusCode: 409,
      code: 'idempotency_key_in_use',
      rawType: 'idempotency_error',
    });
    expect(error.headers?.['stripe-should-retry']).toBe('true');
    expect((await slow).status).toBe('succeeded');
    expect((await driven.charge('busy')).id).toBe((await slow).id);
    expect(await charges(driven)).toBe(1);
  });

  it('does not store a request that failed validation: the key stays usable', async () => {
    const error = await errorOf(driven.charge('typo', { currency: 'usdollar' }));
    expect(error.statusCode).toBe(400);
    expect((await driven.charge('typo')).status).toBe('succeeded');
  });

  it('stores a refusal that came after execution began', async () => {
    const intent = await driven.charge('paid');
    const cancel = (): Promise<unknown> =>
      driven.stripe.paymentIntents.cancel(intent.id, {}, { idempotencyKey: 'late-cancel' });
    await errorOf(cancel());
    expect((await errorOf(cancel())).headers?.['idempotent-replayed']).toBe('true');
  });

  it('charges again under the same key once the key is 24 hours old, and not a millisecond before', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const frozen = await Driven.start({ clock: () => nowMs });
    const first = await frozen.charge('trap');
    nowMs += KEY_LIFE_MS - 1;
    expect((await frozen.charge('trap')).id).toBe(first.id);
    nowMs += 1;
    const second = await frozen.charge('trap');
    expect(second.id).not.toBe(first.id);
    const rows = await frozen.truth();
    expect(rows.map((row) => [row.idempotency_key, row.status])).toEqual([
      ['trap', 'succeeded'],
      ['trap', 'succeeded'],
    ]);
    await frozen.simulator.stop();
  });

  it('expires every key that is old enough, however many became so at once', async () => {
    const keys = Array.from({ length: 6 }, (_, n) => `old-${n}`);
    const first: string[] = [];
    for (const key of keys) first.push((await driven.charge(key)).id);
    await driven.control('POST', 'clock', { advance_ms: KEY_LIFE_MS });
    for (const key of keys.toReversed()) expect(first).not.toContain((await driven.charge(key)).id);
  });

  it('expires a key by the clock that a test moves', async () => {
    const first = await driven.charge('moved');
    await driven.control('POST', 'clock', { advance_ms: KEY_LIFE_MS });
    expect((await driven.charge('moved')).id).not.toBe(first.id);
  });

  it('replays a stored 500 for ever: that key never reveals the outcome', async () => {
    await driven.failNext('authorize', '500_after_commit');
    const first = await errorOf(driven.charge('burnt'));
    expect(first).toMatchObject({ statusCode: 500, rawType: 'api_error' });
    const again = await errorOf(driven.charge('burnt'));
    expect(again.statusCode).toBe(500);
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', 'stripe-should-retry': 'false' });
    const listed = await driven.stripe.paymentIntents.list({ limit: 10 });
    expect(listed.data.map((intent) => intent.status)).toEqual(['succeeded']);
  });

  it(`takes keys of up to ${KEY_MAX_LENGTH} characters`, async () => {
    expect((await driven.charge('k'.repeat(KEY_MAX_LENGTH))).status).toBe('succeeded');
    expect((await errorOf(driven.charge('k'.repeat(KEY_MAX_LENGTH + 1)))).statusCode).toBe(400);
  });
});
