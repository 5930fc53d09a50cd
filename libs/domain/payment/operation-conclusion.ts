import { RESULT_RANK } from '../psp/fact-order';
import type { OperationOutcome } from '../psp/outcome';
import { capturedAtOnce, notSent, unwantedSale } from './attempt-conclusion';
import { afterNotCharged } from './failover';
import { isSettledElsewhere } from './late-success';
import { cancelStarted, givenBack } from './operation-start';
import type { OperationFailed } from './operation.events';
import type { Attempt, Operation, Payment } from './payment';
import { attemptOf, findAttempt, isCanceling, isOfOtherCharge, isOpen } from './payment';
import type { EvidenceRecorded, PaymentEvent, PaymentFailed } from './payment.events';
import { hasSettled, NOT_FOUND_PROOFS } from './search';

type Succeeded = Extract<OperationOutcome, { kind: 'succeeded' }>;
/** A void gives everything back and has no amount; nor has what an operator saw. */
type Given = Pick<Succeeded, 'pspReference' | 'occurredAt'> & Partial<Pick<Succeeded, 'amountMinor'>>;
type Failure = Omit<Extract<OperationOutcome, { kind: 'failed' }>, 'kind'>;

/** When an answer came, and how long the PSP may take to show what it got. */
interface Heard {
  readonly heardAt: string;
  /** Of a notice: which of two facts in one second the PSP told after the other. */
  readonly rank?: number;
  /** Of a notice: what the PSP calls the payment that it was done to. */
  readonly paymentReference?: string | null;
  readonly settlesAfterMs: number;
}

/** The events by which a proven success of an operation changes the payment. */
export function operationSucceeded(
  payment: Payment,
  operation: Operation,
  { pspReference, occurredAt, amountMinor: given }: Given,
  heard: Omit<Heard, 'settlesAfterMs'>,
): PaymentEvent[] {
  const { rank = RESULT_RANK } = heard;
  const { id: operationId, attemptId, amountMinor } = operation;
  const { currency } = payment;
  const money = { amountMinor, currency };
  switch (operation.kind) {
    case 'capture':
      return [
        {
          type: 'PaymentCaptured',
          data: { attemptId, operationId, pspReference, ...money, occurredAt, rank },
        },
      ];
    case 'cancel':
      return ended(payment, operation, { pspReference, occurredAt }, heard);
    case 'reversal': {
      // money that comes back had been taken
      const captured = operation.captured || (given ?? null) !== null;
      return [
        {
          type: 'ChargeReversed',
          data: { operationId, attemptId, pspReference, ...money, captured, occurredAt },
        },
        // a charge of an attempt that had ended before says nothing about the one that is live, nor one beside the sale
        ...(isCanceling(payment) && isSaleReversed(payment, operation) ? [CANCELED] : []),
      ];
    }
  }
}

const isSaleReversed = (payment: Payment, operation: Operation): boolean =>
  isHeld(attemptOf(payment, operation)) && !isOfOtherCharge(payment, operation);

/** Whether the payment is still about this attempt. */
const isHeld = (attempt: Attempt): boolean => isOpen(attempt) || attempt.status === 'authorized';

const CANCELED: PaymentEvent = { type: 'PaymentCanceled', data: { because: 'requested' } };

/** The PSP holds nothing for the attempt any more; what that means depends on why it was ended. */
function ended(
  payment: Payment,
  operation: Operation,
  { pspReference, occurredAt }: Pick<Succeeded, 'pspReference' | 'occurredAt'>,
  heard: Pick<Heard, 'heardAt' | 'paymentReference'>,
): PaymentEvent[] {
  const { id: operationId, attemptId } = operation;
  const attempt = attemptOf(payment, operation);
  if (!isHeld(attempt)) {
    const detail = `the attempt had ended: ${attempt.status}`;
    return [failedEvent(operation, { why: 'already_canceled', detail, pspReference, occurredAt })];
  }
  const named = heard.paymentReference ?? operation.paymentReference;
  const known = attempt.pspReference;
  if (named !== null && known !== null && named !== known) {
    // another charge was ended than the one that is known by now: that is ended by its own name
    const detail = `${named} was ended`;
    return [
      cancelStarted(payment, attempt, operation.purpose ?? 'requested'),
      failedEvent(operation, { why: 'already_canceled', detail, pspReference, occurredAt }),
    ];
  }
  const voided: PaymentEvent = {
    type: 'AttemptVoided',
    data: { attemptId, operationId, pspReference, occurredAt },
  };
  return [
    ...(known === null && named !== null ? [namedAtLast(attempt, named)] : []),
    voided,
    isCanceling(payment) ? CANCELED : endFor(payment, operation, heard.heardAt),
  ];
}

