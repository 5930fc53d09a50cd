import type { AuthorizeRequest, LookupRequest, SearchMeans } from '../psp/gateway';
import type { PspName } from '../psp/outcome';
import type { RefundInitiated } from '../refund/refund.events';
import { mayBeAbout } from './disputed-charge';
import { isTimeToStart } from './failover';
import type { OperationEffect } from './operation.process';
import {
  ACTION_WITHIN_MS,
  actionDueMs,
  climbOperation,
  completeAction,
  dueCancel,
  operate,
  OPERATE_WITHIN_MS,
} from './operation.process';
import type { Attempt, Operation, Payment } from './payment';
import { findAttempt, findOperation, isCanceling, isOpenOperation, openOperationOf } from './payment';
import type { PaymentEvent } from './payment.events';
import { isGranted } from './refund-reservation';
import type { RefundReserved, RefundRetryGranted } from './refund-reservation.events';
import { reversedAgainMs, unreturnedCharges } from './unreturned-charge';
import { FIRST_RUNG_AFTER_MS, RUNG_EVERY_AT_MOST_MS, rungDelayMs } from './search';

/** What the process manager asks the engine to do. Every effect names the attempt or operation it is for: its key. */
export type PaymentEffect =
  | { readonly kind: 'authorize'; readonly psp: PspName; readonly request: AuthorizeRequest }
  | { readonly kind: 'lookup'; readonly psp: PspName; readonly request: LookupRequest }
  /** The first send may or may not have left before a crash, and it is too late to send it now. */
  | { readonly kind: 'declare_unknown'; readonly attemptId: string }
  /** Look again later. `subject`: an attempt's or an operation's id. */
  | { readonly kind: 'schedule'; readonly subject: string; readonly afterMs: number }
  | OperationEffect
  /** The refund's stream begins, if it has not begun. */
  | { readonly kind: 'initiate_refund'; readonly initiated: RefundInitiated }
  /** The refund's other try begins, if it has not begun. */
  | { readonly kind: 'retry_refund'; readonly grant: RefundRetryGranted }
  | { readonly kind: 'ignore'; readonly because: string };

/**
 * What an event asks for, given the payment as it is now. A redelivery, however late, therefore asks for nothing
 * that is already settled.
 */
export function reactToPayment(event: PaymentEvent, payment: Payment, nowMs: number): PaymentEffect {
  switch (event.type) {
    case 'AttemptStarted':
      return firstSend(findAttempt(payment, event.data.attemptId), payment, nowMs);
    case 'ActionReturned':
      return afterReturn(findAttempt(payment, event.data.attemptId), payment, nowMs);
    case 'CaptureStarted':
    case 'CancelStarted':
    case 'ReversalStarted':
      return firstOperate(findOperation(payment, event.data.operationId), payment, nowMs);
    case 'AttemptOutcomeUnknown':
      return nextLook(payment, event.data.attemptId, nowMs);
    case 'EvidenceRecorded':
      return event.data.answer === 'sending'
        ? ignore('its answer is on the way')
        : nextLook(payment, event.data.operationId ?? event.data.attemptId, nowMs);
    case 'CaptureOutcomeUnknown':
    case 'CancelOutcomeUnknown':
    case 'ReversalOutcomeUnknown':
      return nextLook(payment, event.data.operationId, nowMs);
    case 'ReversalWithheld':
    case 'ReversalFailed':
      return nextLook(payment, event.data.operationId, nowMs);
    case 'AttemptActionRequired':
    case 'CancelFailed':
    case 'AttemptAuthorized':
      return nextLook(payment, event.data.attemptId, nowMs);
    case 'CancelRequested':
      return afterCancelRequest(payment, nowMs);
    case 'PaymentInitiated':
      return ignore('its first attempt is started in the same append');
    case 'RefundReserved':
      return { kind: 'initiate_refund', initiated: refundOf(payment, event.data) };
    case 'RefundSettled':
    case 'RefundReturned':
    case 'RefundReservationReleased':
      return ignore('the refund goes on by itself');
    case 'RefundRetryGranted':
      return isGranted(payment, event.data)
        ? { kind: 'retry_refund', grant: event.data }
        : ignore('another try was allowed since, or the money is taken by now');
    case 'PaymentCaptured':
      return ignore('the merchant decides what follows');
    case 'DisputeWon':
    case 'DisputeUpdated':
      return afterDispute(payment, event.data.disputeId, nowMs);
    case 'DisputeOpened':
    case 'DisputeFundsWithdrawn':
    case 'DisputeLost':
    case 'CaptureFailed':
    case 'CaptureReversed':
    case 'LateSuccessTakenAgain':
      return ignore('a person decides what follows');
    case 'AttemptDeclined':
    case 'AttemptNotSent':
    case 'AttemptVoided':
    case 'AuthorizationExpired':
      return ignore('the decision that recorded it also closed the payment, or started the next attempt');
    case 'LateSuccessFound':
      return ignore('the decision that recorded it also started its reversal');
    case 'LateSuccessFellBack':
      return ignore('its reversal goes on by itself');
    case 'OperationResolved':
      return ignore('what follows from it is recorded with it');
    case 'ChargeReversed':
    case 'PaymentCanceled':
    case 'PaymentFailed':
      return ignore('closed');
  }
}

