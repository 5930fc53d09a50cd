import { SeededChance } from '../simulation/seeded-chance';
import type { ApiClient } from '../stack/api-client';
import type { Order } from '../stack/stubborn-client';
import { AfterSales } from './after-sales';
import { Asking, pause } from './asking';

export interface ShoppersOptions {
  readonly api: ApiClient;
  readonly seed: number;
  readonly ratePerS: number;
  /** Nobody waits any longer. */
  readonly isOver: () => boolean;
}

type Card = string | Readonly<Record<string, string>>;

/** Beyond so many the shop is full: a crowd that only grows would test nothing but its own weight. */
const MAX_WAITING = 200;
const FULL_LOOK_AGAIN_MS = 50;
const RATES = { trouble: 0.35, manual: 0.15, ordered: 0.7 } as const;
const PAID: ReadonlySet<number> = new Set([201]);

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
/** With these the money moves again after the charge. */
const CARDS_WITH_TROUBLE: readonly [string, ...string[]] = [
  'pm_card_pendingRefund',
  ...['pm_card_refundFail', 'pm_card_createDispute', 'pm_card_createDisputeWon', 'pm_card_createDisputeLost'],
  ...['pm_card_createDisputeInquiry', 'pm_card_createDisputeInquiryClosed'],
  ...['adyen_card_refund_fails', 'adyen_card_refund_returned', 'adyen_card_capture_fails'],
  ...['adyen_card_capture_fails', 'adyen_card_recaptured', 'adyen_card_recaptured'],
  ...['adyen_card_inquiry', 'adyen_card_chargeback', 'adyen_card_chargeback_won'],
  ...['adyen_card_chargeback_lost', 'adyen_card_chargeback_undefended'],
];
/** Only a capture of its own can fall back. */
const CAPTURED_APART: ReadonlySet<Card> = new Set(['adyen_card_capture_fails', 'adyen_card_recaptured']);
const ORDERS: readonly [readonly string[], ...(readonly string[])[]] = [
  ['stripe', 'adyen'],
  ['adyen', 'stripe'],
];

/** Many customers who do not know of each other, and who do everything that the contract allows. */
export class Shoppers {
  readonly asking: Asking;
  readonly afterSales: AfterSales;
  private readonly chance: SeededChance;
  private readonly busy = new Set<Promise<void>>();

  constructor(private readonly options: ShoppersOptions) {
    this.chance = new SeededChance(options.seed);
    this.asking = new Asking(options);
    this.afterSales = new AfterSales({ api: options.api, asking: this.asking });
  }

  /** At a fixed rate while there is room for them. */
  async shop(lastsMs: number): Promise<void> {
    const startedAtMs = performance.now();
    const everyMs = 1_000 / this.options.ratePerS;
    for (let index = 0; performance.now() - startedAtMs < lastsMs && !this.options.isOver(); index += 1) {
      await pause(startedAtMs + index * everyMs - performance.now());
      while (this.busy.size >= MAX_WAITING && !this.options.isOver()) await pause(FULL_LOOK_AGAIN_MS);
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

  private async serve(key: string, chance: SeededChance): Promise<void> {
    const body = bodyOf(chance);
    const answer = await this.asking.insist(
      { about: { kind: 'payment' }, path: '/v1/payments', key, body },
      PAID,
      chance,
      { ...body, amount: body.amount + 1 },
    );
    if (answer !== undefined) await this.afterSales.of(answer.payment(), key, body.payment_method, chance);
  }
}

function bodyOf(chance: SeededChance): Order['body'] {
  const card: Card = chance.oneOf(chance.happens(RATES.trouble) ? CARDS_WITH_TROUBLE : CARDS);
  const isManual = chance.happens(RATES.manual) || CAPTURED_APART.has(card);
  return {
    amount: 100 + Math.floor(chance.random() * 1_000_000),
    currency: chance.oneOf(['USD', 'EUR', 'JPY', 'GBP']),
    payment_method: card,
    ...(typeof card === 'object' && chance.happens(RATES.ordered)
      ? { routing: { order: chance.oneOf(ORDERS) } }
      : {}),
    ...(isManual ? { capture_method: 'manual' } : {}),
  };
}
