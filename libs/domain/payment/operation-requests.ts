import { nothing, record, refuse } from '../kernel/decision';
import type { PaymentDecision } from './attempt.decider';
import { cancelStarted, captureStarted } from './operation-start';
import type { CancelPurpose } from './operation.events';
import { isWithoutSale } from './late-success';
import type { Attempt, Payment } from './payment';
import { findAttempt, isCanceling, isEnded, isOpen, openOperationOf } from './payment';
import type { RecordExpiry, RequestCancel, RequestCapture, StartCancel } from './payment.commands';

export function requestCapture(command: RequestCapture, payment: Payment): PaymentDecision {
  const before = payment.operations.find(({ requestId }) => requestId === command.requestId);
  if (before !== undefined) return sameRequest(before.fingerprint, command.fingerprint);
  const attempt = payment.attempts.at(-1);
  if (attempt === undefined) return refuse({ code: 'not_capturable' });
  if (openOperationOf(payment, attempt.id) !== undefined) return refuse({ code: 'operation_in_progress' });
  if (payment.status !== 'requires_capture') return refuse({ code: 'not_capturable' });
  const amountMinor = command.amountMinor ?? payment.authorizedMinor;
  if (amountMinor > payment.authorizedMinor) return refuse({ code: 'amount_exceeds_authorized' });
  return record(captureStarted(payment, attempt, command, amountMinor));
}

/**
 * A wish to end the payment. Where the PSP's reference is known the attempt is ended by the same decision; an attempt
 * that is on its way, or in doubt without a reference, is ended once something is known of it.
 */
export function requestCancel(command: RequestCancel, payment: Payment): PaymentDecision {
  const before = payment.cancelRequests.find(({ requestId }) => requestId === command.requestId);
  if (before !== undefined) return sameRequest(before.fingerprint, command.fingerprint);
  const attempt = payment.attempts.at(-1);
  if (attempt === undefined || isEnded(payment)) return refuse({ code: 'not_cancelable' });
  if (isCanceling(payment) || openOperationOf(payment, attempt.id) !== undefined) {
    return refuse({ code: 'operation_in_progress' });
  }
  const { requestId, fingerprint, reason } = command;
  const requested = { type: 'CancelRequested', data: { requestId, fingerprint, reason } } as const;
  const known = attempt.status !== 'started' && attempt.pspReference !== null;
  return known ? record(requested, cancelStarted(payment, attempt, 'requested')) : record(requested);
}

const sameRequest = (recorded: string | null, sent: string): PaymentDecision =>
  recorded === sent
    ? nothing('the same request under the same key was recorded before')
    : refuse({ code: 'idempotency_key_reused' });

export function startCancel({ attemptId, purpose }: StartCancel, payment: Payment): PaymentDecision {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (openOperationOf(payment, attemptId) !== undefined) return nothing('the attempt has an operation');
  return MAY_END[purpose](payment, attempt) && !isWithoutSale(payment, attempt)
    ? record(cancelStarted(payment, attempt, purpose))
    : nothing(`the attempt is ${attempt.status}, and the payment ${payment.status}`);
}

/** In which state an attempt is ended for which purpose. */
const MAY_END: Readonly<Record<CancelPurpose, (payment: Payment, attempt: Attempt) => boolean>> = {
  requested: (payment, attempt) =>
    isCanceling(payment) &&
    attempt.status !== 'started' &&
    (isOpen(attempt) || attempt.status === 'authorized'),
  abandoned: (_, { status }) => status === 'requires_action',
  expired: ({ status }) => status === 'requires_capture',
  forced_end: (_, { status }) => status === 'outcome_unknown',
};

/** A capture that is under way tells by its own end whether it came in time. */
export function recordExpiry(
  { attemptId, pspReference, occurredAt }: RecordExpiry,
  payment: Payment,
): PaymentDecision {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (pspReference !== null && pspReference !== attempt.pspReference) {
    return nothing('it is of another charge than the one that waits');
  }
  const underWay = openOperationOf(payment, attemptId);
  if (attempt.status !== 'authorized' || isEnded(payment) || underWay?.kind === 'capture') {
    return nothing('no authorisation waits');
  }
  return record(
    { type: 'AuthorizationExpired', data: { attemptId, pspReference, occurredAt } },
    {
      type: 'PaymentCanceled',
      data: { because: isCanceling(payment) ? 'requested' : 'authorization_expired' },
    },
  );
}
