import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import type { Payment, PspName } from '@tender/domain';
import { paymentIdOf } from '@tender/domain';
import { sleep } from '@tender/engine';
import type { SeededChance } from './seeded-chance';
import { tokenOf, type CardConduct } from './psp-books';
import type { Change } from '../../apps/api/src/payments/change-payment';
import { WantedChange } from './change';
import type { Fleet } from './fleet';
import { WantedRefund, type AfterFailure } from './refund-wish';
import type { World } from './world';

export const MERCHANT = 'demo';
const WAIT_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Then a caller has seen enough and comes back when everything works again. */
const TRIES_WHILE_FAULTY = 6;
const CONDUCTS: readonly [CardConduct, ...CardConduct[]] = [
  ...(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'] as const),
  ...(['soft', 'soft', 'hard', 'pendingok', 'pendingno', 'action', 'action'] as const),
];
const BUYERS = ['passes', 'passes', 'passes', 'fails', 'stays away'] as const;
const MERCHANTS = [
  ...(['takes all', 'takes all', 'takes all', 'takes a part', 'takes a part'] as const),
  ...(['lets go', 'lets go', 'forgets it'] as const),
] as const;

/** What is given back of a sale, if anything. */
const REFUNDS = [
  ...(['nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'] as const),
  ...(['nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'] as const),
  ...(['all', 'a part', 'in parts', 'in parts', 'too much'] as const),
] as const;
const PARTS = 3;

export interface Wish {
  readonly amount: number;
  /** Undefined: there is no token for this PSP. */
  readonly stripe: CardConduct | undefined;
  readonly adyen: CardConduct | undefined;
  readonly first: PspName;
  readonly capture: 'automatic' | 'manual';
  /** Who is asked to authenticate. */
  readonly buyer: (typeof BUYERS)[number];
  /** Who has an authorisation to capture. */
  readonly merchant: (typeof MERCHANTS)[number];
  readonly refunds: (typeof REFUNDS)[number];
  /** What the merchant does about a refund that failed; undefined: by chance. */
  readonly afterRefundFailed: AfterFailure | undefined;
  /** When the merchant wants out, whatever is known by then; undefined: never. */
  readonly regretAfterMs: number | undefined;
}

/** One caller who wants one payment, and asks under one key until it has an outcome. */
export class Client {
  settled = false;
  /** The first request has its answer, and what follows begins. */
  onAnswered: () => void = () => undefined;
  private heard: Payment | undefined;
  private readonly wanted: (WantedChange | WantedRefund)[] = [];
  private readonly chance: SeededChance;
  private readonly wish: Wish;
  /** Of refunds in parts: the last one is of whatever is left. */
  private readonly lastTakesTheRest: boolean;
  private readonly refundsTogether: boolean;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    private readonly key: string,
    wish: Partial<Wish> = {},
  ) {
    const chance = (this.chance = world.chance.fork());
    const tokens = chance.random();
    this.lastTakesTheRest = chance.happens(0.5);
    this.refundsTogether = chance.happens(0.6);
    this.wish = {
      amount: 100 + Math.floor(chance.random() * 100_000),
      stripe: tokens < 0.7 ? chance.oneOf(CONDUCTS) : undefined,
      adyen: tokens > 0.4 ? chance.oneOf(CONDUCTS) : undefined,
      first: chance.oneOf(['stripe', 'adyen']),
      capture: chance.happens(0.3) ? 'manual' : 'automatic',
      buyer: chance.oneOf(BUYERS),
      merchant: chance.oneOf(MERCHANTS),
      refunds: chance.oneOf(REFUNDS),
      afterRefundFailed: undefined,
      regretAfterMs: world.faults.happens('regret') ? regretAfterMs(chance) : undefined,
      ...wish,
    };
  }

  get paymentId(): string {
    return paymentIdOf(MERCHANT, this.key);
  }

  /** Asks as callers do: again after silence, sometimes twice at once, sometimes with another body by mistake. */
  async pay(): Promise<void> {
    const { faults, scheduler } = this.world;
    if (this.wish.regretAfterMs !== undefined) void this.regret(this.wish.regretAfterMs);
    if (faults.happens('other_body'))
      void this.later(() => this.ask({ ...this.wish, amount: this.wish.amount + 1 }));
    for (let tries = 0; tries < TRIES_WHILE_FAULTY; tries += 1) {
      if (faults.happens('duplicate_request')) void this.later(() => this.ask(this.wish));
      const asked = this.ask(this.wish);
      if (faults.happens('client_gave_up')) await sleep(scheduler, this.chance.random() * WAIT_MS);
      else await asked;
      if (this.settled) break;
      await sleep(scheduler, this.chance.between(100, 5_000));
    }
    if (faults.happens('duplicate_request')) await this.ask(this.wish);
    this.onAnswered();
    if (this.heard !== undefined) await this.goOn(this.heard);
  }

  /** Asks once for everything that was asked for, without any fault of its own. */
  async askAgain(): Promise<void> {
    await Promise.all([this.ask(this.wish), ...this.wanted.map((change) => change.askAgain())]);
  }

  get satisfied(): boolean {
    return this.settled && this.wanted.every(({ settled }) => settled);
  }

  /** A buyer who was asked to authenticate comes back, or not; a merchant takes the money, or lets it go. */
  private async goOn({ status }: Payment): Promise<void> {
    if (status === 'requires_action') await this.authenticate();
    if (this.heard?.status === 'requires_capture') await this.decide(this.heard);
    await this.giveBack();
  }

  /** At once or later, one after the other or all together. */
  private async giveBack(): Promise<void> {
    const { chance, wish, world, paymentId } = this;
    if (wish.refunds === 'nothing') return;
    await sleep(world.scheduler, chance.random() * (chance.happens(0.5) ? 500 : 30_000));
    const payment = world.auditor.stateOf(paymentId);
    if (payment?.status !== 'succeeded') return;
    const amounts = amountsOf(wish.refunds, payment.capturedMinor, this.lastTakesTheRest);
    if (wish.refunds === 'too much') world.faults.count('refund_over_asked');
    const refunds = amounts.map((amountMinor, index) => {
      const { afterRefundFailed: afterFailure } = wish;
      return new WantedRefund(
        world,
        this.fleet,
        { merchant: MERCHANT, paymentId },
        {
          key: `${this.key}-refund-${index}`,
          amountMinor,
          ...(afterFailure === undefined ? {} : { afterFailure }),
        },
      );
    });
    this.wanted.push(...refunds);
    if (this.refundsTogether) await Promise.all(refunds.map((refund) => refund.insist()));
    else for (const refund of refunds) await refund.insist();
  }

  private async authenticate(): Promise<void> {
    const { chance, world, wish } = this;
    if (wish.buyer === 'stays away') return;
    await sleep(
      world.scheduler,
      world.faults.happens('buyer_late') ? chance.random() * 2 * HOUR_MS : chance.random() * 60_000,
    );
    const result = [{ name: 'redirectResult', value: wish.buyer === 'passes' ? 'passed' : 'failed' }];
    if (world.faults.happens('buyer_twice')) void this.want({ kind: 'continue', result });
    await this.want({ kind: 'continue', result });
    await this.ask(wish);
  }

  private async decide({ authorizedMinor }: Payment): Promise<void> {
    const { merchant } = this.wish;
    if (merchant === 'forgets it') return;
    await sleep(this.world.scheduler, this.chance.random() * 20_000);
    const key = { idempotencyKey: `${this.key}-later`, fingerprint: 'later' };
    if (merchant === 'lets go') {
      await this.want({ kind: 'cancel', key, reason: null });
    } else {
      const amountMinor = merchant === 'takes all' ? null : authorizedMinor / 3n + 1n;
      await this.want({ kind: 'capture', key, amountMinor });
    }
  }

  /** Some want out before they know how it stands. */
  private async regret(afterMs: number): Promise<void> {
    await sleep(this.world.scheduler, afterMs);
    const key = { idempotencyKey: `${this.key}-regret`, fingerprint: 'regret' };
    await this.want({ kind: 'cancel', key, reason: 'requested by the buyer' });
  }

  private async want(change: Change): Promise<void> {
    const { world, fleet, paymentId } = this;
    const wanted = new WantedChange(world, fleet, { merchant: MERCHANT, paymentId }, change);
    this.wanted.push(wanted);
    await wanted.insist();
  }

  private async later(run: () => Promise<void>): Promise<void> {
    await sleep(this.world.scheduler, this.chance.random() * (this.chance.happens(0.5) ? 20 : 3_000));
    await run();
  }

  private async ask(wish: Wish): Promise<void> {
    const api = this.fleet.anApi(this.chance);
    const answer = api?.create(this.request(wish));
    if (answer === undefined) return;
    const heard = await Promise.race([answer.catch(() => undefined), this.patience()]);
    if (heard?.kind === 'payment') this.heard = heard.at.payment;
    if (heard?.kind === 'payment' && heard.settled) this.settled = true;
    // the key is another body's: this caller will never get a payment under it
    if (heard?.kind === 'refused' && wish === this.wish) this.settled = true;
  }

  /** Connections to a dead process break; callers notice by their own clock. */
  private async patience(): Promise<CreatePaymentAnswer | undefined> {
    await sleep(this.world.scheduler, WAIT_MS + 5_000);
    return undefined;
  }

  private request(wish: Wish): CreatePaymentRequest {
    const { patches } = this.world;
    const requestId = this.chance.uuid();
    const { amount, capture, stripe, adyen, first } = wish;
    return {
      merchant: MERCHANT,
      keyId: 'key',
      idempotencyKey: this.key,
      requestId: patches.requestId?.(this.key, requestId) ?? requestId,
      fingerprint: `${amount} ${capture}`,
      body: {
        amount,
        currency: 'EUR',
        payment_method: {
          ...(stripe === undefined ? {} : { stripe: tokenOf('stripe', stripe) }),
          ...(adyen === undefined ? {} : { adyen: tokenOf('adyen', adyen) }),
        },
        routing: { order: first === 'stripe' ? ['stripe', 'adyen'] : ['adyen', 'stripe'] },
        capture_method: capture,
      },
      waitMs: WAIT_MS,
    };
  }
}

function amountsOf(
  refunds: Exclude<Wish['refunds'], 'nothing'>,
  capturedMinor: bigint,
  lastTakesTheRest: boolean,
): readonly (bigint | null)[] {
  switch (refunds) {
    case 'all':
      return [lastTakesTheRest ? null : capturedMinor];
    case 'a part':
      return [capturedMinor / 3n + 1n];
    case 'in parts':
      return Array.from({ length: PARTS }, (_, index) =>
        index === PARTS - 1 && lastTakesTheRest ? null : capturedMinor / BigInt(PARTS),
      );
    case 'too much':
      return [capturedMinor - capturedMinor / 4n, capturedMinor / 2n + 1n];
  }
}

/** While the first request is under way, or once everything has come to rest. */
const regretAfterMs = (chance: SeededChance): number =>
  chance.random() * (chance.happens(0.3) ? 200 : 60_000);
