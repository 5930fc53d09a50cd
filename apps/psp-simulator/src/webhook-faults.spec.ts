import HmacValidator from '@adyen/api-library/lib/src/utils/hmacValidator';
import Stripe from 'stripe';
import { Driven as DrivenAdyen } from './adyen/driven-by-sdk';
import { DEFAULT_HMAC_KEY } from './adyen/server';
import { REORDER_GAP_MS } from './outbox';
import { Driven as DrivenStripe } from './stripe/driven-by-sdk';
import { DEFAULT_WEBHOOK_SECRET } from './stripe/server';
import {
  DUP_MAX,
  parseWebhookFault,
  SKEW_MAX_MS,
  SKEW_PRESET_MS,
  WEBHOOK_FAULT_KINDS,
} from './webhook-faults';
import { WebhookReceiver, type Received } from './webhook-receiver.fixture';

/** What a webhook says, as its receiver understands it. */
interface Heard {
  readonly key: string;
  readonly isGenuine: boolean;
  /** What it claims about its own time. */
  readonly atMs: number;
  /** When that happened which it tells of. */
  readonly happenedMs: number;
}

interface Subject {
  readonly driven: DrivenStripe | DrivenAdyen;
  pay(key: string): Promise<unknown>;
  heard(received: Received): Heard;
}

const RESULTS_AFTER_MS = 20;

const stripe = async (webhookUrl: string): Promise<Subject> => {
  const driven = await DrivenStripe.start({ webhookUrl, resultsAfterMs: RESULTS_AFTER_MS });
  return {
    driven,
    pay: (key) => driven.charge(key),
    heard: ({ headers, body }) => {
      const header = String(headers['stripe-signature']);
      const time = Number(/t=(\d+)/.exec(header)?.[1]);
      let isGenuine = true;
      try {
        // the SDK's own tolerance is not what is asked here
        driven.stripe.webhooks.constructEvent(body, header, DEFAULT_WEBHOOK_SECRET, 1e9);
      } catch {
        isGenuine = false;
      }
      const event = JSON.parse(body) as Stripe.Event;
      return {
        key: event.request?.idempotency_key ?? '',
        isGenuine,
        atMs: time * 1000,
        happenedMs: event.created * 1000,
      };
    },
  };
};

const adyen = async (webhookUrl: string): Promise<Subject> => {
  const driven = await DrivenAdyen.start({ webhookUrl, resultsAfterMs: RESULTS_AFTER_MS });
  return {
    driven,
    pay: (key) => driven.pay(key),
    heard: ({ body }) => {
      const parsed = JSON.parse(body) as {
        notificationItems: { NotificationRequestItem: { merchantReference: string; eventDate: string } }[];
      };
      const item = parsed.notificationItems[0]!.NotificationRequestItem;
      return {
        key: item.merchantReference.slice('att_'.length),
        isGenuine: new HmacValidator().validateHMAC(item as never, DEFAULT_HMAC_KEY),
        atMs: Date.parse(item.eventDate),
        happenedMs: Date.parse(item.eventDate),
      };
    },
  };
};

