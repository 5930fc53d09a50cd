import type {
  AuthorizeOutcome,
  IdentifyOutcome,
  LookupOutcome,
  OperationKind,
  OperationLookupOutcome,
  OperationOutcome,
  PspName,
  RefundLookupOutcome,
  RefundOutcome,
} from './outcome';

/**
 * Everything an authorisation is built from, as recorded on `AttemptStarted`. A re-send, even by a later
 * deploy, must give the same bytes as the first send: so nothing else may enter the request.
 */
export interface AuthorizeRequest {
  /** Which layout of the PSP request this is; a gateway keeps every version it has ever sent. */
  readonly requestVersion: number;
  readonly attemptId: string;
  readonly paymentId: string;
  /** Recorded before the call; the PSP treats a second request with it as the first one. */
  readonly idempotencyKey: string;
  /** ISO 4217 minor units. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The PSP's token of the payment method; never a card number. */
  readonly token: string;
  readonly captureMethod: 'automatic' | 'manual';
  readonly statementDescriptor: string | null;
  readonly returnUrl: string | null;
  readonly customerId: string | null;
}

export interface LookupRequest {
  readonly attemptId: string;
  readonly pspReference: string | null;
  /** When `AttemptStarted` was recorded, RFC 3339: the look-up's time window starts a little before it. */
  readonly startedAt: string;
  readonly currency: string;
  readonly amountMinor: bigint;
}

/** What a PSP offers to the search for an outcome. */
export type SearchMeans = Pick<PspGateway, 'keySafeForMs' | 'canLookUp' | 'cancelsByOwnReference'>;

/** What the buyer's browser brought back from the PSP's page, as the PSP named it. */
export interface ActionResultEntry {
  readonly name: string;
  readonly value: string;
}

/** The buyer is back from 3-D Secure: the PSP is asked how it ended, and goes on with the charge if it went well. */
export interface CompleteActionRequest {
  readonly requestVersion: number;
  readonly attemptId: string;
  readonly paymentId: string;
  readonly idempotencyKey: string;
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: 'automatic' | 'manual';
  readonly result: readonly ActionResultEntry[];
}

/** A capture, a cancel or a reversal, built from its recorded `…Started` event and from its attempt. */
export interface OperationRequest {
  readonly kind: OperationKind;
  /** The attempt's: every layout of a gateway has one version. */
  readonly requestVersion: number;
  /** Ours, and the PSP's idempotency key: recorded before the call, unique over all operations of all payments. */
  readonly operationId: string;
  readonly attemptId: string;
  readonly paymentId: string;
  /** The PSP's id of the payment. Null only for a cancel by our own reference, the attempt's id. */
  readonly pspReference: string | null;
  /** What to capture, or all that is given back; ISO 4217 minor units. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Of a reversal: whether the PSP had captured, so that a refund is needed instead of a void. */
  readonly captured: boolean;
}

export interface OperationLookupRequest extends OperationRequest {
  /** When its `…Started` event was recorded, RFC 3339. */
  readonly startedAt: string;
}

/** Why money is given back, as far as a PSP wants to know; free text stays with us. */
export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer';

/** A refund, built from its recorded `RefundAttemptStarted` alone: a re-send is the same bytes as the first send. */
export interface RefundRequest {
  readonly requestVersion: number;
  /**
   * `refundReferenceOf` the refund and the number of this try: the PSP's idempotency key, and our reference in its books
   * and notices. Another number only after a definitive answer.
   */
  readonly operationId: string;
  /** Of the refund's stream. */
  readonly refundId: string;
  readonly attemptId: string;
  readonly paymentId: string;
  /** The PSP's id of the charge. */
  readonly pspReference: string;
  /** The PSP's id of the capture, where that has one of its own; null where it has not, or nobody knows it. */
  readonly captureReference: string | null;
  /** ISO 4217 minor units. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: RefundReason | null;
}

export interface RefundLookupRequest extends RefundRequest {
  /** The PSP's id of the refund, once it gave one. */
  readonly refundReference: string | null;
}

/** What gives money back at a PSP. As every call of the port, these never throw. */
export interface RefundPort {
  /** Gives a part of a charge back, or all of it. The PSP refuses what goes beyond the charge; that is no lock of ours. */
  refund(request: RefundRequest): Promise<RefundOutcome>;
  /** Read-after-write; `unavailable` from a PSP that cannot be asked (`canLookUp`). */
  lookupRefund(request: RefundLookupRequest): Promise<RefundLookupOutcome>;
}

/** Whose charge it is, that a PSP names by its own reference alone. */
export interface IdentifyRequest {
  readonly pspReference: string;
}

/**
 * One PSP as the engine sees it. Calls never throw: every ending is one of the closed outcomes.
 */
export interface PspGateway extends RefundPort {
  readonly psp: PspName;
  /** The version that new attempts are recorded with. */
  readonly requestVersion: number;
  /** How long after `AttemptStarted` the same key is certainly still known to the PSP, ms. */
  readonly keySafeForMs: number;
  /** Whether the PSP can be asked for a charge by our own reference at all. */
  readonly canLookUp: boolean;
  /** How long after a request the PSP's look-up may still miss it, ms. */
  readonly lookupSettlesAfterMs: number;
  /** Whether an authorisation can be ended by the attempt's id alone, without the PSP's own reference. */
  readonly cancelsByOwnReference: boolean;
  authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome>;
  lookup(request: LookupRequest): Promise<LookupOutcome>;
  completeAction(request: CompleteActionRequest): Promise<AuthorizeOutcome>;
  capture(request: OperationRequest): Promise<OperationOutcome>;
  /** Ends an authorisation, or an attempt that waits for the buyer or for nobody knows what. */
  cancel(request: OperationRequest): Promise<OperationOutcome>;
  /** Gives a whole charge back: a void where nothing was captured, a refund where it was. */
  reverse(request: OperationRequest): Promise<OperationOutcome>;
  lookupOperation(request: OperationLookupRequest): Promise<OperationLookupOutcome>;
  identify(request: IdentifyRequest): Promise<IdentifyOutcome>;
}
