import type { AuthorizeRequest, LookupRequest, SearchMeans } from '../psp/gateway';
import type { PspName } from '../psp/outcome';
import { isTimeToStart } from './failover';
import type { OperationEffect } from './operation.process';
import { ACTION_WITHIN_MS, climbOperation, completeAction, dueCancel, operate } from './operation.process';
import type { Attempt, Operation, Payment } from './payment';
import { findAttempt, findOperation, isCanceling, isOpenOperation, openOperationOf } from './payment';
import type { PaymentEvent } from './payment.events';
import { FIRST_RUNG_AFTER_MS, rungDelayMs } from './search';

/** What the process manager asks the engine to do. Every effect names the attempt or operation it is for: its key. */
export type PaymentEffect =
  | { readonly kind: 'authorize'; readonly psp: PspName; readonly request: AuthorizeRequest }
  | { readonly kind: 'lookup'; readonly psp: PspName; readonly request: LookupRequest }
  /** The first send may or may not have left before a crash, and it is too late to send it now. */
  | { readonly kind: 'declare_unknown'; readonly attemptId: string }
  /** Look again later. `subject`: an attempt's or an operation's id. */
  | { readonly kind: 'schedule'; readonly subject: string; readonly afterMs: number }
  | OperationEffect
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
      return afterReturn(findAttempt(payment, event.data.attemptId), payment);
    case 'CaptureStarted':
    case 'CancelStarted':
    case 'ReversalStarted':
      return firstOperate(findOperation(payment, event.data.operationId), payment);
    case 'AttemptOutcomeUnknown':
      return nextLook(payment, event.data.attemptId);
    case 'EvidenceRecorded':
      return nextLook(payment, event.data.operationId ?? event.data.attemptId);
    case 'CaptureOutcomeUnknown':
    case 'CancelOutcomeUnknown':
    case 'ReversalOutcomeUnknown':
      return nextLook(payment, event.data.operationId);
    case 'AttemptActionRequired':
    case 'CancelRequested':
    case 'CancelFailed':
    case 'AttemptAuthorized':
      return nextLook(payment, 'attemptId' in event.data ? event.data.attemptId : latestId(payment));
    case 'PaymentInitiated':
      return ignore('its first attempt is started in the same append');
    case 'PaymentCaptured':
      return ignore('the merchant decides what follows');
    case 'CaptureFailed':
    case 'ReversalFailed':
      return ignore('a person decides what follows');
    case 'AttemptDeclined':
    case 'AttemptNotSent':
    case 'AttemptVoided':
    case 'AuthorizationExpired':
      return ignore('the decision that recorded it also closed the payment, or started the next attempt');
    case 'LateSuccessFound':
      return ignore('the decision that recorded it also started its reversal');
    case 'ChargeReversed':
    case 'PaymentCanceled':
    case 'PaymentFailed':
      return ignore('closed');
  }
}

const latestId = (payment: Payment): string => payment.attempts.at(-1)?.id ?? '';

/**
 * What to do when the pause before a look is over.
 *
 * @param subject an attempt's or an operation's id
 */
export function climb(payment: Payment, subject: string, means: SearchMeans, nowMs: number): PaymentEffect {
  const operation = findOperation(payment, subject);
  if (operation !== undefined) {
    return isOpenOperation(operation)
      ? (climbOperation(payment, operation, means, nowMs) ?? later(operation))
      : ignore('the operation has ended');
  }
  const attempt = findAttempt(payment, subject);
  if (attempt === undefined) return ignore('there is no such attempt');
  if (attempt.status === 'outcome_unknown') return climbAttempt(payment, attempt, means, nowMs);
  const due = dueCancel(payment, attempt, nowMs);
  return due ?? ignore('nothing is due');
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
  if (isCanceling(payment) && ends) return { kind: 'start_cancel', attemptId, purpose: 'requested' };
  const keyIsSafe = !search.keyBurnt && nowMs - Date.parse(attempt.startedAt) < means.keySafeForMs;
  const mayCharge = keyIsSafe && !isCanceling(payment) && isTimeToStart(payment, nowMs);
  // Alternating: a PSP that answers look-ups but no charges, or the other way round, still gives proof.
  if (mayCharge && (search.tries % 2 === 0 || !means.canLookUp)) return again(payment, attempt);
  if (means.canLookUp) return lookup(payment, attempt);
  return ends
    ? { kind: 'start_cancel', attemptId, purpose: 'forced_end' }
    : ignore('only the PSP’s own word can tell');
}

function firstSend(attempt: Attempt | undefined, payment: Payment, nowMs: number): PaymentEffect {
  if (attempt?.status !== 'started' || attempt.actionResult !== null)
    return ignore('the attempt has an answer');
  // it may have left before a crash: whoever is not sure of that looks, and does not send
  return isTimeToStart(payment, nowMs) && !isCanceling(payment)
    ? authorize(payment, attempt)
    : { kind: 'declare_unknown', attemptId: attempt.id };
}

function afterReturn(attempt: Attempt | undefined, payment: Payment): PaymentEffect {
  return attempt?.status === 'started' && attempt.actionResult !== null
    ? completeAction(payment, attempt)
    : ignore('the return has an answer');
}

function firstOperate(operation: Operation | undefined, payment: Payment): PaymentEffect {
  return operation?.status === 'started'
    ? operate(payment, operation)
    : ignore('the operation has an answer');
}

/** When an attempt or an operation is looked at next, if it waits for anything. */
function nextLook(payment: Payment, subject: string): PaymentEffect {
  const operation = findOperation(payment, subject);
  if (operation !== undefined) {
    return isOpenOperation(operation) ? later(operation) : ignore('the operation has ended');
  }
  const attempt = findAttempt(payment, subject);
  if (attempt === undefined || openOperationOf(payment, subject) !== undefined) {
    return ignore('what is done to the attempt goes on by itself');
  }
  if (attempt.status === 'outcome_unknown' && attempt.search !== null) return later(attempt);
  const waits = attempt.status === 'requires_action' || attempt.status === 'authorized';
  if (waits && isCanceling(payment)) return { kind: 'schedule', subject, afterMs: FIRST_RUNG_AFTER_MS };
  return attempt.status === 'requires_action'
    ? { kind: 'schedule', subject, afterMs: ACTION_WITHIN_MS }
    : ignore('nothing is unknown any more');
}

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
