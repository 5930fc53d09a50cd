import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import { paymentIdOf } from '@tender/domain';
import { sleep } from '@tender/engine';
import type { SeededChance } from './seeded-chance';
import { tokenOf, type CardConduct } from './psp-books';
import type { Fleet } from './fleet';
import type { World } from './world';

export const MERCHANT = 'demo';
const WAIT_MS = 10_000;
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
  }

  /** Asks once, without any fault of its own. */
  askAgain(): Promise<void> {
    return this.ask(this.wish);
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
