import type { ActionResultEntry } from '../psp/gateway';
import type { DisputeFact } from '../psp/news';
import type {
  AuthorizeOutcome,
  LookupOutcome,
  OperationKind,
  OperationLookupOutcome,
  OperationOutcome,
} from '../psp/outcome';
import type { CancelPurpose, ResolutionText } from './operation.events';
import type { PaymentInitiated } from './payment.events';
import type { RefundText } from './refund-reservation.events';

export type PaymentCommand =
  | { readonly type: 'InitiatePayment'; readonly data: InitiatePayment }
  | { readonly type: 'RecordAttemptOutcome'; readonly data: RecordAttemptOutcome }
  | { readonly type: 'RecordResend'; readonly data: RecordResend }
  | { readonly type: 'RecordLookup'; readonly data: RecordLookup }
  | { readonly type: 'ReturnFromAction'; readonly data: ReturnFromAction }
  | { readonly type: 'RequestCapture'; readonly data: RequestCapture }
  | { readonly type: 'RequestCancel'; readonly data: RequestCancel }
  | { readonly type: 'StartCancel'; readonly data: StartCancel }
  | { readonly type: 'RecordOperationOutcome'; readonly data: RecordOperationOutcome }
  | { readonly type: 'RecordOperationNews'; readonly data: RecordOperationNews }
  | { readonly type: 'RecordOperationLookup'; readonly data: RecordOperationLookup }
  | { readonly type: 'RecordExpiry'; readonly data: RecordExpiry }
  | { readonly type: 'StartReversal'; readonly data: StartReversal }
  | { readonly type: 'ResolveOperation'; readonly data: ResolveOperation }
  | { readonly type: 'ReserveRefund'; readonly data: ReserveRefund }
  | { readonly type: 'RecordRefundStanding'; readonly data: RecordRefundStanding }
  | { readonly type: 'GrantRefundRetry'; readonly data: GrantRefundRetry }
  | { readonly type: 'RecordDisputeFact'; readonly data: RecordDisputeFact };

export interface InitiatePayment {
  readonly initiated: PaymentInitiated;
}

/** How an answer came: as the reply to a request of ours, or by the PSP's own word. */
export type HeardBy = 'reply' | 'webhook';

/** The answer to a call (the first send, or the same request with the same key again), or a notice of the PSP. */
export interface RecordAttemptOutcome {
  readonly attemptId: string;
  readonly outcome: AuthorizeOutcome;
  readonly heardBy: HeardBy;
  /**
   * Whether this was certainly the first time that the request left. After a crash or a redelivery it may not
   * be, and then "this send was refused" says nothing about an earlier one.
   */
  readonly surelyFirstSend: boolean;
  /** When the answer came, RFC 3339. */
  readonly heardAt: string;
}

/** A request that may charge is about to leave again. */
export interface RecordResend {
  readonly attemptId: string;
}

export interface RecordLookup {
  readonly attemptId: string;
  readonly answer: LookupOutcome;
  /** When the PSP was asked, RFC 3339. */
  readonly askedAt: string;
  /** How long after a send the look-up may still miss it, ms. */
  readonly settlesAfterMs: number;
}

/** The buyer is back from the PSP's page. */
export interface ReturnFromAction {
  readonly attemptId: string;
  readonly result: readonly ActionResultEntry[];
}

/** A merchant's request about a payment, under the id that its idempotency key names. */
interface MerchantRequest {
  readonly requestId: string;
  /** Hash of the body as sent: the same key with another one is refused. */
  readonly fingerprint: string;
}

export interface RequestCapture extends MerchantRequest {
  /** ISO 4217 minor units; null: all that is authorised. */
  readonly amountMinor: bigint | null;
}

export interface RequestCancel extends MerchantRequest {
  readonly reason: string | null;
}

/** The process wants an attempt ended at its PSP. */
export interface StartCancel {
  readonly attemptId: string;
  readonly purpose: CancelPurpose;
}

export interface RecordOperationOutcome {
  readonly operationId: string;
  readonly outcome: OperationOutcome;
  /** When the answer came, RFC 3339. */
  readonly heardAt: string;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
}

