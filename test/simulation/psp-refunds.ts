import type {
  PspName,
  RefundFailure,
  RefundLookupOutcome,
  RefundLookupRequest,
  RefundNews,
  RefundOutcome,
  RefundRequest,
} from '@tender/domain';
import { FACT_RANK } from '@tender/domain';
import type { Intent, PspBooks } from './psp-books';
import { keptMinor } from './psp-books';
import type { SimulatedPspDeps } from './psp-wire';
import { secondOf } from './scheduler';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIST_LAG_AT_MOST_MS = 20 * SECOND_MS;
const AT_ONCE = 0.2;
const PROCESSED_WITHIN_MS = 60 * SECOND_MS;

/** A refund that a PSP has taken upon itself. */
interface TakenRefund {
  readonly reference: string;
  readonly request: RefundRequest;
  /** From when on a list shows it. */
  readonly visibleAtMs: number;
  outcome: Extract<RefundOutcome, { kind: 'pending' | 'succeeded' | 'failed' }>;
}

export interface RefundsDeps extends Omit<SimulatedPspDeps, 'send'> {
  readonly books: PspBooks;
  /** Results come by notices alone. */
  readonly answersLater: boolean;
  readonly tell: (request: RefundRequest, news: RefundNews) => void;
}

/** What a PSP gave back, or is about to: once for each key, and of a charge never more than it keeps. */
export class PspRefunds {
  private readonly taken = new Map<string, TakenRefund>();

  constructor(
    private readonly psp: PspName,
    private readonly deps: RefundsDeps,
  ) {}

  execute(request: RefundRequest): RefundOutcome {
    const { books, faults, answersLater } = this.deps;
    faults.count('refund');
    const intent = books.find(request.attemptId, request.pspReference);
    const why = this.refusalOf(intent, request);
    if (why === undefined && intent !== undefined) return this.take(intent, request);
    if (!answersLater) return { ...this.failed(why ?? 'not_refundable', null), debited: false };
    const refund = this.accepted(request);
    this.later(PROCESSED_WITHIN_MS, () => {
      this.fail(refund, why ?? 'not_refundable', false);
    });
    return refund.outcome;
  }

  lookup({
    operationId,
    refundReference,
    attemptId,
    pspReference,
  }: RefundLookupRequest): RefundLookupOutcome {
    const { books, scheduler, faults } = this.deps;
    if (books.find(attemptId, pspReference) === undefined) {
      return { kind: 'unavailable', detail: 'no such charge' };
    }
    const refund = [...this.taken.values()].find(({ request }) => request.operationId === operationId);
    if (refund === undefined) return { kind: 'not_found' };
    // the list lags; an object that is asked for by its id is there at once
    if (refund.reference !== refundReference && refund.visibleAtMs > scheduler.now()) {
      faults.count('lookup_early');
      return { kind: 'not_found' };
    }
    return { kind: 'found', outcome: refund.outcome };
  }

  /** Undefined: no request of that name was taken upon itself. */
  outcomeOf(operationId: string): RefundOutcome | undefined {
    return [...this.taken.values()].find(({ request }) => request.operationId === operationId)?.outcome;
  }

  private refusalOf(intent: Intent | undefined, { amountMinor }: RefundRequest): RefundFailure | undefined {
    if (intent?.status !== 'captured' || intent.refunded) return 'not_refundable';
    if (this.psp === 'stripe' && intent.disputedMinor > 0n) return 'disputed';
    if (intent.givenMinor + amountMinor > keptMinor(intent)) {
      this.deps.auditor.refunds.exceeded(intent.request.paymentId, intent.reference, amountMinor);
      return 'exceeds_captured';
    }
    return this.deps.faults.happens('refund_refused') ? 'insufficient_balance' : undefined;
  }

  private take(intent: Intent, request: RefundRequest): RefundOutcome {
    const { faults, auditor, answersLater, chance } = this.deps;
    const refund = this.accepted(request);
    const { psp } = this;
    const { reference } = refund;
    intent.givenMinor += request.amountMinor;
    auditor.refunds.accepted({ ...request, psp, chargeReference: request.pspReference, reference });
    const isPending = faults.happens('refund_pending');
    if (!isPending && !answersLater) {
      this.succeed(refund, intent);
      return refund.outcome;
    }
    const withinMs = isPending && chance.happens(0.2) ? 3 * HOUR_MS : PROCESSED_WITHIN_MS;
    const fails = isPending && faults.happens('refund_refused');
    const { outcome } = refund;
    this.later(withinMs, () => {
      if (!fails) this.succeed(refund, intent);
      else {
        intent.givenMinor -= request.amountMinor;
        this.fail(refund, 'declined_by_issuer', !answersLater);
        auditor.refunds.failed(reference, !answersLater);
      }
    });
    return outcome;
  }

  private accepted(request: RefundRequest): TakenRefund {
    const { books, faults, chance, scheduler } = this.deps;
    const reference = books.nextReference();
    const lagMs = faults.happens('list_lag') ? chance.random() * LIST_LAG_AT_MOST_MS : 0;
    const refund: TakenRefund = {
      reference,
      request,
      visibleAtMs: scheduler.now() + lagMs,
      outcome: { kind: 'pending', pspReference: reference },
    };
    this.taken.set(reference, refund);
    return refund;
  }

  private succeed(refund: TakenRefund, intent: Intent): void {
    const { faults, auditor, chance } = this.deps;
    const { reference, request } = refund;
    const { amountMinor } = request;
    const occurredAt = secondOf(this.deps.scheduler);
    refund.outcome = { kind: 'succeeded', pspReference: reference, amountMinor, occurredAt };
    auditor.refunds.given(reference);
    this.tell(refund, FACT_RANK.done);
    if (!faults.happens('refund_failed_late')) return;
    const withinMs = chance.happens(0.5) ? 10 * PROCESSED_WITHIN_MS : 5 * DAY_MS;
    this.later(withinMs, () => {
      intent.givenMinor -= amountMinor;
      this.fail(refund, chance.happens(0.5) ? 'card_expired_or_canceled' : 'returned', true);
      auditor.refunds.failed(reference, true);
    });
  }

  private fail(refund: TakenRefund, why: RefundFailure, debited: boolean): void {
    refund.outcome = { ...this.failed(why, refund.reference), debited };
    this.tell(refund, debited ? FACT_RANK.failed : FACT_RANK.refused);
  }

  private tell({ request, reference, outcome }: TakenRefund, rank: number): void {
    this.deps.tell(request, { kind: 'refund', pspReference: reference, outcome, rank });
    const { paymentId, operationId } = request;
    this.deps.onEnd({ kind: 'refund', psp: this.psp, paymentId, operationId });
  }

  private failed(why: RefundFailure, pspReference: string | null) {
    const occurredAt = secondOf(this.deps.scheduler);
    return { kind: 'failed', why, detail: '', pspReference, occurredAt } as const;
  }

  private later(withinMs: number, run: () => void): void {
    const { chance, soon } = this.deps;
    // at once, so that its notice may come before the reply
    soon(chance.happens(AT_ONCE) ? 0 : SECOND_MS + chance.random() * withinMs, run);
  }
}
