import type { ActionResultEntry } from '../psp/gateway';
import type { OperationFailure, UnknownReason } from '../psp/outcome';

/**
 * What happens to an authorisation or a charge after the attempt that made it: captures, cancels, reversals, and the
 * buyer's way back. The same rules as in `payment.events.ts`: these names and fields are the storage format.
 */
export type OperationEvent =
  | { readonly type: 'CaptureStarted'; readonly data: CaptureStarted }
  | { readonly type: 'CaptureFailed'; readonly data: OperationFailed }
  | { readonly type: 'CaptureReversed'; readonly data: CaptureReversed }
  | { readonly type: 'CaptureOutcomeUnknown'; readonly data: OperationOutcomeUnknown }
  | { readonly type: 'CancelRequested'; readonly data: CancelRequested }
  | { readonly type: 'CancelStarted'; readonly data: CancelStarted }
  | { readonly type: 'CancelFailed'; readonly data: OperationFailed }
  | { readonly type: 'CancelOutcomeUnknown'; readonly data: OperationOutcomeUnknown }
  | { readonly type: 'AttemptVoided'; readonly data: AttemptVoided }
  | { readonly type: 'AuthorizationExpired'; readonly data: AuthorizationExpired }
  | { readonly type: 'PaymentCanceled'; readonly data: PaymentCanceled }
  | { readonly type: 'ReversalStarted'; readonly data: ReversalStarted }
  | { readonly type: 'ReversalWithheld'; readonly data: ReversalWithheld }
  | { readonly type: 'ChargeReversed'; readonly data: ChargeReversed }
  | { readonly type: 'ReversalFailed'; readonly data: OperationFailed }
  | { readonly type: 'ReversalOutcomeUnknown'; readonly data: OperationOutcomeUnknown }
  | { readonly type: 'OperationResolved'; readonly data: OperationResolved }
  | { readonly type: 'ActionReturned'; readonly data: ActionReturned };

/** Durable before the PSP is called; the request is built from it and from its attempt. */
interface OperationStarted {
  /** Also the PSP's idempotency key. */
  readonly operationId: string;
  readonly attemptId: string;
  /** The PSP's id of the payment; null only for a cancel by our own reference. */
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
}

export interface CaptureStarted extends OperationStarted {
  /** What the merchant's idempotency key names within this payment. */
  readonly requestId: string;
  readonly fingerprint: string;
}

/**
 * Why an attempt is ended at its PSP: `requested` by the merchant · `abandoned` by a buyer who never came back ·
 * `expired` with the PSP's promise to hold the money · `forced_end` since nothing else tells how it stands.
 */
export type CancelPurpose = 'requested' | 'abandoned' | 'expired' | 'forced_end';

export interface CancelStarted extends OperationStarted {
  readonly purpose: CancelPurpose;
}

export interface ReversalStarted extends OperationStarted {
  /** Whether the PSP had taken the money, so that it has to be refunded. */
  readonly captured: boolean;
}

/**
 * Not to be asked for: a bank has the money. An event of its own, and no start that fails at once: whoever hears of a start
 * asks the PSP, whatever comes after it.
 */
export type ReversalWithheld = ReversalStarted;

/** From here on no request leaves that could charge. */
export interface CancelRequested {
  readonly requestId: string;
  readonly fingerprint: string;
  readonly reason: string | null;
}

/** The PSP said no, and that is final: nothing was done. */
export interface OperationFailed {
  readonly operationId: string;
  readonly attemptId: string;
  readonly why: OperationFailure;
  readonly detail: string;
  readonly pspReference: string | null;
  readonly occurredAt: string;
}

/** The scheme took back what had been captured. It may be captured again by the PSP itself: `PaymentCaptured` once more. */
export interface CaptureReversed {
  readonly attemptId: string;
  /** Null where the PSP had captured together with the authorisation. */
  readonly operationId: string | null;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly detail: string;
  readonly occurredAt: string;
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
}

/** `pending_at_psp`: the PSP has taken the request and tells its result later. */
export interface OperationOutcomeUnknown {
  readonly operationId: string;
  readonly attemptId: string;
  readonly why: UnknownReason | 'pending_at_psp';
  readonly detail: string;
  readonly pspReference: string | null;
  readonly keyBurnt: boolean;
}

/** The PSP holds nothing for this attempt any more, and never took anything. */
export interface AttemptVoided {
  readonly attemptId: string;
  readonly operationId: string;
  readonly pspReference: string;
  readonly occurredAt: string;
}

/** The PSP let the authorisation go by itself. */
export interface AuthorizationExpired {
  readonly attemptId: string;
  readonly pspReference: string | null;
  readonly occurredAt: string;
}

export interface PaymentCanceled {
  readonly because: 'requested' | 'authorization_expired';
}

/** A whole charge was given back. */
export interface ChargeReversed {
  readonly operationId: string;
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captured: boolean;
  readonly occurredAt: string;
}

/**
 * An operator found out at the PSP how an operation stands that nothing else tells of. What follows from it stands before
 * it in the same append, by the events that the PSP's own word would have caused.
 */
export interface OperationResolved {
  readonly operationId: string;
  readonly attemptId: string;
  /** What the PSP shows: that it was done, or that it surely was not. */
  readonly found: ResolutionFound;
  /** The PSP's name of what was done; null where there is none. */
  readonly pspReference: string | null;
  /** When the PSP did it, or when it was seen that it did not, RFC 3339. */
  readonly occurredAt: string;
  /** What the idempotency key of the request names within the payment. */
  readonly requestId: string;
  readonly fingerprint: string;
  readonly freeText: ResolutionText;
}

export const RESOLUTION_FOUND = ['done', 'not_done'] as const;
export type ResolutionFound = (typeof RESOLUTION_FOUND)[number];

/** … and of a refund, whose money may have been given and have come back. */
export const REFUND_RESOLUTION_FOUND = [...RESOLUTION_FOUND, 'returned'] as const;
export type RefundResolutionFound = (typeof REFUND_RESOLUTION_FOUND)[number];

/** Text that the operator chose. Kept together so that it can be sealed for erasure. */
export interface ResolutionText {
  /** Who looked. */
  readonly by: string;
  /** Where, and what was seen. */
  readonly evidence: string;
}

/** The buyer is back from the PSP's page; what the browser brought is asked about at the PSP. */
export interface ActionReturned {
  readonly attemptId: string;
  readonly result: readonly ActionResultEntry[];
}