describe.each([
  ['Stripe', stripe],
  ['Adyen', adyen],
])('faults of webhooks of %s', (_name, start) => {
  let subject: Subject;
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = new WebhookReceiver();
    subject = await start(await receiver.start());
  });
  afterEach(async () => {
    receiver.stop();
    await subject.driven.simulator.stop();
  });
  const strike = (fault: string) => subject.driven.failNext('webhook', fault);
  const heard = () => receiver.received.map((one) => subject.heard(one));
  const keys = () => heard().map(({ key }) => key);
  const counts = async () =>
    ((await subject.driven.control('GET', 'faults')) as { counts: Record<string, number> }).counts;

  it('dropped: never sent, and no longer tried', async () => {
    await strike('webhook_drop');
    await subject.pay('lost');
    await subject.pay('told');
    await receiver.until(1);
    await subject.driven.advance(3_600_000);
    await subject.pay('last');
    await receiver.until(2);
    expect(keys()).toEqual(['told', 'last']);
    expect(await counts()).toEqual({ webhook_drop: 1 });
  });

  it('duplicated: the same bytes, as often as told', async () => {
    await strike('webhook_dup:3');
    await subject.pay('a');
    await receiver.until(3);
    await subject.pay('b');
    await receiver.until(4);
    expect(keys()).toEqual(['a', 'a', 'a', 'b']);
    expect(new Set(receiver.received.slice(0, 3).map(({ body }) => body)).size).toBe(1);
    expect(await counts()).toEqual({ webhook_dup: 1 });
  });

  it('delayed: later ones overtake it, and it still tells when it happened', async () => {
    await strike('webhook_delay:60000');
    await subject.pay('late');
    await subject.pay('early');
    await receiver.until(1);
    await subject.driven.advance(60_000 + RESULTS_AFTER_MS);
    await receiver.until(2);
    expect(keys()).toEqual(['early', 'late']);
    const [early, late] = heard().map(({ happenedMs }) => happenedMs);
    expect(late).toBeLessThanOrEqual(early!);
  });

  it('reordered: it follows the next one, or comes by itself when there is none', async () => {
    await strike('webhook_reorder');
    await subject.pay('second');
    await subject.pay('first');
    await receiver.until(2);
    expect(keys()).toEqual(['first', 'second']);
    const [first, second] = (await subject.driven.outbox()).map(({ due_at: at }) => Date.parse(at));
    expect(second! - first!).toBe(REORDER_GAP_MS);
    await strike('webhook_reorder');
    await subject.pay('alone');
    await subject.driven.advance(10_000);
    await receiver.until(3);
    expect(keys()[2]).toBe('alone');
  });

  it('before the answer: the receiver has it when the client hears', async () => {
    await strike('webhook_before_response');
    await subject.pay('early');
    expect(keys()).toEqual(['early']);
    await subject.pay('usual');
    await receiver.until(2);
    expect(keys()).toEqual(['early', 'usual']);
  });

  it('badly signed: sound when it is repeated', async () => {
    await strike('webhook_bad_sig');
    receiver.status = 400;
    await subject.pay('k');
    await receiver.until(1);
    receiver.status = 200;
    while (receiver.received.length < 2) await subject.driven.advance(10_000);
    expect(heard()).toMatchObject([
      { key: 'k', isGenuine: false },
      { key: 'k', isGenuine: true },
    ]);
  });

  it.each([
    ['webhook_stale', -SKEW_PRESET_MS],
    ['webhook_future', SKEW_PRESET_MS],
    ['webhook_future:3600000', 3_600_000],
  ])('%s: genuine, and off by %d ms', async (fault, skewMs) => {
    const beforeMs = Math.floor(Date.now() / 1000) * 1000;
    await strike(fault);
    await subject.pay('k');
    await receiver.until(1);
    const [first] = heard();
    expect(first).toMatchObject({ key: 'k', isGenuine: true });
    const now = Date.now() + RESULTS_AFTER_MS;
    expect((first?.atMs ?? 0) - skewMs).toBeGreaterThanOrEqual(beforeMs);
    expect((first?.atMs ?? 0) - skewMs).toBeLessThanOrEqual(now);
  });

  it('by rates: the same for a seed, and apart from the faults of requests', async () => {
    const dropped = async (seed: number): Promise<string> => {
      await subject.driven.control('POST', 'reset');
      await subject.driven.control('PUT', 'faults', { seed, rates: { webhook_drop: 0.5, '409': 0 } });
      for (let n = 0; n < 16; n += 1) await subject.pay(`k${n}`);
      const outbox = await subject.driven.outbox();
      return outbox
        .map(({ attempts, delivered_at: at }) => (attempts === 0 && at !== null ? 'x' : '-'))
        .join('');
    };
    const first = await dropped(7);
    expect(new Set(first)).toEqual(new Set(['x', '-']));
    expect(await dropped(7)).toBe(first);
    expect(await dropped(8)).not.toBe(first);
  });

  it.each([
    { next: [{ op: 'webhook', fault: 'timeout_before' }] },
    { next: [{ op: 'authorize', fault: 'webhook_drop' }] },
    { rates: { webhook_drop: 0.6, webhook_dup: 0.6 } },
    { rates: { 'webhook_drop:5': 0.1 } },
  ])('refuses the script %j', async (script) => {
    await expect(subject.driven.control('PUT', 'faults', script)).rejects.toThrow('message');
  });
});

describe('names of faults', () => {
  it.each([
    [`webhook_dup:${DUP_MAX}`, DUP_MAX],
    ['webhook_dup:2', 2],
    [`webhook_delay:${SKEW_MAX_MS}`, SKEW_MAX_MS],
    ['webhook_delay:1', 1],
  ])('%s is one', (text, amount) => {
    expect(parseWebhookFault(text)?.amount).toBe(amount);
  });

  it.each([
    `webhook_dup:${DUP_MAX + 1}`,
    'webhook_dup:1',
    `webhook_delay:${SKEW_MAX_MS + 1}`,
    'webhook_delay:0',
    'webhook_drop:1',
    'webhook_dup:2:2',
    'webhook_lost',
    'webhook_delay:-1',
  ])('%s is none', (text) => {
    expect(parseWebhookFault(text)).toBeUndefined();
  });

  it.each(WEBHOOK_FAULT_KINDS)('%s needs no amount', (kind) => {
    expect(parseWebhookFault(kind)?.kind).toBe(kind);
  });
});
