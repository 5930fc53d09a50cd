import { nothing, record, refuse } from '../kernel/decision';
import type { PaymentDecision } from './attempt.decider';
import { isAtBanks, leftByBanksMs } from './disputed-charge';
import { isSettledElsewhere } from './late-success';
import { reversalStarted } from './operation-start';
import type { Operation, Payment } from './payment';
import { findOperation } from './payment';
import type { StartReversal } from './payment.commands';

const HOUR_MS = 3_600_000;

/**
 * Pauses before a charge that the PSP refused to give back is given back by another request, ms; after the last of them it
 * is a person's. What is refused for want of balance is often done a day later. Each request has a key of its own, since the
 * one before has a definitive answer.
 */
export const REVERSED_AGAIN_AFTER_MS: readonly number[] = [HOUR_MS, 24 * HOUR_MS];

/** All that was asked to give back one charge: an attempt may have had several. */
const reversalsOf = (
  { operations }: Payment,
  { attemptId, paymentReference }: Operation,
): readonly Operation[] =>
  operations.filter(
    (one) =>
      one.kind === 'reversal' && one.attemptId === attemptId && one.paymentReference === paymentReference,
  );

/** Charges without a sale whose money is owed, and that nothing is on its way to give back: each by its last reversal. */
export const unreturnedCharges = (payment: Payment): readonly Operation[] =>
  payment.operations.filter((operation) => isUnreturned(payment, operation));

export function isUnreturned(payment: Payment, operation: Operation): boolean {
  const { id, kind, status } = operation;
  if (kind !== 'reversal' || status !== 'failed') return false;
  if (reversalsOf(payment, operation).at(-1)?.id !== id) return false;
  return !isSettledElsewhere(payment, operation);
}

/**
 * When a charge is given back by another request, ms since the epoch; undefined: not by itself. Only what was refused
 * without a reason that lasts is asked for again; a dispute lasts until it is won, and then the charge is given back at once.
 * Of what a bank got a part of, the rest is owed, and no PSP is asked for a part of a reversal: that is a person's.
 */
export function reversedAgainMs(payment: Payment, operation: Operation): number | undefined {
  if (!isUnreturned(payment, operation) || isAtBanks(payment, operation)) return undefined;
  const failedMs = Date.parse(operation.finishedAt ?? operation.startedAt);
  if (operation.failure === 'disputed') {
    const leftMs = leftByBanksMs(payment, operation);
    if (leftMs === undefined) return undefined;
    // refused although it was won: another dispute may be on its way to us, so as after any refusal
    if (leftMs >= failedMs) return leftMs;
  } else if (operation.failure !== 'refused') return undefined;
  const pauseMs = REVERSED_AGAIN_AFTER_MS[reversalsOf(payment, operation).length - 1];
  return pauseMs === undefined ? undefined : failedMs + pauseMs;
}

export const reversedOnceMore = (
  payment: Payment,
  { attemptId, paymentReference: pspReference, amountMinor, captured }: Operation,
) => reversalStarted(payment, { attemptId, pspReference, amountMinor, captured });

export function startReversal({ operationId }: StartReversal, payment: Payment): PaymentDecision {
  const failed = findOperation(payment, operationId);
  if (failed === undefined) return refuse({ code: 'operation_not_found', operationId });
  return reversedAgainMs(payment, failed) === undefined
    ? nothing('it was given back, is being given back, or is a person’s')
    : record(reversedOnceMore(payment, failed));
}
