import type {
  CardSummary,
  Decline,
  DeclineCategory,
  NotSentReason,
  PspName,
  RedirectAction,
  UnknownReason,
} from '../psp/outcome';
import type { RouteCandidate, RoutingWish } from '../psp/routing';
import type { PspTokens } from '../psp/tokens';
import type { DisputeEvent } from './dispute.events';
import type { MetadataEntry } from './metadata';
import type { OperationEvent } from './operation.events';
import type { RefundReservationEvent } from './refund-reservation.events';

/**
 * What happens to a payment, in the past tense. These names and fields are the storage format: a field is added
 * with a new schema version and an upcaster, never renamed (see the golden files).
 *
 * Amounts are `…Minor`: ISO 4217 minor units, bigint. `occurredAt` is the PSP's own time of a fact.
 */
export type PaymentEvent =
  | { readonly type: 'PaymentInitiated'; readonly data: PaymentInitiated }
  | { readonly type: 'AttemptStarted'; readonly data: AttemptStarted }
  | { readonly type: 'AttemptActionRequired'; readonly data: AttemptActionRequired }
  | { readonly type: 'AttemptAuthorized'; readonly data: AttemptAuthorized }
  | { readonly type: 'AttemptDeclined'; readonly data: AttemptDeclined }
  | { readonly type: 'AttemptNotSent'; readonly data: AttemptNotSent }
  | { readonly type: 'AttemptOutcomeUnknown'; readonly data: AttemptOutcomeUnknown }
  | { readonly type: 'EvidenceRecorded'; readonly data: EvidenceRecorded }
  | { readonly type: 'PaymentCaptured'; readonly data: PaymentCaptured }
  | { readonly type: 'PaymentFailed'; readonly data: PaymentFailed }
  | { readonly type: 'LateSuccessFound'; readonly data: LateSuccessFound }
  | { readonly type: 'LateSuccessFellBack'; readonly data: LateSuccessFellBack }
  | { readonly type: 'LateSuccessTakenAgain'; readonly data: LateSuccessTold }
  | OperationEvent
  | RefundReservationEvent
  | DisputeEvent;

export type CaptureMethod = 'automatic' | 'manual';

/** Text that the merchant chose. Kept together so that it can be sealed for erasure without touching money. */
export interface FreeText {
  readonly customerId: string | null;
  readonly description: string | null;
  readonly metadata: readonly MetadataEntry[];
}

/** Everything that was asked for. */
export interface PaymentInitiated {
  readonly paymentId: string;
  readonly merchant: string;
  /** Hash of the request body as sent, before defaults: the same key with another one is refused. */
  readonly fingerprint: string;
  /** Version of the JSON representation that every answer to this key is rendered with, for ever. */
  readonly representation: number;
  /** Until when the first caller said it would wait, RFC 3339. */
  readonly waitUntil: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  /** As sent: one token, or one a PSP. */
  readonly paymentMethod: string | PspTokens;
  readonly statementDescriptor: string | null;
  /** Where the merchant wants the buyer back. */
  readonly returnUrl: string | null;
  /** Our own address for the way back from a PSP; `.<number of the attempt>` is added to it. Null: the merchant's. */
  readonly buyerReturnUrl: string | null;
  readonly routingWish: RoutingWish | null;
  /** The PSPs that may be asked, best first, as the policy saw it then. */
  readonly candidates: readonly RouteCandidate[];
  readonly freeText: FreeText;
}

/** Durable before the PSP is called. The PSP's request is built from this event alone. */
export interface AttemptStarted {
  readonly attemptId: string;
  readonly number: number;
  readonly psp: PspName;
  readonly reason: string;
  readonly requestVersion: number;
  readonly pspIdempotencyKey: string;
  readonly token: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  readonly statementDescriptor: string | null;
  readonly returnUrl: string | null;
  readonly customerId: string | null;
}

export interface AttemptActionRequired {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly action: RedirectAction;
}

export interface AttemptAuthorized {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly card: CardSummary | null;
  readonly occurredAt: string;
}

export interface AttemptDeclined {
  readonly attemptId: string;
  readonly pspReference: string | null;
  readonly decline: Decline;
  readonly occurredAt: string;
}

/** Proof that nothing was charged, because nothing was processed. */
export interface AttemptNotSent {
  readonly attemptId: string;
  readonly why: NotSentReason;
  readonly detail: string;
}

/** A PSP was asked and we do not know. Only evidence ends this, never a timer. */
export interface AttemptOutcomeUnknown {
  readonly attemptId: string;
  readonly why: UnknownReason | 'pending_at_psp';
  readonly detail: string;
  readonly pspReference: string | null;
  readonly keyBurnt: boolean;
}

export type EvidenceRung = 'same_key' | 'lookup' | 'webhook' | 'forced_end';

/** One rung of the ladder was climbed and did not settle the matter. */
export interface EvidenceRecorded {
  readonly attemptId: string;
  /** Null where the search is for the attempt itself. */
  readonly operationId: string | null;
  readonly rung: EvidenceRung;
  /** `sending`: the request is about to leave again; what was looked up before proves nothing about it. */
  readonly answer: 'sending' | 'still_unknown' | 'not_found' | 'not_found_too_early' | 'unavailable';
  readonly detail: string;
  readonly pspReference: string | null;
  readonly keyBurnt: boolean;
}

export interface PaymentCaptured {
  readonly attemptId: string;
  /** Null where the PSP captured together with the authorisation. */
  readonly operationId: string | null;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly occurredAt: string;
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
}

export type FailureCategory = DeclineCategory | 'not_charged';

export interface PaymentFailed {
  readonly code: string;
  readonly category: FailureCategory;
  readonly message: string;
}

/** The PSP holds a charge for an attempt that had ended as not charged: it must be given back. */
export interface LateSuccessFound {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captured: boolean;
  readonly occurredAt: string;
}

/** What the scheme did to a late success that the PSP had taken. */
export interface LateSuccessTold {
  readonly attemptId: string;
  /** Of the charge, as `LateSuccessFound` has it. */
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly occurredAt: string;
  /** Of facts in one second, which one the PSP told after the other. */
  readonly rank: number;
}

/** The scheme took it back: the PSP has nothing of it, whether or not it was given back. */
export interface LateSuccessFellBack extends LateSuccessTold {
  readonly detail: string;
}
