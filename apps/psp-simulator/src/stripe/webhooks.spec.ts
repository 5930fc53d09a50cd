import type Stripe from 'stripe';
import { WebhookReceiver, type Received } from '../webhook-receiver.fixture';
import { Driven, errorOf } from './driven-by-sdk';
import { DEFAULT_WEBHOOK_SECRET } from './server';
import { RETRIED_FOR_MS, RETRY_PAUSES_MS } from './webhook';

const DAY_MS = 24 * 3_600_000;
let driven: Driven;
let receiver: WebhookReceiver;
let url: string;
const start = async (options: object = {}): Promise<void> => {
  driven = await Driven.start({ resultsAfterMs: 10, ...options });
};
beforeEach(async () => {
  receiver = new WebhookReceiver();
  url = await receiver.start();
});
afterEach(async () => {
  receiver.stop();
  await driven.simulator.stop();
});

const verified = ({ headers, body }: Received, secret = DEFAULT_WEBHOOK_SECRET): Stripe.Event =>
  driven.stripe.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
const untilTried = async (attempts: number): Promise<void> => {
  while ((await driven.outbox())[0]?.attempts !== attempts);
};

it('is signed as the SDK verifies it, and tells what the API tells', async () => {
  await start({ webhookUrl: url });
  const paid = await driven.charge('k', { metadata: { attempt: 'att_1' } });
  await receiver.until(1);
  const event = verified(receiver.received[0]!);
  expect(event).toMatchObject({
    type: 'payment_intent.succeeded',
    request: { idempotency_key: 'k' },
    data: { object: { id: paid.id, metadata: { attempt: 'att_1' } } },
  });
  const { pending_webhooks: pending, ...told } = event;
  expect(pending).toBe(1);
  expect(await driven.stripe.events.retrieve(event.id)).toMatchObject({ ...told, pending_webhooks: 0 });
});

it('waits for an address, and takes another secret with it', async () => {
  await start();
  await driven.charge('a');
  const secret = 'whsec_another';
  await driven.control('PUT', 'webhooks', { url, secret });
  await receiver.until(1);
  expect(verified(receiver.received[0]!, secret).type).toBe('payment_intent.succeeded');
  expect(() => verified(receiver.received[0]!)).toThrow('signature');
  expect(await driven.control('GET', 'webhooks')).toEqual({ url });
});

it.each([{ secret: 'no prefix' }, { secret: '' }, { url: 'ftp://x' }, {}])(
  'does not take %j',
  async (body) => {
    await start();
    await expect(driven.control('PUT', 'webhooks', body)).rejects.toThrow('error');
  },
);

it('is signed by the clock of the receiver, which no test moves', async () => {
  await start();
  await driven.advance(10 * DAY_MS);
  await driven.charge('k');
  await driven.control('PUT', 'webhooks', { url });
  await receiver.until(1);
  const event = verified(receiver.received[0]!);
  const signedMs =
    Number(/^t=(\d+)/.exec(String(receiver.received[0]!.headers['stripe-signature']))?.[1]) * 1000;
  expect(event.created * 1000 - signedMs).toBeGreaterThan(9 * DAY_MS);
});

it('is repeated by its own schedule, while others pass it', async () => {
  await start({ webhookUrl: url });
  receiver.status = 500;
  await driven.charge('a');
  await untilTried(1);
  receiver.status = 200;
  await driven.charge('b');
  while ((await driven.outbox())[1]?.delivered_at === null);
  receiver.status = 500;
  for (const [n, pauseMs] of RETRY_PAUSES_MS.slice(0, 5).entries()) {
    const { next_at: nextAt } = (await driven.outbox())[0]!;
    const { now_ms: nowMs } = (await driven.control('GET', 'clock')) as { now_ms: number };
    expect(Date.parse(nextAt ?? '') - nowMs).toBeLessThanOrEqual(pauseMs);
    await driven.advance(pauseMs);
    await untilTried(n + 2);
  }
  receiver.status = 200;
  await driven.advance(RETRY_PAUSES_MS[5]!);
  while ((await driven.outbox())[0]?.delivered_at === null);
  expect(new Set(receiver.received.map((one) => verified(one).id)).size).toBe(2);
});

it('is given up after three days', async () => {
  await start();
  await driven.charge('old');
  await driven.advance(RETRIED_FOR_MS + 1_000);
  await driven.charge('new');
  await driven.control('PUT', 'webhooks', { url });
  await receiver.until(1);
  await driven.charge('newer');
  await receiver.until(2);
  const keys = receiver.received.map((one) => verified(one).request?.idempotency_key);
  expect(keys).toEqual(['new', 'newer']);
});

it('a request that is only replayed causes no second one', async () => {
  await start({ webhookUrl: url });
  await driven.failNext('authorize', 'reset_after_commit');
  await errorOf(driven.charge('k'));
  await driven.charge('k');
  await driven.charge('other');
  await receiver.until(2);
  expect((await driven.outbox()).map(({ event }) => event.request?.idempotency_key)).toEqual(['k', 'other']);
});
