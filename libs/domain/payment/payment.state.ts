import { withCapture, withoutCapture } from './capture-facts';
import { evolveDisputes } from './dispute';
import { withLateSuccess, withLateSuccessFact } from './late-success';
import type { PaymentEvent, PaymentInitiated } from './payment.events';
import type { Attempt, Payment, PaymentState } from './payment';
import { findAttempt, restingStatus, withAttempt } from './payment';
import { evolveOperation, succeeded, withOperationEvidence, withoutCancelRequests } from './operation.state';
import { evolveReservation } from './refund-reservation';
import { searchedOn, searchFrom } from './search';

export function evolvePayment(state: PaymentState, event: PaymentEvent, recordedAt: string): PaymentState {
  if (event.type === 'PaymentInitiated') return initiated(event.data, recordedAt);
  if (state === null) throw new Error(`${event.type} before PaymentInitiated`);
  return { ...applied(state, event, recordedAt), updatedAt: recordedAt };
}

type LaterEvent = Exclude<PaymentEvent, { type: 'PaymentInitiated' }>;

function applied(state: Payment, event: LaterEvent, at: string): Payment {
  switch (event.type) {
    case 'AttemptStarted': {
      const { attemptId, number, psp, reason, requestVersion, pspIdempotencyKey, token } = event.data;
      const attempt: Attempt = {
        id: attemptId,
        number,
        psp,
        status: 'started',
        reason,
        requestVersion,
        pspIdempotencyKey,
        token,
        returnUrl: event.data.returnUrl,
        pspReference: null,
        actionSince: null,
        actionResult: null,
        decline: null,
        startedAt: at,
        finishedAt: null,
        search: null,
      };
      return { ...state, status: 'processing', attempts: [...state.attempts, attempt] };
    }
    case 'AttemptActionRequired': {
      const { attemptId, pspReference, action } = event.data;
      const next = withAttempt(state, attemptId, {
        status: 'requires_action',
        pspReference,
        actionSince: at,
        actionResult: null,
      });
      const status = restingStatus(next);
      return { ...next, status, nextAction: status === 'requires_action' ? action : null };
    }
    case 'AttemptAuthorized': {
      const { attemptId, pspReference, amountMinor } = event.data;
      const next = withAttempt(state, attemptId, { status: 'authorized', pspReference, finishedAt: at });
      return { ...next, status: restingStatus(next), authorizedMinor: amountMinor, nextAction: null };
    }
    case 'AttemptDeclined': {
      const { attemptId, pspReference, decline } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'declined', pspReference, decline, finishedAt: at }),
        status: 'processing',
        nextAction: null,
      };
    }
    case 'AttemptNotSent':
      return {
        ...withAttempt(state, event.data.attemptId, { status: 'not_sent', finishedAt: at }),
        status: 'processing',
        nextAction: null,
      };
    case 'AttemptOutcomeUnknown': {
      const { attemptId, pspReference, keyBurnt } = event.data;
      const search = searchFrom(at, keyBurnt);
      return {
        ...withAttempt(state, attemptId, {
          status: 'outcome_unknown',
          pspReference: pspReference ?? findAttempt(state, attemptId)?.pspReference ?? null,
          search,
        }),
        status: 'outcome_unknown',
        nextAction: null,
      };
    }
    case 'EvidenceRecorded':
      return withEvidence(state, event.data, at);
    case 'PaymentCaptured': {
      const { attemptId, operationId } = event.data;
      const captured =
        operationId === null ? state : succeeded(state, operationId, event.data.pspReference, at);
      const taken = withCapture(captured, event.data);
      return { ...withAttempt(taken, attemptId, { status: 'succeeded' }), status: 'succeeded' };
    }
    case 'PaymentFailed':
      return { ...withoutCancelRequests(state), status: 'failed', failure: event.data, nextAction: null };
    case 'LateSuccessFound':
      // the payment stays what its merchant was told; the charge is an open position of its own
      return withLateSuccess(state, event.data);
    case 'LateSuccessFellBack':
      return withLateSuccessFact(state, event.data, true);
    case 'LateSuccessTakenAgain':
      return withLateSuccessFact(state, event.data, false);
    case 'CaptureReversed':
      // its merchant was told of a success, and that stays; what is left of it is told by the amounts
      return withoutCapture(state, event.data);
    case 'RefundReserved':
    case 'RefundSettled':
    case 'RefundReturned':
    case 'RefundRetryGranted':
    case 'RefundReservationReleased':
      return evolveReservation(state, event, at);
    case 'DisputeOpened':
    case 'DisputeFundsWithdrawn':
    case 'DisputeWon':
    case 'DisputeLost':
    case 'DisputeUpdated':
      return { ...state, disputes: evolveDisputes(state.disputes, event, at) };
    case 'CaptureStarted':
    case 'CaptureFailed':
    case 'CaptureOutcomeUnknown':
    case 'CancelRequested':
    case 'CancelStarted':
    case 'CancelFailed':
    case 'CancelOutcomeUnknown':
    case 'AttemptVoided':
    case 'AuthorizationExpired':
    case 'PaymentCanceled':
    case 'ReversalStarted':
    case 'ReversalWithheld':
    case 'ChargeReversed':
    case 'ReversalFailed':
    case 'ReversalOutcomeUnknown':
    case 'OperationResolved':
    case 'ActionReturned':
      return evolveOperation(state, event, at);
  }
}

function initiated(data: PaymentInitiated, at: string): Payment {
  return {
    id: data.paymentId,
    merchant: data.merchant,
    fingerprint: data.fingerprint,
    representation: data.representation,
    status: 'processing',
    amountMinor: data.amountMinor,
    currency: data.currency,
    captureMethod: data.captureMethod,
    paymentMethod: data.paymentMethod,
    statementDescriptor: data.statementDescriptor,
    returnUrl: data.returnUrl,
    buyerReturnUrl: data.buyerReturnUrl,
    candidates: data.candidates,
    freeText: data.freeText,
    authorizedMinor: 0n,
    capturedMinor: 0n,
    nextAction: null,
    failure: null,
    attempts: [],
    operations: [],
    cancelRequests: [],
    lateSuccesses: [],
    captures: [],
    refunds: [],
    disputes: [],
    createdAt: at,
    updatedAt: at,
  };
}

function withEvidence(
  state: Payment,
  data: Extract<PaymentEvent, { type: 'EvidenceRecorded' }>['data'],
  at: string,
): Payment {
  if (data.operationId !== null) return withOperationEvidence(state, data.operationId, data, at);
  const attempt = findAttempt(state, data.attemptId);
  if (attempt?.search == null) return state;
  const search = searchedOn(attempt.search, data, at);
  return withAttempt(state, attempt.id, { search, pspReference: data.pspReference ?? attempt.pspReference });
}
