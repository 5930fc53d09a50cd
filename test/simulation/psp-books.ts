import type {
  AuthorizeOutcome,
  AuthorizeRequest,
  Decline,
  OperationOutcome,
  PspName,
  PspNews,
} from '@tender/domain';
import { AUTHORIZATION_HELD_FOR_MS } from '@tender/domain';
import { timestampOf } from '@tender/engine';
import type { Auditor } from '@tender/testing';
import type { Faults } from './faults';
import { RefusedReversals } from './refused-reversals';
import type { Scheduler } from './scheduler';
import type { SeededChance } from './seeded-chance';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const LIST_LAG_AT_MOST_MS = 20 * SECOND_MS;

/** What a card does; the rest of its token names it. */
export type CardConduct = 'ok' | 'soft' | 'hard' | 'pendingok' | 'pendingno' | 'action';

export const tokenOf = (psp: PspName, conduct: CardConduct): string =>
  psp === 'stripe' ? `pm_${conduct}` : `adyen_${conduct}`;

const conductOf = (token: string): CardConduct => token.slice(token.indexOf('_') + 1) as CardConduct;

/** What a PSP holds for one authorisation request. */
export interface Intent {
  readonly reference: string;
  readonly request: AuthorizeRequest;
  /** From when on a list shows it. */
  readonly visibleAtMs: number;
  occurredAt: string;
  status: 'processing' | 'requires_action' | 'authorized' | 'captured' | 'declined' | 'voided' | 'expired';
  refunded: boolean;
  /** By captures; both PSPs can take a part, and another one later. */
  takenMinor: bigint;
  /** Of what was taken, what the scheme has taken back. */
  fallenMinor: bigint;
  /** By refunds that are on their way or done. */
  givenMinor: bigint;
  /** What buyers' banks have taken out of our balance. */
  disputedMinor: bigint;
  /** The PSP's id of the capture, where that has one of its own. */
  captureReference: string | null;
}

/** What the PSP has taken for an intent and not lost to the scheme. */
export const keptMinor = ({ status, request, takenMinor, fallenMinor }: Intent): bigint => {
  if (status !== 'captured') return 0n;
  return (request.captureMethod === 'automatic' ? request.amountMinor : takenMinor) - fallenMinor;
};

export interface BooksDeps {
  readonly scheduler: Scheduler;
  readonly chance: SeededChance;
  readonly faults: Faults;
  readonly auditor: Auditor;
  /** Something happened to an intent that the PSP tells its merchant by itself. */
  readonly tell: (intent: Intent, news: PspNews) => void;
  /** Money was taken for an intent. */
  readonly onTaken: (intent: Intent) => void;
  /** The money of an intent was asked back, and stays. */
  readonly onNotGivenBack: (intent: Intent) => void;
}

/** What a PSP really holds, took and gave back: the truth that the auditor compares with. */
export class PspBooks {
  readonly refusals: RefusedReversals;
  private readonly intents = new Map<string, Intent[]>();
  private readonly byReference = new Map<string, Intent>();
  private references = 0;

  constructor(
    readonly psp: PspName,
    private readonly deps: BooksDeps,
  ) {
    this.refusals = new RefusedReversals(deps);
  }

  nextReference(): string {
    return `${this.psp}_${(this.references += 1)}`;
  }

  ofAttempt(attemptId: string): readonly Intent[] {
    return this.intents.get(attemptId) ?? [];
  }

  named(reference: string): Intent | undefined {
    return this.byReference.get(reference);
  }

  /** By the PSP's own reference, or by ours where the caller has no other. */
  find(attemptId: string, reference: string | null): Intent | undefined {
    const all = this.ofAttempt(attemptId);
    return reference === null
      ? (all.find(holdsMoney) ?? all.at(-1))
      : all.find((one) => one.reference === reference);
  }

