import type { ActionResultEntry } from '../psp/gateway';
import type { FactOrder } from '../psp/news';
import type { Decline, OperationFailure, OperationKind, PspName, RedirectAction } from '../psp/outcome';
import type { RouteCandidate } from '../psp/routing';
import type { PspTokens } from '../psp/tokens';
import type { Dispute } from './dispute';
import type { CancelPurpose } from './operation.events';
import type { CaptureMethod, FreeText, PaymentFailed } from './payment.events';

export type PaymentStatus =
  | 'processing'
  | 'requires_action'
  | 'requires_capture'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'outcome_unknown';

export type AttemptStatus =
  | 'started'
  | 'requires_action'
  | 'authorized'
  | 'succeeded'
  | 'declined'
  | 'not_sent'
  | 'outcome_unknown'
  | 'voided';

/** One try at one PSP. Times are RFC 3339. */
export interface Attempt {
  readonly id: string;
  readonly number: number;
  readonly psp: PspName;
  readonly status: AttemptStatus;
  readonly reason: string;
  readonly requestVersion: number;
  readonly pspIdempotencyKey: string;
  readonly token: string;
  /** Where the PSP was told to send the buyer back to. */
  readonly returnUrl: string | null;
  readonly pspReference: string | null;
  /** When the buyer was last asked to act; null where he never was. */
  readonly actionSince: string | null;
  /** What the buyer brought back from the PSP's page; null until then. */
  readonly actionResult: readonly ActionResultEntry[] | null;
  readonly decline: Decline | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Present from the first unknown outcome on: how far the ladder has been climbed. */
  readonly search: Search | null;
}

export interface Search {
  readonly since: string;
  /** Rungs climbed so far without proof. */
  readonly tries: number;
  /** Look-ups after the settling time that did not find the attempt. */
  readonly notFound: number;
  /** The last time a request with our key may have left. */
  readonly lastSentAt: string;
  readonly keyBurnt: boolean;
}

/** `pending`: the PSP has the request, or will get it again; it is no doubt about money yet. */
export type OperationStatus = 'started' | 'pending' | 'outcome_unknown' | 'succeeded' | 'failed';

/** A capture, a cancel or a reversal of one charge of an attempt. At most one of them is open on a charge at any time. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly attemptId: string;
  readonly status: OperationStatus;
  /** The PSP's id of the payment, as known when the operation began. */
  readonly paymentReference: string | null;
  /** The PSP's id of the operation itself, once it gave one. */
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
  /** Of a reversal: whether the money had been taken. */
  readonly captured: boolean;
  /** Of a cancel. */
  readonly purpose: CancelPurpose | null;
  /** Of a merchant's capture: the request that asked for it. */
  readonly requestId: string | null;
  readonly fingerprint: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly search: Search | null;
  /** Why it failed, for good; null until then. */
  readonly failure: OperationFailure | null;
  /** An operator's request that told how it stands. */
  readonly resolution: { readonly requestId: string; readonly fingerprint: string } | null;
}

/** What one capture took, as the latest fact about it has it. */
export interface Capture {
  readonly attemptId: string;
  /** Null where the PSP captured together with the authorisation. */
  readonly operationId: string | null;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  /** Whether the scheme has taken it back. */
  readonly reversed: boolean;
  readonly occurredAt: string;
  readonly rank: number;
}

/** A charge that we hold without a sale, as the latest fact about it has it. It is no capture of the payment. */
export interface LateSuccess {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  /** Whether the PSP has taken the money, or only holds it. */
  readonly captured: boolean;
  /** Whether the scheme has taken back what the PSP had taken. */
  readonly fallen: boolean;
  /** Null until the scheme did so: when the money was first taken is not always told, and everything else is later. */
  readonly latest: FactOrder | null;
}

/**
 * What a refund holds of the payment: `reserved` until a PSP has given it back · `settled` it has · `returned` it had, and
 * the money came back, so it is owed still · `released` nothing.
 */
export type RefundStanding = 'reserved' | 'settled' | 'returned' | 'released';

/** Which try of a refund may begin, and whose request that was. */
export interface RetryGrant {
  readonly number: number;
  readonly requestId: string;
}

/** How the refund itself goes is told by its own stream. */
export interface PaymentRefund {
  readonly id: string;
  readonly fingerprint: string;
  readonly amountMinor: bigint;
  readonly attemptId: string;
  readonly standing: RefundStanding;
  /** The try that the standing is of. */
  readonly number: number;
  /** Of the refund's stream, where it stood so; -1: as reserved. */
  readonly refundRevision: number;
  /** The latest other try that was allowed. */
  readonly granted: RetryGrant | null;
  readonly reservedAt: string;
}

/** A merchant's wish to end the payment. */
export interface CancelRequest {
  readonly requestId: string;
  readonly fingerprint: string;
  readonly reason: string | null;
  /** Whether the wish came true, or will not. */
  readonly concluded: boolean;
}

