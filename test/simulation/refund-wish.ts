import { refundIdOf } from '@tender/domain';
import { sleep } from '@tender/engine';
import type { Fleet } from './fleet';
import type { RefundAnswer } from '../../apps/api/src/refunds/create-refund';
import type { SeededChance } from './seeded-chance';
import type { World } from './world';

const WAIT_MS = 10_000;
const TRIES_WHILE_FAULTY = 4;
const DECIDES_WITHIN_MS = 60_000;
/** Whoever tries again and again in vain gives it up at last. */
const RETRIES_AT_MOST = 3;

/** What the merchant does when a refund fails whose money is owed still. */
const AFTER_FAILURE = ['tries again', 'tries again', 'gives it up', 'leaves it'] as const;
export type AfterFailure = (typeof AFTER_FAILURE)[number];

export interface RefundWish {
  readonly key: string;
  /** Null: all that is left. */
  readonly amountMinor: bigint | null;
  readonly afterFailure?: AfterFailure;
}

/** Money that a merchant wants given back: asked for under one key until it is known, or refused. */
export class WantedRefund {
  settled = false;
  readonly refundId: string;
  private readonly chance: SeededChance;
  private readonly afterFailure: AfterFailure;
  private failures = 0;
  private isGone = false;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    private readonly about: { readonly merchant: string; readonly paymentId: string },
    private readonly wish: RefundWish,
  ) {
    this.chance = world.chance.fork();
    this.afterFailure = wish.afterFailure ?? this.chance.oneOf(AFTER_FAILURE);
    this.refundId = refundIdOf(about.merchant, about.paymentId, wish.key);
    world.onRefundFailed.set(this.refundId, () => {
      world.scheduler.after(this.chance.random() * DECIDES_WITHIN_MS, () => void this.afterItFailed());
    });
  }

  /** Asks as callers do: again after silence, twice at once, with another body by mistake. */
  async insist(): Promise<void> {
    const { faults, scheduler } = this.world;
    if (faults.happens('client_gave_up')) {
      // whoever does not come back has asked all the same
      await this.askAgain();
      this.settled = this.isGone = true;
    }
    for (let tries = 0; tries < TRIES_WHILE_FAULTY && !this.settled; tries += 1) {
      if (faults.happens('duplicate_request')) void this.askAgain();
      await this.askAgain();
      if (faults.happens('other_body')) await this.ask(`${this.fingerprint} and another word`);
      await sleep(scheduler, this.chance.between(100, 5_000));
    }
    if (faults.happens('duplicate_request')) await this.askAgain();
  }

  async askAgain(): Promise<void> {
    if (!this.isGone) await this.ask(this.fingerprint);
  }

  private get fingerprint(): string {
    return `refund ${this.wish.amountMinor ?? 'all'}`;
  }

  private async ask(fingerprint: string): Promise<void> {
    const { merchant, paymentId } = this.about;
    const answer = this.fleet.anApi(this.chance)?.refund({
      merchant,
      paymentId,
      requestId: this.chance.uuid(),
      idempotencyKey: this.wish.key,
      fingerprint,
      amountMinor: this.wish.amountMinor,
      keyId: 'key',
      reason: null,
      metadata: [],
      waitMs: WAIT_MS,
    });
    const heard = await this.heard(answer);
    if (fingerprint !== this.fingerprint) return;
    // an answer is known once the PSP has it in hand
    if ((heard?.kind === 'refund' && heard.settled) || heard?.kind === 'refused') this.settled = true;
  }

  /** It may fail again; who gives it up gives it up for good. */
  private async afterItFailed(): Promise<void> {
    this.failures += 1;
    const givesUp = this.afterFailure === 'gives it up' || this.failures > RETRIES_AT_MOST;
    if (this.afterFailure === 'leaves it') return;
    const { faults, scheduler } = this.world;
    const what = givesUp ? 'abandon' : 'retry';
    faults.count(givesUp ? 'refund_abandoned' : 'refund_retried');
    const change = (): Promise<RefundAnswer | undefined> => this.change(what, this.failures);
    for (let tries = 0; tries < TRIES_WHILE_FAULTY; tries += 1) {
      if (faults.happens('duplicate_request')) void change();
      const heard = await change();
      if (heard?.kind === 'refund' || heard?.kind === 'refused') return;
      await sleep(scheduler, this.chance.between(100, 5_000));
    }
  }

  /** One wish under one key, however often it is asked for. */
  private change(what: 'retry' | 'abandon', failures: number): Promise<RefundAnswer | undefined> {
    const { refundId, chance } = this;
    return this.heard(
      this.fleet.anApi(chance)?.changeRefund({
        merchant: this.about.merchant,
        keyId: 'key',
        refundId,
        requestId: chance.uuid(),
        change:
          what === 'retry'
            ? { kind: 'retry', idempotencyKey: `${refundId}-${failures}` }
            : { kind: 'abandon', reason: null },
        waitMs: WAIT_MS,
      }),
    );
  }

  private async heard(answer: Promise<RefundAnswer> | undefined): Promise<RefundAnswer | undefined> {
    return answer === undefined ? undefined : Promise.race([answer.catch(() => undefined), this.patience()]);
  }

  private async patience(): Promise<undefined> {
    await sleep(this.world.scheduler, WAIT_MS + 5_000);
    return undefined;
  }
}
