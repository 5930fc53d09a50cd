import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import type { Payment } from '@tender/domain';
import { paymentIdOf } from '@tender/domain';
import { sleep } from '@tender/engine';
import type { SeededChance } from './seeded-chance';
import { tokenOf, type CardConduct } from './psp-books';
import type { Change } from '../../apps/api/src/payments/change-payment';
import { WantedChange } from './change';
import type { Fleet } from './fleet';
import type { World } from './world';

export const MERCHANT = 'demo';
const WAIT_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Of the buyers who are asked to authenticate. */
const NEVER_RETURNS = 0.2;
/** Then a caller has seen enough and comes back when everything works again. */
const TRIES_WHILE_FAULTY = 6;
const CONDUCTS: readonly [CardConduct, ...CardConduct[]] = [
  ...(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'] as const),
  ...(['soft', 'hard', 'pendingok', 'pendingno', 'action'] as const),
];

export interface Wish {
  readonly amount: number;
  readonly stripe: CardConduct;
  readonly adyen: CardConduct | undefined;
  readonly capture: 'automatic' | 'manual';
}

/** One caller who wants one payment, and asks under one key until it has an outcome. */
export class Client {
  settled = false;
  private heard: Payment | undefined;
  private readonly wanted: WantedChange[] = [];
  private readonly chance: SeededChance;
  private readonly wish: Wish;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    private readonly key: string,
    wish: Partial<Wish> = {},
  ) {
    const chance = (this.chance = world.chance.fork());
    this.wish = {
      amount: 100 + Math.floor(chance.random() * 100_000),
      stripe: chance.oneOf(CONDUCTS),
      adyen: chance.happens(0.3) ? chance.oneOf(CONDUCTS) : undefined,
      capture: chance.happens(0.2) ? 'manual' : 'automatic',
      ...wish,
    };
  }

  get paymentId(): string {
    return paymentIdOf(MERCHANT, this.key);
  }

  /** Asks as callers do: again after silence, sometimes twice at once, sometimes with another body by mistake. */
  async pay(): Promise<void> {
    const { faults, scheduler } = this.world;
    if (faults.happens('regret')) void this.regret();
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
  private async goOn({ status, capturedMinor, authorizedMinor }: Payment): Promise<void> {
    const { chance } = this;
    const { scheduler } = this.world;
    if (status === 'requires_action') {
      if (chance.happens(NEVER_RETURNS)) return;
      await sleep(scheduler, chance.happens(0.2) ? chance.random() * 2 * HOUR_MS : chance.random() * 60_000);
      const result = [{ name: 'redirectResult', value: chance.happens(0.75) ? 'passed' : 'failed' }];
      if (chance.happens(0.3)) void this.want({ kind: 'continue', result });
      await this.want({ kind: 'continue', result });
      await this.ask(this.wish);
    }
    const leftMinor = authorizedMinor - capturedMinor;
    if (status !== 'requires_capture' || leftMinor === 0n || !chance.happens(0.85)) return;
    await sleep(scheduler, chance.random() * 20_000);
    const key = { idempotencyKey: `${this.key}-later`, fingerprint: 'later' };
    if (chance.happens(0.25)) {
      await this.want({ kind: 'cancel', key, reason: null });
    } else {
      await this.want({
        kind: 'capture',
        key,
        amountMinor: chance.happens(0.3) ? leftMinor / 2n + 1n : null,
      });
    }
  }

  /** Some want out before they know how it stands. */
  async regret(): Promise<void> {
    await sleep(this.world.scheduler, this.chance.random() * 30_000);
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
    const { amount, capture, stripe, adyen } = wish;
    return {
      merchant: MERCHANT,
      keyId: 'key',
      idempotencyKey: this.key,
      requestId: patches.requestId?.(this.key, requestId) ?? requestId,
      fingerprint: `${amount} ${capture}`,
      body: {
        amount,
        currency: 'EUR',
        payment_method:
          adyen === undefined
            ? tokenOf('stripe', stripe)
            : { stripe: tokenOf('stripe', stripe), adyen: tokenOf('adyen', adyen) },
        capture_method: capture,
      },
      waitMs: WAIT_MS,
    };
  }
}