  execute(request: AuthorizeRequest): Intent {
    const { chance, faults, scheduler } = this.deps;
    const lagMs = faults.happens('list_lag') ? chance.random() * LIST_LAG_AT_MOST_MS : 0;
    const intent: Intent = {
      reference: this.nextReference(),
      request,
      visibleAtMs: scheduler.now() + lagMs,
      occurredAt: timestampOf(scheduler.now()),
      status: 'processing',
      refunded: false,
      takenMinor: 0n,
      fallenMinor: 0n,
      givenMinor: 0n,
      disputedMinor: 0n,
      captureReference: null,
    };
    this.byReference.set(intent.reference, intent);
    this.intents.set(request.attemptId, [...this.ofAttempt(request.attemptId), intent]);
    this.conclude(intent, conductOf(request.token));
    return intent;
  }

  /** The buyer has done, or failed, what the PSP asked for. */
  authenticated(intent: Intent, passed: boolean): void {
    if (intent.status === 'requires_action') this.conclude(intent, passed ? 'ok' : 'soft');
  }

  capture(intent: Intent, amountMinor: bigint): OperationOutcome {
    if (intent.takenMinor === 0n && intent.status !== 'authorized') return this.refusal(intent);
    if (amountMinor + intent.takenMinor > intent.request.amountMinor) return this.refusal(intent);
    if (this.deps.faults.happens('capture_refused')) return this.refused('the issuer says no', intent);
    intent.takenMinor += amountMinor;
    this.become(intent, 'captured');
    this.deps.auditor.charges.captured(intent.request.paymentId, intent.reference, amountMinor);
    this.deps.onTaken(intent);
    return this.done(intent, amountMinor);
  }

  cancel(intent: Intent): OperationOutcome {
    if (intent.status === 'processing') return this.refused('it is being processed', intent);
    if (intent.status === 'declined') return this.failed('already_canceled', intent);
    if (intent.status !== 'authorized' && intent.status !== 'requires_action') return this.refusal(intent);
    if (intent.status === 'authorized') this.giveBack(intent);
    this.become(intent, 'voided');
    return this.done(intent, null);
  }

  /** A void where nothing was taken, a refund where it was. */
  reverse(intent: Intent): OperationOutcome {
    if (intent.status !== 'captured') return this.cancel(intent);
    this.deps.faults.count('reversal');
    // Stripe docs, "Refunds": a charge that is disputed cannot be refunded
    if (!intent.refunded && this.psp === 'stripe' && intent.disputedMinor > 0n) {
      return this.failed('disputed', intent);
    }
    if (!intent.refunded && this.refusals.refuses(intent.reference)) {
      this.deps.onNotGivenBack(intent);
      return this.refused('the balance does not suffice', intent);
    }
    if (!intent.refunded) this.giveBack(intent);
    intent.refunded = true;
    return this.done(intent, intent.request.amountMinor);
  }

  /** Whether anything of the charge is there that could be given back: a bank may have taken all of it. */
  mayBeGivenBack(intent: Intent): boolean {
    return keptMinor(intent) > intent.disputedMinor && !intent.refunded;
  }

  giveBackByHand(intent: Intent): { readonly pspReference: string; readonly occurredAt: string } {
    this.deps.faults.count('given_back_by_hand');
    this.giveBack(intent);
    intent.refunded = true;
    return { pspReference: this.nextReference(), occurredAt: timestampOf(this.deps.scheduler.now()) };
  }

  authorizationOf({ status, request, reference, occurredAt }: Intent): AuthorizeOutcome {
    switch (status) {
      case 'authorized':
      case 'captured': {
        const captured = request.captureMethod === 'automatic';
        const { amountMinor } = request;
        return { kind: 'approved', pspReference: reference, amountMinor, captured, card: null, occurredAt };
      }
      case 'declined': {
        const decline = DECLINES[conductOf(request.token) === 'hard' ? 'hard' : 'soft'];
        return { kind: 'declined', pspReference: reference, decline, occurredAt };
      }
      case 'voided':
      case 'expired':
        return { kind: 'declined', pspReference: reference, decline: DECLINES.ended, occurredAt };
      case 'processing':
        return { kind: 'pending', pspReference: reference };
      case 'requires_action':
        return {
          kind: 'action_required',
          pspReference: reference,
          action: { type: 'redirect', url: `https://psp.example/challenge/${reference}` },
        };
    }
  }

