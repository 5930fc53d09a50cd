import { fingerprintOf } from '../../apps/api/src/payments/fingerprint';
import { SeededChance } from '../simulation/seeded-chance';
import { type ApiClient, DEMO_KEY } from '../stack/api-client';
import { NeverTold, type Order, payUntilTold } from '../stack/stubborn-client';

export interface Heard {
  readonly key: string;
  /** Of the body that was sent. */
  readonly fingerprint: string;
  readonly status: number;
  readonly text: string;
}

export interface ShoppersOptions {
  readonly api: ApiClient;
  readonly seed: number;
  readonly ratePerS: number;
  /** Nobody waits any longer. */
  readonly isOver: () => boolean;
}

type Card = string | Readonly<Record<string, string>>;

const RATES = { twiceAtOnce: 0.15, abandonedFirst: 0.15, again: 0.2, otherBody: 0.05 } as const;
const ABANDONED_AFTER_AT_MOST_MS = 400;
const AGAIN_AFTER_AT_MOST_MS = 5_000;
const SEND_TIMEOUT_MS = 15_000;
/** Beyond so many the shop is full: a crowd that only grows would test nothing but its own weight. */
const MAX_WAITING = 200;
const FULL_LOOK_AGAIN_MS = 50;
/** Of those who ask again at the end. */
const AT_ONCE = 16;

const CARDS: readonly [Card, ...Card[]] = [
  'pm_card_visa',
  ...['pm_card_visa', 'pm_card_visa', 'adyen_card_ok', 'adyen_card_ok', 'adyen_card_ok'],
  ...[
    'pm_card_chargeDeclined',
    'adyen_card_insufficient',
    'pm_card_authenticationRequired',
    'adyen_card_3ds',
  ],
  { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
  { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
  { stripe: 'pm_card_visa_chargeDeclinedInsufficientFunds', adyen: 'adyen_card_ok' },
  { stripe: 'pm_card_visa', adyen: 'adyen_card_refused' },
];
const ORDERS: readonly [readonly string[], ...(readonly string[])[]] = [
  ['stripe', 'adyen'],
  ['adyen', 'stripe'],
];

/** Many customers who do not know of each other, and who do everything that the contract allows. */
export class Shoppers {
  readonly heard: Heard[] = [];
  readonly told: Order[] = [];
  /** What no valid request may be answered with, and what never was. */
  readonly complaints: string[] = [];
  readonly counts = { payments: 0, requests: 0, duplicates: 0, abandoned: 0, otherBodies: 0 };
  private readonly chance: SeededChance;
  private readonly busy = new Set<Promise<void>>();
  private readonly keysSent = new Set<string>();

  constructor(private readonly options: ShoppersOptions) {
    this.chance = new SeededChance(options.seed);
  }

  /** At a fixed rate while there is room for them. */
  async shop(lastsMs: number): Promise<void> {
    const startedAtMs = performance.now();
    const everyMs = 1_000 / this.options.ratePerS;
    for (let index = 0; performance.now() - startedAtMs < lastsMs && !this.options.isOver(); index += 1) {
      await pause(startedAtMs + index * everyMs - performance.now());
      while (this.busy.size >= MAX_WAITING && !this.options.isOver()) await pause(FULL_LOOK_AGAIN_MS);
      this.counts.payments += 1;
      const served = this.serve(`chaos-${this.options.seed}-${index}`, this.chance.fork()).finally(() => {
        this.busy.delete(served);
      });
      this.busy.add(served);
    }
  }

  get waiting(): number {
    return this.busy.size;
  }

  /** Resolves when everybody has been told, or has given up. */
  async allServed(): Promise<void> {
    await Promise.all(this.busy);
  }

  /** Every key once more: what was told must be told again. */
  async askEverybodyAgain(): Promise<void> {
    for (let from = 0; from < this.told.length; from += AT_ONCE) {
      await Promise.all(
        this.told.slice(from, from + AT_ONCE).map(({ key, body }) => this.untilTold(key, body)),
      );
    }
  }

  private async serve(key: string, chance: SeededChance): Promise<void> {
    const body = bodyOf(chance);
    if (chance.happens(RATES.abandonedFirst)) {
      this.counts.abandoned += 1;
      await this.once(key, body, chance.random() * ABANDONED_AFTER_AT_MOST_MS);
    }
    if (chance.happens(RATES.twiceAtOnce)) void this.once(key, body);
    const order = await this.untilTold(key, body);
    if (order === undefined) return;
    this.told.push(order);
    if (chance.happens(RATES.again)) {
      await pause(chance.random() * AGAIN_AFTER_AT_MOST_MS);
      await this.once(key, body);
    }
    if (chance.happens(RATES.otherBody)) {
      this.counts.otherBodies += 1;
      await this.once(key, { ...body, amount: body.amount + 1 });
    }
  }

  /** Undefined when that will never be. */
  private async untilTold(key: string, body: Order['body']): Promise<Order | undefined> {
    try {
      return await payUntilTold(this.options.api, key, body, {
        heard: ({ status, text }) => {
          this.hear(key, body, status, text);
        },
        sending: () => {
          this.sent(key);
        },
        isOver: this.options.isOver,
      });
    } catch (error) {
      this.complaints.push(error instanceof NeverTold ? error.message : String(error));
      return undefined;
    }
  }

  private sent(key: string): void {
    this.counts.requests += 1;
    if (this.keysSent.has(key)) this.counts.duplicates += 1;
    this.keysSent.add(key);
  }

  private hear(key: string, body: object, status: number, text: string): void {
    this.heard.push({ key, fingerprint: fingerprintOf(body), status, text });
  }

  /** One request, given up after a time. */
  private async once(key: string, body: Order['body'], withinMs = SEND_TIMEOUT_MS): Promise<void> {
    this.sent(key);
    try {
      const reply = await fetch(`${this.options.api.url}/v1/payments`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${DEMO_KEY}`,
          'Idempotency-Key': key,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(Math.ceil(withinMs)),
      });
      this.hear(key, body, reply.status, await reply.text());
    } catch {
      // the answer went to nobody
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

function bodyOf(chance: SeededChance): Order['body'] {
  const card = chance.oneOf(CARDS);
  return {
    amount: 100 + Math.floor(chance.random() * 1_000_000),
    currency: chance.oneOf(['USD', 'EUR', 'JPY', 'GBP']),
    payment_method: card,
    ...(typeof card === 'object' && chance.happens(0.7) ? { routing: { order: chance.oneOf(ORDERS) } } : {}),
    ...(chance.happens(0.15) ? { capture_method: 'manual' } : {}),
  };
}
