import type { RefundText } from '../payment/refund-reservation.events';
import type { RefundResolutionFound, ResolutionText } from '../payment/operation.events';
import type { EvidenceRung } from '../payment/payment.events';
import type { RefundReason } from '../psp/gateway';
import type { PspName, RefundFailure, UnknownReason } from '../psp/outcome';

/**
 * What happens to one refund at the PSP that captured. The same rules as in `payment.events.ts`: these names and fields
 * are the storage format, amounts are `…Minor`, `occurredAt` is the PSP's own time of a fact.
 */
export type RefundEvent =
  | { readonly type: 'RefundInitiated'; readonly data: RefundInitiated }
  | { readonly type: 'RefundAttemptStarted'; readonly data: RefundAttemptStarted }
  | { readonly type: 'RefundAccepted'; readonly data: RefundAccepted }
  | { readonly type: 'RefundSucceeded'; readonly data: RefundSucceeded }
  | { readonly type: 'RefundFailed'; readonly data: RefundFailed }
  | { readonly type: 'RefundOutcomeUnknown'; readonly data: RefundOutcomeUnknown }
  | { readonly type: 'RefundEvidenceRecorded'; readonly data: RefundEvidenceRecorded }
  | { readonly type: 'RefundReissued'; readonly data: RefundReissued }
  | { readonly type: 'RefundAbandoned'; readonly data: RefundAbandoned }
  | { readonly type: 'RefundResolved'; readonly data: RefundResolved };

/** What a refund gives back, in every event that moves money in the books. */
interface Given {
  readonly refundId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Its amount is reserved on the payment already. Everything that a request to the PSP is built from. */
export interface RefundInitiated extends Given {
  readonly paymentId: string;
  readonly merchant: string;
  readonly fingerprint: string;
  readonly psp: PspName;
  readonly attemptId: string;
  /** The PSP's id of the charge. */
  readonly pspReference: string;
  readonly captureReference: string | null;
  readonly requestVersion: number;
  readonly representation: number;
  readonly freeText: RefundText;
}

/** Durable before the PSP is called. The PSP's request is built from this event and `RefundInitiated` alone. */
export interface RefundAttemptStarted extends Given {
  /** From 1; grows only after a definitive answer. */
  readonly number: number;
  /** The PSP's idempotency key, and our reference in its books. */
  readonly operationId: string;
  readonly psp: PspName;
  readonly attemptId: string;
  readonly pspReference: string;
  readonly captureReference: string | null;
  readonly requestVersion: number;
  readonly reason: RefundReason | null;
}

/** The PSP has taken the refund upon itself; how it ends is told later. From here on the money is owed to the buyer. */
export interface RefundAccepted extends Given {
  readonly number: number;
  readonly pspReference: string;
  /** Whether no try of this refund was accepted, or paid out, before. */
  readonly first: boolean;
  readonly occurredAt: string;
}

/**
 * The PSP has given the money back, which says that it had accepted, where that was not told before. The money may still
 * come back: `RefundFailed` after this is a fact, too.
 */
export interface RefundSucceeded extends Given {
  readonly number: number;
  readonly pspReference: string;
  readonly occurredAt: string;
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
}

export interface RefundFailed extends Given {
  readonly number: number;
  /** `after_debit`: the PSP had taken the money out of our balance, and has put it back. */
  readonly when: 'before_debit' | 'after_debit';
  /** `kept`: a PSP had accepted it, so the money is owed still. `released`: nothing was ever owed; the refund is over. */
  readonly reservation: 'kept' | 'released';
  readonly why: RefundFailure;
  readonly detail: string;
  readonly pspReference: string | null;
  readonly occurredAt: string;
  readonly rank: number;
}

/**
 * The PSP was asked and we do not know, or the request could not leave yet (`not_sent`). Only evidence ends this, never
 * a timer.
 */
export interface RefundOutcomeUnknown {
  readonly refundId: string;
  readonly number: number;
  readonly why: UnknownReason;
  readonly detail: string;
  readonly pspReference: string | null;
  readonly keyBurnt: boolean;
}

/** One rung of the ladder was climbed and did not settle the matter. */
export interface RefundEvidenceRecorded {
  readonly refundId: string;
  readonly number: number;
  readonly rung: EvidenceRung;
  /** `given_twice`: an earlier try was paid out, beside the one that counts. */
  readonly answer: 'still_unknown' | 'not_found' | 'not_found_too_early' | 'unavailable' | 'given_twice';
  readonly detail: string;
  readonly pspReference: string | null;
  readonly keyBurnt: boolean;
}

/** Somebody wants money that is owed still to be given back by another try. */
export interface RefundReissued extends Given {
  /** Of the new try. */
  readonly number: number;
  /** What the idempotency key of the request names within the refund. */
  readonly requestId: string;
}

/** An operator gave a failed refund up: nothing is owed any more. */
export interface RefundAbandoned extends Given {
  readonly reason: string | null;
}

/**
 * An operator found out at the PSP how a try stands that nothing else tells of. What follows from it stands before it in the
 * same append, by the events that the PSP's own word would have caused.
 */
export interface RefundResolved {
  readonly refundId: string;
  readonly number: number;
  /** `returned`: it was done, and the money has come back since; a later value than the others, which older events lack. */
  readonly found: RefundResolutionFound;
  readonly pspReference: string | null;
  /** What the idempotency key of the request names within the refund. */
  readonly requestId: string;
  readonly fingerprint: string;
  readonly freeText: ResolutionText;
}
