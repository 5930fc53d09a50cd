import type { Decision } from '../kernel/decision';
import type { WordAboutRefund } from '../payment/payment.commands';
import type { RefundLookupOutcome, RefundOutcome } from '../psp/outcome';
import type { RefundEvent, RefundInitiated } from './refund.events';

export type RefundCommand =
  | { readonly type: 'InitiateRefund'; readonly data: InitiateRefund }
  | { readonly type: 'RecordRefundOutcome'; readonly data: RecordRefundOutcome }
  | { readonly type: 'RecordRefundNews'; readonly data: RecordRefundNews }
  | { readonly type: 'RecordRefundLookup'; readonly data: RecordRefundLookup }
  | { readonly type: 'RetryRefund'; readonly data: RetryRefund }
  | { readonly type: 'AbandonRefund'; readonly data: AbandonRefund }
  | { readonly type: 'ResolveRefund'; readonly data: ResolveRefund };

/** Follows from a reservation on the payment, and from nothing else. */
export interface InitiateRefund {
  readonly initiated: RefundInitiated;
}

/** The reply to a call: the first send, or the same request with the same key again. */
export interface RecordRefundOutcome {
  readonly number: number;
  readonly outcome: RefundOutcome;
  /** When the answer came, RFC 3339. */
  readonly heardAt: string;
}

/** A PSP's own word about one try. */
export interface RecordRefundNews extends RecordRefundOutcome {
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
}

export interface RecordRefundLookup {
  readonly number: number;
  readonly answer: RefundLookupOutcome;
  /** When the PSP was asked, RFC 3339. */
  readonly askedAt: string;
  /** How long after a send the look-up may still miss it, ms. */
  readonly settlesAfterMs: number;
  /** How long after its first send a key may be sent again, ms. */
  readonly keySafeForMs: number;
}

/** Money that is owed still shall be given back by another try. */
export interface RetryRefund {
  /** What the idempotency key names within the refund. */
  readonly requestId: string;
  /** Of the try that the payment has allowed: it begins once, and no later one in its stead. */
  readonly number: number;
}

/** A failed refund is given up: the buyer has agreed, or was paid another way. */
export interface AbandonRefund {
  readonly reason: string | null;
}

/** What an operator found out at the PSP about one try: the one that counts. */
export type ResolveRefund = WordAboutRefund & { readonly number: number };

export type RefundRefusal =
  | { readonly code: 'refund_not_found' }
  | { readonly code: 'idempotency_key_reused' }
  /** It has not failed, or nothing is owed of it any more. */
  | { readonly code: 'not_retryable' }
  | { readonly code: 'not_abandonable' }
  /** Its request may be on its way still. */
  | { readonly code: 'operation_in_progress' }
  /** It has ended: there is nothing to find out about it. */
  | { readonly code: 'not_resolvable' }
  | { readonly code: 'too_many_tries' };

export type RefundDecision = Decision<RefundEvent, RefundRefusal>;