/** What was ended by our own reference has a name: an approval under another one is not of it. */
const namedAtLast = ({ id: attemptId }: Attempt, pspReference: string): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: {
    attemptId,
    operationId: null,
    rung: 'webhook',
    answer: 'still_unknown',
    detail: 'the PSP names what it has ended',
    pspReference,
    keyBurnt: false,
  },
});

function endFor(payment: Payment, { purpose }: Operation, heardAt: string): PaymentEvent {
  switch (purpose) {
    case 'abandoned':
      return ABANDONED;
    case 'forced_end':
      return afterNotCharged(payment, { kind: 'voided' }, ENDED_IN_DOUBT, heardAt);
    case 'expired':
      return { type: 'PaymentCanceled', data: { because: 'authorization_expired' } };
    case 'requested':
    case null:
      return CANCELED;
  }
}

const ABANDONED: PaymentEvent = {
  type: 'PaymentFailed',
  data: {
    code: 'authentication_abandoned',
    category: 'customer_action',
    message: 'The buyer did not authenticate in time. Nothing was charged.',
  },
};

const ENDED_IN_DOUBT: PaymentFailed = {
  code: 'expired',
  category: 'not_charged',
  message: 'The payment could not be confirmed in time and was ended. Nothing was charged.',
};

/** The events by which a definitive "no" to an operation changes the payment. */
export function operationFailed(
  payment: Payment,
  operation: Operation,
  failure: Failure,
  heard: Heard,
): PaymentEvent[] {
  switch (operation.kind) {
    case 'capture':
      return captureFailed(operation, failure);
    case 'cancel':
      return cancelFailed(payment, operation, failure, heard);
    case 'reversal':
      return reversalFailed(payment, operation, failure, heard);
  }
}

/** Whether the PSP says that the authorisation has ended without being taken. */
const isGone = ({ why }: Failure): boolean => why === 'expired' || why === 'already_canceled';

function captureFailed(operation: Operation, failure: Failure): PaymentEvent[] {
  const failed = failedEvent(operation, failure);
  if (!isGone(failure)) return [failed];
  const { attemptId, paymentReference: pspReference } = operation;
  // the end of the capture comes last: whoever waits for it is told of the payment's end, too
  return [
    { type: 'AuthorizationExpired', data: { attemptId, pspReference, occurredAt: failure.occurredAt } },
    { type: 'PaymentCanceled', data: { because: 'authorization_expired' } },
    failed,
  ];
}

/**
 * The attempt stays, and with it the question how it stands. "Ended before" is the end that was asked for; "taken
 * before" answers the question where the approval was seen; "nothing of that name" answers it when it is said twice.
 */
function cancelFailed(
  payment: Payment,
  operation: Operation,
  failure: Failure,
  heard: Heard,
): PaymentEvent[] {
  const attempt = attemptOf(payment, operation);
  // what waits for the buyer is authorised by a request of ours alone, and none leaves once it has ended here
  const neverWas = failure.why === 'not_authorized' && attempt.status === 'requires_action';
  if (isGone(failure) || neverWas) {
    const pspReference = failure.pspReference ?? operation.paymentReference ?? operation.attemptId;
    return ended(payment, operation, { pspReference, occurredAt: failure.occurredAt }, heard);
  }
  const failed = failedEvent(operation, failure);
  const { id: attemptId, pspReference } = attempt;
  // with automatic capture an approval that was taken at its word said that the money was taken
  const isTaken = failure.why === 'already_captured' || payment.captureMethod === 'automatic';
  if (isTaken && attempt.status === 'authorized' && pspReference !== null) {
    // the end of the cancel comes last: whoever waits for it is told what became of the money, too
    return [...taken(payment, attempt, pspReference, failure.occurredAt), failed];
  }
  if (attempt.status === 'outcome_unknown') {
    // whoever gave us a reference has received the request
    return failure.why === 'not_found' && operation.paymentReference === null
      ? [failed, ...notHeld(payment, attempt, failure.detail, heard)]
      : [failed, forcedInVain(attempt, 'still_unknown', `${failure.why} ${failure.detail}`)];
  }
  if (attempt.status !== 'requires_action') return [failed];
  const detail = `it could not be ended: ${failure.why}`;
  return [
    failed,
    {
      type: 'AttemptOutcomeUnknown',
      data: { attemptId, why: 'unlisted_reply', detail, pspReference, keyBurnt: false },
    },
  ];
}

