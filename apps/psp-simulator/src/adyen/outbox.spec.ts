import HmacValidator from '@adyen/api-library/lib/src/utils/hmacValidator';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebhookReceiver } from '../webhook-receiver.fixture';
import { Driven, errorOf, MANUAL, type SentItem } from './driven-by-sdk';
import { RETRIED_FOR_MS, RETRY_PAUSES_MS } from './webhook';
import { DEFAULT_HMAC_KEY, DEFAULT_MERCHANT_ACCOUNT } from './server';

interface Body {
  readonly live: string;
  readonly notificationItems: readonly { readonly NotificationRequestItem: SentItem }[];
}

class Receiver extends WebhookReceiver {
  get bodies(): readonly Body[] {
    return this.received.map(({ body }) => JSON.parse(body) as Body);
  }

  get batches(): readonly (readonly SentItem[])[] {
    return this.bodies.map(({ notificationItems }) =>
      notificationItems.map((one) => one.NotificationRequestItem),
    );
  }

  get events(): string[] {
    return this.batches.flat().map(({ eventCode, merchantReference }) => `${eventCode} ${merchantReference}`);
  }
}

describe('the outbox', () => {
  let driven: Driven;
  let receiver: Receiver;
  let url: string;
  const start = async (options: object = {}): Promise<void> => {
    driven = await Driven.start({ resultsAfterMs: 20, ...options });
  };
  beforeEach(async () => {
    receiver = new Receiver();
    url = await receiver.start();
  });
  afterEach(async () => {
    receiver.stop();
    await driven.simulator.stop();
  });
  const send = (): Promise<unknown> => driven.control('PUT', 'webhooks', { url });
  const untilTried = async (attempts: number): Promise<void> => {
    while ((await driven.outbox())[0]?.attempts !== attempts);
  };

  it('signs every item as the SDK verifies it', async () => {
    await start();
    const { pspReference } = await driven.pay('k');
    await driven.modifications.refundCapturedPayment(pspReference!, {
      merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
      amount: { currency: 'EUR', value: 1 },
    });
    const validator = new HmacValidator();
    for (const { item } of await driven.outbox()) {
      expect(validator.validateHMAC(item as never, DEFAULT_HMAC_KEY)).toBe(true);
    }
  });

  it('keeps everything until there is an address, then sends it in order, once', async () => {
    await start();
    const { pspReference } = await driven.pay('a', MANUAL);
    await driven.modifications.cancelAuthorisedPaymentByPspReference(pspReference!, {
      merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
    });
    expect((await driven.outbox()).map(({ attempts }) => attempts)).toEqual([0, 0]);
    await send();
    await receiver.until(2);
    await driven.pay('b');
    await receiver.until(3);
    expect(receiver.events).toEqual(['AUTHORISATION att_a', 'CANCELLATION att_a', 'AUTHORISATION att_b']);
    expect(new Set(receiver.bodies.map(({ live }) => live))).toEqual(new Set(['false']));
    expect((await driven.outbox()).map(({ next_at }) => next_at)).toEqual([null, null, null]);
  });

  it('says nothing before it is due', async () => {
    await start({ resultsAfterMs: 3_600_000, webhookUrl: url });
    await driven.pay('k');
    expect((await driven.outbox())[0]).toMatchObject({ attempts: 0, delivered_at: null });
    await driven.advance(3_600_000);
    await receiver.until(1);
  });

  it('repeats what was not accepted by Adyen’s schedule, and holds back what comes after it', async () => {
    await start();
    receiver.status = 500;
    await driven.pay('a');
    await driven.pay('b');
    await driven.advance(1_000);
    await send();
    await untilTried(1);
    for (const [n, pauseMs] of RETRY_PAUSES_MS.entries()) {
      const { next_at: nextAt } = (await driven.outbox())[0]!;
      const { now_ms: nowMs } = (await driven.control('GET', 'clock')) as { now_ms: number };
      expect(Date.parse(nextAt ?? '') - nowMs).toBeLessThanOrEqual(pauseMs);
      await driven.advance(pauseMs);
      await untilTried(n + 2);
    }
    expect(new Set(receiver.events)).toEqual(new Set(['AUTHORISATION att_a']));
    receiver.status = 200;
    await driven.advance(RETRY_PAUSES_MS.at(-1) ?? 0);
    await receiver.until(RETRY_PAUSES_MS.length + 3);
    expect(receiver.events.slice(-2)).toEqual(['AUTHORISATION att_a', 'AUTHORISATION att_b']);
  });

  it('gives up after 30 days', async () => {
    await start();
    await driven.pay('old');
    await driven.advance(RETRIED_FOR_MS + 1_000);
    await driven.pay('new');
    await send();
    await receiver.until(1);
    expect(receiver.events).toEqual(['AUTHORISATION att_new']);
  });

  it('sends several items in one webhook when it is set to', async () => {
    await start({ itemsPerWebhook: 2 });
    for (const key of ['a', 'b', 'c']) await driven.pay(key);
    await driven.advance(1_000);
    await send();
    await receiver.until(2);
    expect(receiver.batches.map((batch) => batch.length)).toEqual([2, 1]);
  });

  it.each([{ url: 'ftp://x' }, { url: 1 }, {}, { url: 'http://x', secret: 'not hex' }])(
    'does not take %j',
    async (body) => {
      await start();
      await expect(driven.control('PUT', 'webhooks', body)).rejects.toThrow('error');
      expect(await driven.control('GET', 'webhooks')).toEqual({ url: null });
    },
  );
});