/** A PSP's own word about an operation. It names the operation, and the charge that it was done to, by its own references. */
export interface RecordOperationNews {
  readonly attemptId: string;
  readonly operation: OperationKind;
  readonly pspReference: string | null;
  readonly paymentReference: string | null;
  /** A failure may be told of a capture that had succeeded, and a success again of what had failed. */
  readonly outcome: OperationOutcome;
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
  readonly heardAt: string;
  readonly settlesAfterMs: number;
}

export interface RecordOperationLookup {
  readonly operationId: string;
  readonly answer: OperationLookupOutcome;
  /** When the PSP was asked, RFC 3339. */
  readonly askedAt: string;
  /** How long after a send the look-up may still miss it, ms. */
  readonly settlesAfterMs: number;
}

/** The PSP has let an authorisation go. */
export interface RecordExpiry {
  readonly attemptId: string;
  readonly pspReference: string | null;
  readonly occurredAt: string;
}

/** The process wants a charge given back that the PSP would not give back before. */
export interface StartReversal {
  /** Of the reversal that failed. */
  readonly operationId: string;
}

/** What an operator found out at the PSP. */
export type ResolveOperation = WordOfOperator & { readonly operationId: string };

export type WordOfOperator = WordOfRequest &
  (
    | { readonly found: 'done'; readonly pspReference: string }
    | { readonly found: 'not_done'; readonly pspReference: string | null }
  );

/** … about a refund, whose money may have come back. */
export type WordAboutRefund =
  | WordOfOperator
  | (WordOfRequest & { readonly found: 'returned'; readonly pspReference: string });

interface WordOfRequest {
  readonly requestId: string;
  /** Hash of what was told: the same key with another word is refused. */
  readonly fingerprint: string;
  /** When the PSP did it, or when the money came back; null: it is not known. RFC 3339. */
  readonly occurredAt: string | null;
  readonly freeText: ResolutionText;
  /** When the operator told, RFC 3339. */
  readonly toldAt: string;
}

/** A merchant wants money given back. */
export interface ReserveRefund {
  /** Whose request it is: to another merchant the payment does not exist. */
  readonly merchant: string;
  /** What the idempotency key names within the payment. */
  readonly refundId: string;
  readonly fingerprint: string;
  /** ISO 4217 minor units; null: all that is left. */
  readonly amountMinor: bigint | null;
  readonly freeText: RefundText;
}

/** What became of a refund: `failed` and `abandoned` hold nothing any more. */
export interface RecordRefundStanding {
  readonly refundId: string;
  readonly number: number;
  /** Of the refund's stream where it stands so. */
  readonly refundRevision: number;
  readonly standing: 'settled' | 'returned' | 'failed' | 'abandoned';
  readonly occurredAt: string;
}

/** Money of a refund that failed, and is owed still, shall be given back by another try. */
export interface GrantRefundRetry {
  readonly refundId: string;
  /** Of the try that would begin, as the refund's stream has it. */
  readonly number: number;
  readonly requestId: string;
}

/** A PSP's word about a dispute of one of our charges. */
export interface RecordDisputeFact {
  readonly attemptId: string;
  readonly fact: DisputeFact;
}

export type PaymentRefusal =
  | { readonly code: 'payment_not_found' }
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'attempt_not_found'; readonly attemptId: string }
  | { readonly code: 'operation_not_found'; readonly operationId: string }
  | { readonly code: 'no_action_expected' }
  | { readonly code: 'not_capturable' }
  | { readonly code: 'not_cancelable' }
  | { readonly code: 'operation_in_progress' }
  /** It has ended, and nothing is left to find out about it. */
  | { readonly code: 'not_resolvable' }
  | { readonly code: 'amount_exceeds_authorized' }
  | { readonly code: 'amount_exceeds_captured' }
  | { readonly code: 'payment_disputed' }
  | { readonly code: 'too_many_refunds' }
  | { readonly code: 'not_retryable' }
  | { readonly code: 'refund_not_found'; readonly refundId: string }
  /** A notice about something that another notice has to tell of first: it has to be handled again later. */
  | { readonly code: 'news_too_early' };