/** What a refund's stream begins with: what was reserved, and whose it is. */
export const refundOf = ({ id, merchant }: Payment, reserved: RefundReserved): RefundInitiated => ({
  ...reserved,
  paymentId: id,
  merchant,
});

/**
 * What to do when the pause before a look is over.
 *
 * @param subject an attempt's or an operation's id
 */
export function climb(payment: Payment, subject: string, means: SearchMeans, nowMs: number): PaymentEffect {
  const operation = findOperation(payment, subject);
  if (operation !== undefined) {
    if (!isOpenOperation(operation)) return reversedAgain(payment, operation, nowMs);
    return operation.search === null
      ? ignore('its first request is under way')
      : (climbOperation(payment, operation, means, nowMs) ?? onlyNewsOf(operation));
  }
  const attempt = findAttempt(payment, subject);
  if (attempt === undefined) return ignore('there is no such attempt');
  if (attempt.status === 'outcome_unknown') return climbAttempt(payment, attempt, means, nowMs);
  const due = dueCancel(payment, attempt);
  return due !== undefined && due.atMs <= nowMs
    ? { kind: 'start_cancel', attemptId: attempt.id, purpose: due.purpose }
    : whenDue(payment, attempt, nowMs);
}

/**
 * The same key again is the quickest proof, but where the first request never arrived it is also a charge. So it is
 * sent while the PSP surely knows the key, the time for a first send is not over, and nobody wants the payment ended.
 * After that look-ups find the charge or prove that there is none; and where there are no look-ups, the attempt is
 * ended by our own reference and the PSP says whether there was anything to end.
 */
function climbAttempt(payment: Payment, attempt: Attempt, means: SearchMeans, nowMs: number): PaymentEffect {
  const { id: attemptId, search, pspReference } = attempt;
  if (search === null) return ignore('nothing is searched for');
  if (openOperationOf(payment, attemptId) !== undefined) return ignore('its end will tell');
  const ends = pspReference !== null || means.cancelsByOwnReference;
  // Alternating: a PSP that answers look-ups but nothing else, or the other way round, still gives proof.
  const asksByDoing = search.tries % 2 === 0 || !means.canLookUp;
  if (asksByDoing && isCanceling(payment) && ends) {
    return { kind: 'start_cancel', attemptId, purpose: 'requested' };
  }
  const keyIsSafe = !search.keyBurnt && nowMs - Date.parse(attempt.startedAt) < means.keySafeForMs;
  if (asksByDoing && keyIsSafe && mayCharge(payment, attempt, nowMs)) return again(payment, attempt);
  if (means.canLookUp) return lookup(payment, attempt);
  return ends ? { kind: 'start_cancel', attemptId, purpose: 'forced_end' } : onlyNewsOf(attempt);
}

/**
 * Whether a request that may be the one that charges may still leave. A buyer who is back from the PSP's page is in
 * time for as long as he may act.
 */
const mayCharge = (payment: Payment, attempt: Attempt, nowMs: number): boolean =>
  !isCanceling(payment) &&
  (attempt.actionResult === null ? isTimeToStart(payment, nowMs) : nowMs < actionDueMs(attempt));

function firstSend(attempt: Attempt | undefined, payment: Payment, nowMs: number): PaymentEffect {
  if (attempt?.status !== 'started' || attempt.actionResult !== null)
    return ignore('the attempt has an answer');
  return mayCharge(payment, attempt, nowMs)
    ? authorize(payment, attempt)
    : { kind: 'declare_unknown', attemptId: attempt.id };
}

function afterReturn(attempt: Attempt | undefined, payment: Payment, nowMs: number): PaymentEffect {
  if (attempt?.status !== 'started' || attempt.actionResult === null)
    return ignore('the return has an answer');
  return mayCharge(payment, attempt, nowMs)
    ? completeAction(payment, attempt)
    : { kind: 'declare_unknown', attemptId: attempt.id };
}