describe('state over a restart', () => {
  let dir: string;
  let driven: Driven;
  const start = async (more: object = {}): Promise<void> => {
    driven = await Driven.start({ dir, resultsAfterMs: 20, ...more });
  };
  const restart = async (): Promise<void> => {
    await driven.simulator.stop();
    await start();
  };
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'adyen-simulator-'));
    await start();
  });
  afterEach(async () => {
    await driven.simulator.stop();
    rmSync(dir, { recursive: true });
  });

  it('is the same: truth, news, and what is kept under each key of each region', async () => {
    const paid = await driven.pay('paid');
    const elsewhere = await driven.pay('paid', {}, 'card_ok', 'elsewhere');
    const held = await driven.pay('held', MANUAL);
    const amount = { currency: 'EUR', value: 99 };
    await driven.modifications.captureAuthorisedPayment(held.pspReference!, {
      merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
      amount,
    });
    await driven.advance(1_000);
    const [truth, outbox] = [await driven.truth(), await driven.outbox()];
    await restart();
    expect(await driven.truth()).toEqual(truth);
    expect(await driven.outbox()).toEqual(outbox);
    expect(await driven.pay('paid')).toEqual(paid);
    expect(await driven.pay('paid', {}, 'card_ok', 'elsewhere')).toEqual(elsewhere);
    expect(await driven.truth()).toHaveLength(4);
  });

  it('keeps what was committed before the process was killed without an answer', async () => {
    await driven.failNext('authorize', 'reset_after_commit');
    await expect(driven.pay('lost')).rejects.toThrow('fetch failed');
    driven.simulator.kill();
    await start();
    expect(await driven.truth()).toMatchObject([{ idempotency_key: 'lost', status: 'succeeded' }]);
    expect(await driven.news()).toEqual(['AUTHORISATION true']);
  });

  it('does not send again what was delivered', async () => {
    const receiver = new Receiver();
    const url = await receiver.start();
    await driven.control('PUT', 'webhooks', { url });
    await driven.pay('a');
    await receiver.until(1);
    while ((await driven.outbox())[0]?.delivered_at === null);
    await driven.simulator.stop();
    await start({ webhookUrl: url });
    await driven.pay('b');
    await receiver.until(2);
    expect(receiver.events).toEqual(['AUTHORISATION att_a', 'AUTHORISATION att_b']);
    receiver.stop();
  });

  it('drops a line that a crash tore, and stays empty after a reset', async () => {
    await driven.pay('whole');
    await driven.simulator.stop();
    appendFileSync(join(dir, 'adyen.jsonl'), '{"p":{"pspReference":"TORN');
    await start();
    expect(await driven.truth()).toHaveLength(1);
    await driven.control('POST', 'reset');
    await restart();
    expect([await driven.truth(), await driven.outbox()]).toEqual([[], []]);
  });

  it('rewrites a long journal that is mostly history, and loses nothing by it', async () => {
    const paid = await driven.pay('first');
    const truth = await driven.truth();
    await driven.simulator.stop();
    const path = join(dir, 'adyen.jsonl');
    const line = readFileSync(path, 'utf8');
    appendFileSync(path, line.repeat(1_000));
    const before = statSync(path).size;
    await start();
    expect(statSync(path).size).toBeLessThan(before / 100);
    await restart();
    expect(await driven.truth()).toEqual(truth);
    expect(await driven.pay('first')).toEqual(paid);
    expect(await driven.news()).toEqual(['AUTHORISATION true']);
    expect((await errorOf(driven.pay('first', { reference: 'att_x' }))).errorCode).toBe('704');
  });
});