/** Approved, not ended, taken: a sale where it was meant to be one, and otherwise money to give back. */
function taken(payment: Payment, attempt: Attempt, pspReference: string, occurredAt: string): PaymentEvent[] {
  if (isCanceling(payment)) {
    const { authorizedMinor: amountMinor } = payment;
    return unwantedSale(payment, attempt, { pspReference, amountMinor, captured: true, occurredAt });
  }
  // that it was taken is told by another failure, and not when: before every later word of the capture
  return payment.captureMethod === 'automatic'
    ? [capturedAtOnce(payment, attempt.id, pspReference, attempt.startedAt)]
    : [];
}

/** A request that left may be worked on for so long after nobody waits for its reply any more, ms. */
export const ARRIVES_WITHIN_MS = 90_000;

/** The PSP knows nothing by our reference: proof only twice, and only once a late request would have arrived. */
function notHeld(
  payment: Payment,
  attempt: Attempt,
  said: string,
  { heardAt, settlesAfterMs }: Heard,
): PaymentEvent[] {
  const { search } = attempt;
  const settled = search !== null && hasSettled(search, heardAt, Math.max(settlesAfterMs, ARRIVES_WITHIN_MS));
  const misses = (search?.notFound ?? 0) + 1;
  const miss = forcedInVain(attempt, settled ? 'not_found' : 'not_found_too_early', said);
  if (!settled || misses < NOT_FOUND_PROOFS) return [miss];
  const detail = `the PSP found nothing to end, ${misses} times`;
  return [miss, ...notSent(payment, attempt, { why: 'never_received', detail }, heardAt)];
}

/** A rung of the attempt's own search: the pause before the next one grows with it. */
const forcedInVain = (
  { id: attemptId }: Attempt,
  answer: EvidenceRecorded['answer'],
  detail: string,
): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: {
    attemptId,
    operationId: null,
    rung: 'forced_end',
    answer,
    detail: detail.trim(),
    pspReference: null,
    keyBurnt: false,
  },
});

/** A request that never arrived, or a void of money that was taken, is made again; anything else later, or by a person. */
function reversalFailed(
  payment: Payment,
  operation: Operation,
  failure: Failure,
  heard: Heard,
): PaymentEvent[] {
  const { attemptId, paymentReference: pspReference, amountMinor, captured } = operation;
  const { why, occurredAt } = failure;
  if (why === 'already_canceled' || (why === 'expired' && !captured)) {
    const given = { pspReference: failure.pspReference ?? pspReference ?? attemptId, occurredAt };
    return operationSucceeded(payment, operation, given, { heardAt: heard.heardAt });
  }
  const failed = failedEvent(operation, failure);
  const wasTaken = why === 'already_captured' && !captured;
  if (why !== 'never_received' && !wasTaken) {
    return [failed, ...(isSettledElsewhere(payment, operation) ? endOfUnwanted(payment, operation) : [])];
  }
  // the one that failed counts, so the next one has a key of its own
  const charge = { attemptId, pspReference, amountMinor, captured: captured || wasTaken };
  return [failed, givenBack(payment, charge)];
}

/**
 * The scheme has taken back what nobody wanted, or a bank has got it: its buyer has it, so there is nothing left to give
 * back, and whoever wanted the end has it. A reversal that is under way tells by its own end.
 */
export function endOfUnwanted(
  payment: Payment,
  { attemptId, paymentReference }: Pick<Operation, 'attemptId' | 'paymentReference'>,
): PaymentEvent[] {
  const attempt = findAttempt(payment, attemptId);
  const isIts = attempt !== undefined && isHeld(attempt) && attempt.pspReference === paymentReference;
  return isIts && isCanceling(payment) ? [CANCELED] : [];
}

const FAILED_EVENT = {
  capture: 'CaptureFailed',
  cancel: 'CancelFailed',
  reversal: 'ReversalFailed',
} as const;

function failedEvent({ id: operationId, attemptId, kind }: Operation, failure: Failure): PaymentEvent {
  const { why, detail, pspReference, occurredAt } = failure;
  const data: OperationFailed = { operationId, attemptId, why, detail, pspReference, occurredAt };
  return { type: FAILED_EVENT[kind], data };
}