function firstOperate(operation: Operation | undefined, payment: Payment, nowMs: number): PaymentEffect {
  if (operation?.status !== 'started') return ignore('the operation has an answer');
  return nowMs - Date.parse(operation.startedAt) < OPERATE_WITHIN_MS
    ? operate(payment, operation)
    : { kind: 'declare_operation_unknown', operationId: operation.id };
}

/** A merchant waits for it: the pause of a search that is old already is cut short. */
function afterCancelRequest(payment: Payment, nowMs: number): PaymentEffect {
  const attempt = payment.attempts.at(-1);
  if (attempt === undefined) return ignore('there is nothing to end');
  return attempt.status === 'outcome_unknown' && openOperationOf(payment, attempt.id) === undefined
    ? { kind: 'schedule', subject: attempt.id, afterMs: FIRST_RUNG_AFTER_MS }
    : nextLook(payment, attempt.id, nowMs);
}

/** When an attempt or an operation is looked at next, if it waits for anything. */
function nextLook(payment: Payment, subject: string, nowMs: number): PaymentEffect {
  const operation = findOperation(payment, subject);
  if (operation !== undefined) {
    return isOpenOperation(operation) ? later(operation) : reversedAgain(payment, operation, nowMs);
  }
  const attempt = findAttempt(payment, subject);
  if (attempt === undefined || openOperationOf(payment, subject) !== undefined) {
    return ignore('what is done to the attempt goes on by itself');
  }
  return attempt.status === 'outcome_unknown' && attempt.search !== null
    ? later(attempt)
    : whenDue(payment, attempt, nowMs);
}

function whenDue(payment: Payment, attempt: Attempt, nowMs: number): PaymentEffect {
  const due = dueCancel(payment, attempt);
  return due === undefined ? ignore('nothing is due') : lookAt(attempt.id, due.atMs - nowMs);
}

/** What no bank claims any more, and is owed still, is given back. */
function afterDispute(payment: Payment, disputeId: string, nowMs: number): PaymentEffect {
  const dispute = payment.disputes.find(({ id }) => id === disputeId);
  const claimed = unreturnedCharges(payment).filter(
    (one) => dispute !== undefined && mayBeAbout(dispute, one),
  );
  const owed = claimed.find(({ failure }) => failure === 'disputed') ?? claimed[0];
  return owed === undefined ? ignore('a person decides what follows') : reversedAgain(payment, owed, nowMs);
}

/** A charge that the PSP would not give back is given back by another request once its pause is over. */
function reversedAgain(payment: Payment, operation: Operation, nowMs: number): PaymentEffect {
  const { id: operationId } = operation;
  const atMs = reversedAgainMs(payment, operation);
  if (atMs === undefined) return ignore('the operation has ended');
  return atMs <= nowMs ? { kind: 'start_reversal', operationId } : lookAt(operationId, atMs - nowMs);
}

/** What is far away is left to the sweep of open flows: no timer is kept for days. */
const lookAt = (subject: string, inMs: number): PaymentEffect =>
  inMs > ACTION_WITHIN_MS
    ? ignore('it is due in days')
    : { kind: 'schedule', subject, afterMs: Math.max(inMs, FIRST_RUNG_AFTER_MS) };

/** Nothing can be asked any more: the PSP tells by itself, or a person finds out. */
const onlyNewsOf = ({ id }: Attempt | Operation): PaymentEffect => ({
  kind: 'schedule',
  subject: id,
  afterMs: RUNG_EVERY_AT_MOST_MS,
});

const later = ({ id, search }: Attempt | Operation): PaymentEffect => ({
  kind: 'schedule',
  subject: id,
  afterMs: rungDelayMs(search?.tries ?? 0),
});

const again = (payment: Payment, attempt: Attempt): PaymentEffect =>
  attempt.actionResult === null ? authorize(payment, attempt) : completeAction(payment, attempt);

function authorize(payment: Payment, attempt: Attempt): PaymentEffect {
  return {
    kind: 'authorize',
    psp: attempt.psp,
    request: {
      requestVersion: attempt.requestVersion,
      attemptId: attempt.id,
      paymentId: payment.id,
      idempotencyKey: attempt.pspIdempotencyKey,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      token: attempt.token,
      captureMethod: payment.captureMethod,
      statementDescriptor: payment.statementDescriptor,
      returnUrl: attempt.returnUrl,
      customerId: payment.freeText.customerId,
    },
  };
}

function lookup(payment: Payment, attempt: Attempt): PaymentEffect {
  const { id, psp, pspReference, startedAt } = attempt;
  const { currency, amountMinor } = payment;
  return { kind: 'lookup', psp, request: { attemptId: id, pspReference, startedAt, currency, amountMinor } };
}

const ignore = (because: string): PaymentEffect => ({ kind: 'ignore', because });
