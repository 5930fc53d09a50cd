import { nothing, record, refuse } from '../kernel/decision';
import { isLaterFact, RESULT_RANK } from '../psp/fact-order';
import type { PaymentDecision } from './attempt.decider';
import type { CaptureReversed } from './operation.events';
import type { Attempt, Capture, Operation, Payment } from './payment';
import { isAnotherCharge } from './late-success';
import { findAttempt, isOpen, isOpenOperation } from './payment';
import type { RecordOperationNews } from './payment.commands';
import type { PaymentCaptured, PaymentEvent } from './payment.events';

const isOf =
  ({ attemptId, operationId }: Pick<Capture, 'attemptId' | 'operationId'>) =>
  (capture: Capture): boolean =>
    capture.attemptId === attemptId && capture.operationId === operationId;

/** Taken for the first time, or again after the scheme took it back. */
export function withCapture(state: Payment, data: PaymentCaptured): Payment {
  const { attemptId, operationId, pspReference, amountMinor, occurredAt, rank } = data;
  const capture: Capture = {
    attemptId,
    operationId,
    pspReference,
    amountMinor,
    reversed: false,
    occurredAt,
    rank,
  };
  const others = state.captures.filter((one) => !isOf(data)(one));
  return {
    ...state,
    captures: [...others, capture],
    capturedMinor: state.capturedMinor + amountMinor,
  };
}

export function withoutCapture(state: Payment, data: CaptureReversed): Payment {
  const { occurredAt, rank, amountMinor } = data;
  return {
    ...state,
    captures: state.captures.map((one) =>
      isOf(data)(one) ? { ...one, reversed: true, occurredAt, rank } : one,
    ),
    capturedMinor: state.capturedMinor - amountMinor,
  };
}

/** The capture that a word of the PSP is about, once it has been taken. */
export const capturedBy = (
  payment: Payment,
  attemptId: string,
  operation: Operation | undefined,
): Capture | undefined => payment.captures.find(isOf({ attemptId, operationId: operation?.id ?? null }));

/**
 * What was taken may be taken back by the scheme, and taken once more: the latest fact decides, whichever comes first. A
 * word that can only follow the opposite one says that, too, and is recorded with it: so that the one of between, when it
 * comes, is an old one.
 */
export function recordCaptureFact(
  payment: Payment,
  capture: Capture,
  { outcome, rank }: Pick<RecordOperationNews, 'outcome' | 'rank'>,
): PaymentDecision {
  if (outcome.kind !== 'succeeded' && outcome.kind !== 'failed') return nothing('it says nothing for sure');
  if (!isLaterFact({ occurredAt: outcome.occurredAt, rank }, capture)) {
    return nothing('a later fact is known');
  }
  const { occurredAt } = outcome;
  const isFirstWord = rank <= RESULT_RANK;
  if (outcome.kind === 'failed') {
    if (isFirstWord) return nothing('it was taken, and this is no word of its being taken back');
    const reversed = captureReversed(payment, capture, { detail: outcome.detail, occurredAt, rank });
    return record(...(capture.reversed ? [captured(payment, capture, occurredAt, rank - 1)] : []), reversed);
  }
  if (outcome.amountMinor !== capture.amountMinor) return nothing('it is of another amount');
  if (isFirstWord && !capture.reversed) return nothing('it is taken already');
  const { pspReference } = outcome;
  const taken = captured(payment, { ...capture, pspReference }, occurredAt, rank);
  if (capture.reversed) return record(taken);
  const missed = { detail: 'it was taken again since', occurredAt, rank: rank - 1 };
  return record(captureReversed(payment, capture, missed), taken);
}

/** A capture that is still open was taken first, if the PSP says that it was taken back: the news of that is late. */
export function takenAndReversed(
  payment: Payment,
  { id: operationId, attemptId, amountMinor, paymentReference }: Operation,
  { outcome, rank }: Pick<RecordOperationNews, 'outcome' | 'rank'>,
): readonly PaymentEvent[] | undefined {
  if (outcome.kind !== 'failed' || rank <= RESULT_RANK) return undefined;
  const { occurredAt, detail } = outcome;
  const pspReference = outcome.pspReference ?? paymentReference ?? attemptId;
  const capture = { attemptId, operationId, pspReference, amountMinor };
  return [
    captured(payment, capture, occurredAt, RESULT_RANK),
    captureReversed(payment, capture, { detail, occurredAt, rank }),
  ];
}

/**
 * Captured with its authorisation and taken back or taken again since, while the capture itself is still to be told: this
 * word has to wait for it. Of an attempt that was ended there is nothing to take back.
 */
export function beforeItsCapture(payment: Payment, command: RecordOperationNews): PaymentDecision {
  const attempt = findAttempt(payment, command.attemptId);
  const isLater = command.operation === 'capture' && command.rank > RESULT_RANK;
  return isLater && attempt !== undefined && mayBeTakenAtOnce(payment, attempt, command)
    ? refuse({ code: 'news_too_early' })
    : nothing('nothing that was asked of the PSP is meant');
}

/**
 * In doubt, or approved while it is being ended: then the end of that tells whether the money was taken. Of what ended as
 * not charged, or of a charge beside the sale, the charge is still to be found, or, where the PSP only holds it, the end of
 * its reversal tells.
 */
function mayBeTakenAtOnce(
  payment: Payment,
  attempt: Attempt,
  { attemptId, paymentReference }: RecordOperationNews,
): boolean {
  const { id, status } = attempt;
  const mayBeLate =
    status === 'declined' ||
    status === 'not_sent' ||
    isAnotherCharge(payment, { attemptId, paymentReference });
  if (!mayBeLate) return status === 'authorized' ? payment.captureMethod === 'automatic' : isOpen(attempt);
  const isMeant = (ofAttempt: string, reference: string | null): boolean =>
    ofAttempt === id && (paymentReference === null || reference === paymentReference);
  const isFound = payment.lateSuccesses.some((late) => isMeant(late.attemptId, late.pspReference));
  const isGivenBack = payment.operations.some(
    (one) => isOpenOperation(one) && isMeant(one.attemptId, one.paymentReference),
  );
  return !isFound || isGivenBack;
}

type Taken = Omit<Capture, 'reversed' | 'occurredAt' | 'rank'>;

const captured = (
  { currency }: Payment,
  { attemptId, operationId, pspReference, amountMinor }: Taken,
  occurredAt: string,
  rank: number,
): PaymentEvent => ({
  type: 'PaymentCaptured',
  data: { attemptId, operationId, pspReference, amountMinor, currency, occurredAt, rank },
});

function captureReversed(
  { currency }: Payment,
  { attemptId, operationId, pspReference, amountMinor }: Taken,
  fact: { readonly detail: string; readonly occurredAt: string; readonly rank: number },
): PaymentEvent {
  return {
    type: 'CaptureReversed',
    data: { attemptId, operationId, pspReference, amountMinor, currency, ...fact },
  };
}
