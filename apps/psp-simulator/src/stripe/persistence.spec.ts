import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { WebhookReceiver } from '../webhook-receiver.fixture';
import { AUTHORIZATION_LIFE_MS } from './ageing';
import { Driven, errorOf } from './driven-by-sdk';
import { KEY_LIFE_MS } from './idempotency-store';

/** What is told later is told by itself: deliveries run with the wall's clock. */
const SOON_MS = 20;

describe('state over a restart', () => {
  let dir: string;
  let driven: Driven;
  const start = async (more: object = {}): Promise<void> => {
    driven = await Driven.start({ dir, resultsAfterMs: SOON_MS, ...more });
  };
  const restart = async (): Promise<void> => {
    await driven.simulator.stop();
    await start();
  };
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
    await start();
  });
  afterEach(async () => {
    await driven.simulator.stop();
    rmSync(dir, { recursive: true });
  });

  it('is the same: intents, truth, lists, and the bytes kept under each key', async () => {
    const paid = await driven.charge('paid', { metadata: { attempt: 'att_1' } });
    const held = await driven.charge('held', { capture_method: 'manual' });
    await driven.stripe.paymentIntents.capture(held.id, { amount_to_capture: 99 }, { idempotencyKey: 'cap' });
    await errorOf(driven.charge('declined', { payment_method: 'pm_card_chargeDeclined' }));
    const [truth, list] = [await driven.truth(), await driven.stripe.paymentIntents.list()];
    await restart();
    expect(await driven.truth()).toEqual(truth);
    expect((await driven.stripe.paymentIntents.list()).data).toEqual(list.data);
    const replayed = await driven.charge('paid', { metadata: { attempt: 'att_1' } });
    expect(replayed).toEqual(paid);
    expect(replayed.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await driven.charge('held', { capture_method: 'manual' })).status).toBe('requires_capture');
    const declined = await errorOf(driven.charge('declined', { payment_method: 'pm_card_chargeDeclined' }));
    expect(declined.headers?.['idempotent-replayed']).toBe('true');
    expect(await driven.truth()).toEqual(truth);
  });

  it('a dispute that was planned before it takes place after it', async () => {
    await driven.charge('k', { payment_method: 'pm_card_createDisputeWon' });
    await restart();
    await driven.advance(AUTHORIZATION_LIFE_MS);
    expect((await driven.truth()).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'charge succeeded',
      'dispute failed',
    ]);
    const told = await driven.happened();
    await restart();
    expect(await driven.happened()).toEqual(told);
    expect(told).toContain('charge.dispute.funds_reinstated');
  });

  it('is the same for refunds, events and what is not delivered yet', async () => {
    const paid = await driven.charge('a', { payment_method: 'pm_card_refundFail' });
    const other = await driven.charge('b');
    const give = (payment_intent: string) =>
      driven.stripe.refunds.create({ payment_intent, amount: 9 }, { idempotencyKey: `r-${payment_intent}` });
    const refund = await give(other.id);
    await give(paid.id);
    await driven.advance(1_000);
    const read = async () => ({
      truth: await driven.truth(),
      refunds: (await driven.stripe.refunds.list()).data,
      events: (await driven.stripe.events.list({ limit: 100 })).data,
      outbox: await driven.outbox(),
    });
    const before = await read();
    expect(before.truth.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'charge succeeded',
      'refund failed',
      'charge succeeded',
      'refund succeeded',
    ]);
    expect([before.refunds.length, before.events.length, before.outbox.length]).toEqual([2, 8, 8]);
    await restart();
    expect(await read()).toEqual(before);
    const again = await give(other.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect({ ...again }).toEqual({ ...refund });
  });

  it('does not send again what was delivered, and still sends what was not', async () => {
    const receiver = new WebhookReceiver();
    const url = await receiver.start();
    await driven.failNext('webhook', 'webhook_drop');
    await driven.charge('dropped');
    await driven.charge('told');
    await driven.control('PUT', 'webhooks', { url });
    await receiver.until(1);
    while ((await driven.outbox())[1]?.delivered_at === null);
    await driven.control('PUT', 'webhooks', { url: null });
    await driven.charge('untold');
    await driven.simulator.stop();
    await start({ webhookUrl: url });
    await receiver.until(2);
    await driven.charge('last');
    await receiver.until(3);
    const keys = receiver.received.map(
      ({ body }) => (JSON.parse(body) as Stripe.Event).request?.idempotency_key,
    );
    expect(keys).toEqual(['told', 'untold', 'last']);
    receiver.stop();
  });

  it('an authorisation that expired while the process was down is told when it is up again', async () => {
    await driven.charge('held', { capture_method: 'manual' });
    await driven.control('POST', 'clock', { advance_ms: AUTHORIZATION_LIFE_MS - 300 });
    await driven.simulator.stop();
    await new Promise((later) => setTimeout(later, 350));
    await start();
    while ((await driven.outbox()).length < 3);
    expect(await driven.happened()).toEqual([
      'payment_intent.amount_capturable_updated',
      'charge.expired',
      'payment_intent.canceled',
    ]);
  });

  it('keeps what was committed before the process was killed without an answer', async () => {
    await driven.failNext('authorize', 'reset_after_commit');
    await errorOf(driven.charge('lost'));
    driven.simulator.kill();
    await start();
    expect(await driven.truth()).toMatchObject([{ idempotency_key: 'lost', status: 'succeeded' }]);
    expect((await driven.charge('lost')).lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await driven.truth()).toHaveLength(1);
  });

  it('has executed nothing of a request that was still in progress when it was killed', async () => {
    await driven.failNext('authorize', 'slow:200');
    const hanging = errorOf(driven.charge('midway'));
    while ((await driven.faultCounts()).slow !== 1);
    driven.simulator.kill();
    await hanging;
    await start();
    expect(await driven.truth()).toEqual([]);
    expect((await driven.charge('midway')).lastResponse.headers['idempotent-replayed']).toBeUndefined();
  });

  it('every answered charge survives a kill under load, once each', async () => {
    const answered: string[] = [];
    const alive = () => answered.length < 20;
    const shoppers = Array.from({ length: 6 }, async (_, shopper) => {
      for (let n = 0; alive(); n += 1) {
        // an answer that a slow machine gives too late is none, and the next shopper's turn
        const intent = await driven.charge(`load-${shopper}-${n}`).catch(() => undefined);
        if (intent === undefined) continue;
        answered.push(intent.id);
        if (!alive()) driven.simulator.kill();
      }
    });
    await Promise.all(shoppers);
    await start();
    const rows = await driven.truth();
    expect(rows.map((row) => row.reference)).toEqual(expect.arrayContaining(answered));
    expect(new Set(rows.map((row) => row.idempotency_key)).size).toBe(rows.length);
  });

  it('remembers how far its clock was moved, so that old keys stay dead', async () => {
    const first = await driven.charge('old');
    await driven.control('POST', 'clock', { advance_ms: KEY_LIFE_MS });
    await restart();
    expect((await driven.charge('old')).id).not.toBe(first.id);
  });

  it('drops a line that a crash tore, and goes on after the last whole one', async () => {
    await driven.charge('whole');
    await driven.simulator.stop();
    appendFileSync(join(dir, 'stripe.jsonl'), '{"i":{"id":"pi_torn","am');
    await start();
    await driven.charge('next');
    await restart();
    expect((await driven.truth()).map((row) => row.idempotency_key)).toEqual(['whole', 'next']);
  });

  it('stays empty after a reset', async () => {
    await driven.charge('gone');
    await driven.control('POST', 'reset');
    await driven.charge('kept');
    await restart();
    expect((await driven.truth()).map((row) => row.idempotency_key)).toEqual(['kept']);
  });

  it('rewrites a long journal that is mostly history, and loses nothing by it', async () => {
    const intent = await driven.charge('first', { metadata: { n: '0' } });
    await driven.simulator.stop();
    const path = join(dir, 'stripe.jsonl');
    const line = readFileSync(path, 'utf8').trimEnd();
    const history = Array.from({ length: 1_000 }, (_, n) => {
      const { i } = JSON.parse(line) as { i: { metadata: object; rev: number } };
      return JSON.stringify({ i: { ...i, rev: i.rev + n + 1, metadata: { n: String(n + 1) } } });
    });
    appendFileSync(path, `${history.join('\n')}\n`);
    const before = statSync(path).size;
    await start();
    expect(statSync(path).size).toBeLessThan(before / 100);
    await driven.charge('second');
    await restart();
    expect((await driven.stripe.paymentIntents.retrieve(intent.id)).metadata).toEqual({ n: '1000' });
    expect((await driven.charge('first', { metadata: { n: '0' } })).metadata).toEqual({ n: '0' });
    expect(await driven.truth()).toHaveLength(2);
    expect(await driven.happened()).toEqual(['payment_intent.succeeded', 'payment_intent.succeeded']);
  });

  it('does not issue a seeded id twice', async () => {
    await driven.simulator.stop();
    await start({ seed: 5 });
    const first = await driven.charge('a');
    await driven.simulator.stop();
    await start({ seed: 5 });
    expect((await driven.charge('b')).id).not.toBe(first.id);
  });
});
