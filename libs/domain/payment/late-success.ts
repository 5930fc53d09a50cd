import { nothing, record } from '../kernel/decision';
import { isLaterFact, RESULT_RANK } from '../psp/fact-order';
import type { PaymentDecision } from './attempt.decider';
import type { Dispute } from './dispute';
import { isPaidByBanks } from './disputed-charge';
import type { Attempt, LateSuccess, Operation, Payment } from './payment';
import { findAttempt, ownChargeOf } from './payment';
import type { RecordOperationNews } from './payment.commands';
import type { LateSuccessFound, LateSuccessTold } from './payment.events';

type NameOfCharge = Pick<LateSuccess, 'attemptId'> & { readonly pspReference: string | null };

const isOf =
  ({ attemptId, pspReference }: NameOfCharge) =>
  (late: LateSuccess): boolean =>
    late.attemptId === attemptId && late.pspReference === pspReference;

export const findLateSuccess = ({ lateSuccesses }: Payment, charge: NameOfCharge): LateSuccess | undefined =>
  lateSuccesses.find(isOf(charge));

/** The charge without a sale that a dispute is of. Undefined: it is of the sale, as one that names no charge is taken to be. */
export const disputedLateSuccess = (
  payment: Payment,
  { attemptId, paymentReference: pspReference }: Pick<Dispute, 'attemptId' | 'paymentReference'>,
): LateSuccess | undefined => findLateSuccess(payment, { attemptId, pspReference });

/** Whether nobody is owed a charge any more, though nobody here gave it back: the scheme took it, or a bank got all of it. */
export function isSettledElsewhere(
  payment: Payment,
  { attemptId, paymentReference: pspReference }: Pick<Operation, 'attemptId' | 'paymentReference'>,
): boolean {
  const late = findLateSuccess(payment, { attemptId, pspReference });
  return late !== undefined && (late.fallen || isPaidByBanks(payment, late));
}

/** What is known as a charge without a sale is given back, however often that takes: there is nothing to end any more. */
export const isWithoutSale = (payment: Payment, { id: attemptId, pspReference }: Attempt): boolean =>
  findLateSuccess(payment, { attemptId, pspReference }) !== undefined;

export function withLateSuccess(state: Payment, data: LateSuccessFound): Payment {
  const { attemptId, pspReference, amountMinor, captured } = data;
  const late = { attemptId, pspReference, amountMinor, captured, fallen: false, latest: null };
  return { ...state, lateSuccesses: [...state.lateSuccesses, late] };
}

/** Given back as money that was taken: then it was. */
export const withLateSuccessTaken = (state: Payment, charge: NameOfCharge): Payment =>
  withChange(state, charge, { captured: true });

export const withLateSuccessFact = (
  state: Payment,
  { occurredAt, rank, ...charge }: LateSuccessTold,
  fallen: boolean,
): Payment => withChange(state, charge, { fallen, latest: { occurredAt, rank } });

const withChange = (state: Payment, charge: NameOfCharge, change: Partial<LateSuccess>): Payment =>
  state.lateSuccesses.some(isOf(charge))
    ? {
        ...state,
        lateSuccesses: state.lateSuccesses.map((late) =>
          isOf(charge)(late) ? { ...late, ...change } : late,
        ),
      }
    : state;

/**
 * The late success that a word about a capture means. The word's own name is the capture's, which we may not know; where it
 * does not name the charge either, it is of the only one that there is.
 */
export function lateSuccessMeant(
  payment: Payment,
  {
    attemptId,
    pspReference,
    paymentReference,
  }: Pick<RecordOperationNews, 'attemptId' | 'pspReference' | 'paymentReference'>,
): LateSuccess | undefined {
  const taken = payment.lateSuccesses.filter((late) => late.attemptId === attemptId && late.captured);
  const named = taken.find((late) => late.pspReference === (paymentReference ?? pspReference));
  if (named !== undefined || paymentReference !== null) return named;
  const [only, ...others] = taken;
  const own = ownChargeIn(payment, attemptId);
  const isSale = own !== null && only?.pspReference !== own;
  return others.length > 0 || isSale ? undefined : only;
}

function ownChargeIn(payment: Payment, attemptId: string): string | null {
  const attempt = findAttempt(payment, attemptId);
  return attempt === undefined ? null : ownChargeOf(attempt);
}

/** Whether a charge is named that is surely not the attempt's own. */
export function isAnotherCharge(
  payment: Payment,
  { attemptId, paymentReference }: Pick<RecordOperationNews, 'attemptId' | 'paymentReference'>,
): boolean {
  const own = ownChargeIn(payment, attemptId);
  return own !== null && paymentReference !== null && paymentReference !== own;
}

/**
 * Whether an operation may be one on the charge that is named. Only of two charges that are known is it sure that neither is
 * the other: a payment that waits for its buyer may have another name than its charge. What was voided has the name that it
 * was voided by: the word that it was may come again, while another one is given back.
 */
export function mayBeOnCharge(
  payment: Payment,
  { attemptId, paymentReference: on }: Operation,
  named: string | null,
): boolean {
  if (named === null || on === null || on === named) return true;
  const attempt = findAttempt(payment, attemptId);
  const known = new Set([
    ...payment.lateSuccesses.filter((late) => late.attemptId === attemptId).map((late) => late.pspReference),
    attempt?.status === 'voided' ? attempt.pspReference : ownChargeIn(payment, attemptId),
  ]);
  return !known.has(named) || !known.has(on);
}

/**
 * Taken back by the scheme, or taken once more, before or after it was given back: the latest fact decides. Each is
 * recorded also where it changes nothing by itself: so that the one of between, when it comes, is an old one.
 */
export function recordLateSuccessFact(
  { currency }: Payment,
  { attemptId, pspReference, amountMinor, latest }: LateSuccess,
  { outcome, rank }: Pick<RecordOperationNews, 'outcome' | 'rank'>,
): PaymentDecision {
  if (outcome.kind !== 'succeeded' && outcome.kind !== 'failed') return nothing('it says nothing for sure');
  if (rank <= RESULT_RANK) return nothing('that it was taken is known');
  const { occurredAt } = outcome;
  if (latest !== null && !isLaterFact({ occurredAt, rank }, latest)) return nothing('a later fact is known');
  const told = { attemptId, pspReference, amountMinor, currency, occurredAt, rank };
  if (outcome.kind === 'failed') {
    return record({ type: 'LateSuccessFellBack', data: { ...told, detail: outcome.detail } });
  }
  return outcome.amountMinor === amountMinor
    ? record({ type: 'LateSuccessTakenAgain', data: told })
    : nothing('it is of another amount');
}
