import type {
  CancelPurpose,
  OperationEvent,
  OperationFailed,
  OperationOutcomeUnknown,
  ReversalStarted,
} from './operation.events';
import { withLateSuccessTaken } from './late-success';
import type { EvidenceRecorded } from './payment.events';
import type { Operation, OperationStatus, Payment } from './payment';
import {
  findAttempt,
  findOperation,
  isEnded,
  isOfOtherCharge,
  isOpen,
  isOpenOperation,
  restingStatus,
  withAttempt,
} from './payment';
import { searchedOn, searchFrom } from './search';

/** What a capture took, and took back, is folded by itself. */
type EventOfOperation = Exclude<OperationEvent, { type: 'CaptureReversed' }>;

/**
 * What a capture, a cancel, a reversal or the buyer's way back does to the payment. What still goes on after the
 * payment's end, such as giving back a charge that came late, does not move its status any more.
 */
export function evolveOperation(state: Payment, event: EventOfOperation, at: string): Payment {
  const next = applied(state, event, at);
  return isEnded(state) ? { ...next, status: state.status } : next;
}

function applied(state: Payment, event: EventOfOperation, at: string): Payment {
  switch (event.type) {
    case 'CaptureStarted': {
      const { requestId, fingerprint } = event.data;
      const started = withStarted(state, 'capture', event.data, at, { requestId, fingerprint });
      return { ...started, status: 'processing' };
    }
    case 'CancelStarted': {
      const { purpose } = event.data;
      const started = withStarted(state, 'cancel', event.data, at, { purpose });
      return { ...started, status: restingStatus(started), nextAction: null };
    }
    case 'ReversalStarted':
      return withReversal(state, event.data, at);
    case 'ReversalWithheld':
      return withFailed(withReversal(state, event.data, at), { ...event.data, ...AT_THE_BANKS }, at);
    case 'CaptureOutcomeUnknown':
    case 'CancelOutcomeUnknown': {
      const unresolved = withUnresolved(state, event.data, at);
      return { ...unresolved, status: restingStatus(unresolved) };
    }
    case 'ReversalOutcomeUnknown':
      return withUnresolved(state, event.data, at);
    case 'CaptureFailed': {
      const failed = withFailed(state, event.data, at);
      return { ...failed, status: restingStatus(failed) };
    }
    case 'CancelFailed': {
      const failed = withFailed(state, event.data, at);
      const next = isAnswerToCancel(failed, event.data) ? withoutCancelRequests(failed) : failed;
      // the buyer's page was taken back when the cancel began: how he stands is in doubt by the same decision
      const status = restingStatus(next);
      return { ...next, status: status === 'requires_action' ? 'processing' : status };
    }
    case 'ReversalFailed':
      return withFailed(state, event.data, at);
    case 'CancelRequested': {
      const request = { ...event.data, concluded: false };
      const next = { ...state, cancelRequests: [...state.cancelRequests, request], nextAction: null };
      return { ...next, status: restingStatus(next) };
    }
    case 'AttemptVoided': {
      const { attemptId, operationId, pspReference } = event.data;
      return { ...voided(succeeded(state, operationId, pspReference, at), attemptId, at), nextAction: null };
    }
    case 'AuthorizationExpired':
      return voided(withoutCancels(state, event.data.attemptId, at), event.data.attemptId, at);
    case 'PaymentCanceled':
      return { ...withoutCancelRequests(state), status: 'canceled', nextAction: null };
    case 'ChargeReversed': {
      const { attemptId, operationId, pspReference, captured } = event.data;
      const given = succeeded(state, operationId, pspReference, at);
      const reversed = captured ? withReversalOfTaken(given, operationId) : given;
      const attempt = findAttempt(reversed, attemptId);
      const held = attempt !== undefined && (isOpen(attempt) || attempt.status === 'authorized');
      const operation = findOperation(reversed, operationId);
      const isSale = operation === undefined || !isOfOtherCharge(reversed, operation);
      return held && isSale ? voided(reversed, attemptId, at) : reversed;
    }
    case 'OperationResolved': {
      const { operationId, requestId, fingerprint } = event.data;
      return withOperation(state, operationId, { resolution: { requestId, fingerprint } });
    }
    case 'ActionReturned': {
      const { attemptId, result } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'started', actionResult: result }),
        status: 'processing',
        nextAction: null,
      };
    }
  }
}

/** Given back as money, though it was thought to be held only: then it had been taken. */
function withReversalOfTaken(state: Payment, operationId: string): Payment {
  const operation = findOperation(state, operationId);
  if (operation === undefined || operation.captured) return state;
  const { attemptId, paymentReference: pspReference } = operation;
  const taken = withLateSuccessTaken(state, { attemptId, pspReference });
  return withOperation(taken, operationId, { captured: true });
}