/** A payment as its stream tells it. Plain data: it is stored as it is in the status read model. */
export interface Payment {
  readonly id: string;
  readonly merchant: string;
  readonly fingerprint: string;
  readonly representation: number;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  readonly paymentMethod: string | PspTokens;
  readonly statementDescriptor: string | null;
  readonly returnUrl: string | null;
  readonly buyerReturnUrl: string | null;
  readonly candidates: readonly RouteCandidate[];
  readonly freeText: FreeText;
  readonly authorizedMinor: bigint;
  /** Taken and not taken back by the scheme. Refunds and disputes are counted beside it. */
  readonly capturedMinor: bigint;
  readonly nextAction: RedirectAction | null;
  readonly failure: PaymentFailed | null;
  readonly attempts: readonly Attempt[];
  readonly operations: readonly Operation[];
  readonly cancelRequests: readonly CancelRequest[];
  /** Charges found after we had said "not charged", beside the sale, or that nobody wanted any more. */
  readonly lateSuccesses: readonly LateSuccess[];
  readonly captures: readonly Capture[];
  readonly refunds: readonly PaymentRefund[];
  readonly disputes: readonly Dispute[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** `null`: the stream has no event yet. */
export type PaymentState = Payment | null;

/** A payment's outcome is its state at the first status that is neither of these. */
export const hasOutcome = (payment: Payment): boolean =>
  payment.status !== 'processing' && payment.status !== 'outcome_unknown';

/** Whether the attempt may still hold or get a charge that no event has told of. */
export const isOpen = (attempt: Attempt): boolean =>
  attempt.status === 'started' ||
  attempt.status === 'outcome_unknown' ||
  attempt.status === 'requires_action';

export const findAttempt = (payment: Payment, attemptId: string): Attempt | undefined =>
  payment.attempts.find((attempt) => attempt.id === attemptId);

/** The attempt that an operation is done to. */
export function attemptOf(payment: Payment, { attemptId }: Operation): Attempt {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) throw new Error(`${attemptId} has an operation and no attempt`);
  return attempt;
}

export const isOpenOperation = ({ status }: Operation): boolean =>
  status === 'started' || status === 'pending' || status === 'outcome_unknown';

export const findOperation = (payment: Payment, operationId: string): Operation | undefined =>
  payment.operations.find(({ id }) => id === operationId);

/**
 * The PSP's id of the attempt's own charge, where it is known for sure: it is that of the approval. Before it a reply may
 * have named the payment otherwise, or another one that came to nothing.
 */
export const ownChargeOf = ({ status, pspReference }: Attempt): string | null =>
  status === 'authorized' || status === 'succeeded' ? pspReference : null;

/** Whether it gives back another charge than the attempt's own: how that ends says nothing of the attempt. */
export const isOfOtherCharge = (payment: Payment, operation: Operation): boolean =>
  operation.kind === 'reversal' &&
  operation.paymentReference !== findAttempt(payment, operation.attemptId)?.pspReference;

/** The one operation that is under way on an attempt, if any. Other charges of it are given back beside it. */
export const openOperationOf = (payment: Payment, attemptId: string): Operation | undefined =>
  payment.operations.find(
    (operation) =>
      operation.attemptId === attemptId && isOpenOperation(operation) && !isOfOtherCharge(payment, operation),
  );

const ENDED: ReadonlySet<PaymentStatus> = new Set(['succeeded', 'failed', 'canceled']);

/** Whether the payment's status will never change again. */
export const isEnded = ({ status }: Payment): boolean => ENDED.has(status);

/** Whether the merchant wants the payment ended: nothing that could charge may leave any more. */
export const isCanceling = ({ cancelRequests }: Payment): boolean =>
  cancelRequests.some(({ concluded }) => !concluded);

/** How far a merchant's capture or cancel, or an operator's word, has come; undefined: nobody asked under this id. */
export function requestProgress(payment: Payment, requestId: string): 'open' | 'concluded' | undefined {
  if (payment.operations.some(({ resolution }) => resolution?.requestId === requestId)) return 'concluded';
  const capture = payment.operations.find((operation) => operation.requestId === requestId);
  if (capture !== undefined) return isOpenOperation(capture) ? 'open' : 'concluded';
  const cancel = payment.cancelRequests.find((request) => request.requestId === requestId);
  if (cancel === undefined) return undefined;
  return cancel.concluded ? 'concluded' : 'open';
}

export function withAttempt(state: Payment, attemptId: string, change: Partial<Attempt>): Payment {
  return {
    ...state,
    attempts: state.attempts.map((attempt) =>
      attempt.id === attemptId ? { ...attempt, ...change } : attempt,
    ),
  };
}

/** What is searched for in a payment: the attempt that nobody knows the end of, and operations. */
export const searchedFor = ({ attempts, operations }: Payment): readonly (Attempt | Operation)[] => [
  ...attempts.filter(({ status }) => status === 'outcome_unknown'),
  ...operations.filter((one) => isOpenOperation(one) && one.search !== null),
];

/** What the payment waits for, by its latest attempt and by what is being done to that. */
export function restingStatus(payment: Payment): PaymentStatus {
  const attempt = payment.attempts.at(-1);
  if (attempt === undefined) return 'processing';
  const underWay = openOperationOf(payment, attempt.id);
  if (underWay?.status === 'outcome_unknown' && underWay.kind !== 'reversal') return 'outcome_unknown';
  const isFree = underWay === undefined && !isCanceling(payment);
  switch (attempt.status) {
    case 'outcome_unknown':
      return 'outcome_unknown';
    case 'requires_action':
      return isFree ? 'requires_action' : 'processing';
    case 'authorized':
      // with automatic capture the money is not ours until PaymentCaptured says so
      return isFree && payment.captureMethod === 'manual' ? 'requires_capture' : 'processing';
    case 'started':
    case 'declined':
    case 'not_sent':
    case 'voided':
    case 'succeeded':
      return 'processing';
  }
}