  private conclude(intent: Intent, conduct: CardConduct): void {
    const { chance, faults, scheduler } = this.deps;
    switch (conduct) {
      case 'ok':
        this.take(intent);
        break;
      case 'soft':
      case 'hard':
        faults.count('decline');
        this.become(intent, 'declined');
        break;
      case 'action':
        faults.count('action_required');
        this.become(intent, 'requires_action');
        break;
      case 'pendingok':
      case 'pendingno':
        faults.count('pending');
        scheduler.after(chance.random() * (chance.happens(0.1) ? 5 * HOUR_MS : 60 * SECOND_MS), () => {
          this.conclude(intent, conduct === 'pendingok' ? 'ok' : 'soft');
        });
        return;
    }
    this.deps.tell(intent, { kind: 'authorization', outcome: this.authorizationOf(intent) });
  }

  private take(intent: Intent): void {
    const { paymentId, attemptId, amountMinor, captureMethod } = intent.request;
    const captured = captureMethod === 'automatic';
    this.become(intent, captured ? 'captured' : 'authorized');
    const { psp } = this;
    const { auditor, scheduler } = this.deps;
    auditor.charges.charged({
      psp,
      paymentId,
      attemptId,
      pspReference: intent.reference,
      amountMinor,
      captured,
    });
    if (captured) this.deps.onTaken(intent);
    else {
      scheduler.after(AUTHORIZATION_HELD_FOR_MS[psp], () => {
        this.expire(intent);
      });
    }
  }

  private expire(intent: Intent): void {
    if (intent.status !== 'authorized') return;
    this.deps.faults.count('authorization_expired');
    this.giveBack(intent);
    this.become(intent, 'expired');
    this.deps.tell(intent, {
      kind: 'expired',
      pspReference: intent.reference,
      occurredAt: intent.occurredAt,
    });
  }

  private giveBack(intent: Intent): void {
    this.deps.auditor.charges.givenBack(intent.request.paymentId, intent.reference);
  }

  private become(intent: Intent, status: Intent['status']): void {
    intent.status = status;
    intent.occurredAt = timestampOf(this.deps.scheduler.now());
  }

  private done({ reference, occurredAt }: Intent, amountMinor: bigint | null): OperationOutcome {
    return { kind: 'succeeded', pspReference: reference, amountMinor, occurredAt };
  }

  private refusal(intent: Intent): OperationOutcome {
    switch (intent.status) {
      case 'captured':
        return this.failed('already_captured', intent);
      case 'voided':
        return this.failed('already_canceled', intent);
      case 'expired':
        return this.failed('expired', intent);
      case 'processing':
      case 'requires_action':
      case 'authorized':
      case 'declined':
        return this.refused(intent.status, intent);
    }
  }

  private refused(detail: string, intent: Intent): OperationOutcome {
    return { ...this.failed('refused', intent), detail };
  }

  private failed(
    why: 'already_captured' | 'already_canceled' | 'expired' | 'refused' | 'disputed',
    { reference }: Intent,
  ): Extract<OperationOutcome, { kind: 'failed' }> {
    const occurredAt = timestampOf(this.deps.scheduler.now());
    return { kind: 'failed', why, detail: '', pspReference: reference, occurredAt };
  }
}

export const holdsMoney = ({ status, refunded }: Intent): boolean =>
  status === 'authorized' || (status === 'captured' && !refunded);

const DECLINES: Readonly<Record<'soft' | 'hard' | 'ended', Decline>> = {
  soft: {
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
    pspCode: 'insufficient_funds',
  },
  hard: {
    code: 'stolen_card',
    category: 'hard_decline',
    message: 'The card was reported stolen.',
    pspCode: 'stolen_card',
  },
  ended: {
    code: 'canceled_at_psp',
    category: 'hard_decline',
    message: 'The payment was canceled at the payment provider.',
    pspCode: 'canceled',
  },
};