/**
 * An authorisation that stands can be captured again, so whoever wanted the end has his answer. A doubt that stays,
 * stays unwanted, and so does money that was taken: it is given back by the same decision. Where something else was ended,
 * the end goes on.
 */
const isAnswerToCancel = (payment: Payment, { attemptId, why }: OperationFailed): boolean =>
  findAttempt(payment, attemptId)?.status === 'authorized' &&
  payment.captureMethod === 'manual' &&
  why !== 'already_captured' &&
  why !== 'already_canceled';

interface Started {
  readonly operationId: string;
  readonly attemptId: string;
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
}

function withStarted(
  state: Payment,
  kind: Operation['kind'],
  { operationId, attemptId, pspReference, amountMinor }: Started,
  at: string,
  more: {
    readonly requestId?: string;
    readonly fingerprint?: string;
    readonly purpose?: CancelPurpose;
    readonly captured?: boolean;
  },
): Payment {
  const operation: Operation = {
    id: operationId,
    kind,
    attemptId,
    status: 'started',
    paymentReference: pspReference,
    pspReference: null,
    amountMinor,
    captured: more.captured ?? false,
    purpose: more.purpose ?? null,
    requestId: more.requestId ?? null,
    fingerprint: more.fingerprint ?? null,
    startedAt: at,
    finishedAt: null,
    search: null,
    failure: null,
    resolution: null,
  };
  return { ...state, operations: [...state.operations, operation] };
}

/** An operation that came to its good end. */
export const succeeded = (state: Payment, operationId: string, pspReference: string, at: string): Payment =>
  withOperation(state, operationId, { status: 'succeeded', pspReference, finishedAt: at, failure: null });

/** The PSP works on it, or will be asked again: that is no doubt about money. */
export const isOnItsWay = ({ why }: Pick<OperationOutcomeUnknown, 'why'>): boolean =>
  why === 'pending_at_psp' || why === 'not_sent';

function withUnresolved(state: Payment, data: OperationOutcomeUnknown, at: string): Payment {
  const status: OperationStatus = isOnItsWay(data) ? 'pending' : 'outcome_unknown';
  const search = searchFrom(at, data.keyBurnt);
  return withOperation(state, data.operationId, { status, search, pspReference: data.pspReference });
}

function withReversal(state: Payment, data: ReversalStarted, at: string): Payment {
  const { captured } = data;
  const started = withStarted(state, 'reversal', data, at, { captured });
  return captured ? withLateSuccessTaken(started, data) : started;
}

/** As if a PSP had been asked, and had refused it. */
const AT_THE_BANKS = { why: 'disputed', pspReference: null } as const;

const withFailed = (
  state: Payment,
  { operationId, pspReference, why }: Pick<OperationFailed, 'operationId' | 'pspReference' | 'why'>,
  at: string,
): Payment =>
  withOperation(state, operationId, { status: 'failed', pspReference, finishedAt: at, failure: why });

/** One rung of an operation's search. */
export function withOperationEvidence(
  state: Payment,
  operationId: string,
  data: EvidenceRecorded,
  at: string,
): Payment {
  const operation = findOperation(state, operationId);
  if (operation?.search == null) return state;
  const search = searchedOn(operation.search, data, at);
  const pspReference = data.pspReference ?? operation.pspReference;
  return withOperation(state, operationId, { search, pspReference });
}

/** Nobody waits for the end of the payment any more. */
export const withoutCancelRequests = (state: Payment): Payment =>
  state.cancelRequests.some(({ concluded }) => !concluded)
    ? { ...state, cancelRequests: state.cancelRequests.map((request) => ({ ...request, concluded: true })) }
    : state;

const voided = (state: Payment, attemptId: string, at: string): Payment => ({
  ...withAttempt(state, attemptId, { status: 'voided', finishedAt: at }),
  status: 'processing',
  authorizedMinor: 0n,
});

/** What has expired needs no cancel any more. */
const withoutCancels = (state: Payment, attemptId: string, at: string): Payment => ({
  ...state,
  operations: state.operations.map((operation) =>
    operation.attemptId === attemptId && operation.kind === 'cancel' && isOpenOperation(operation)
      ? { ...operation, status: 'succeeded', finishedAt: at }
      : operation,
  ),
});

function withOperation(state: Payment, operationId: string, change: Partial<Operation>): Payment {
  return {
    ...state,
    operations: state.operations.map((operation) =>
      operation.id === operationId ? { ...operation, ...change } : operation,
    ),
  };
}
