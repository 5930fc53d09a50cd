import type { Dispute, DisputeStatus } from './dispute';
import { lostMinorOf } from './dispute';
import type { LateSuccess, Operation, Payment } from './payment';

/** A charge without a sale, as its reversals name it. */
type Charge = Pick<Operation, 'attemptId' | 'paymentReference'>;

/** The bank has left the money, or given it back. */
const LEFT: ReadonlySet<DisputeStatus> = new Set(['won', 'closed']);

const endedMs = ({ updatedAt }: Dispute): number => Date.parse(updatedAt);

const disputesOf = ({ disputes }: Payment, { attemptId, paymentReference }: Charge): readonly Dispute[] =>
  disputes.filter((one) => one.attemptId === attemptId && one.paymentReference === paymentReference);

/** One that names no charge may be of any that its attempt has had: it was told of before names were kept. */
export const mayBeAbout = ({ attemptId, paymentReference: named }: Dispute, charge: Charge): boolean =>
  attemptId === charge.attemptId && (named === null || named === charge.paymentReference);

/**
 * A charge that was not given back because its buyer had claimed it: when no bank claims it any more it is ours without a
 * sale once more. Undefined while one does, or has got it; and where nobody has told of a dispute yet. Ms since the epoch.
 */
export function leftByBanksMs({ disputes }: Payment, charge: Charge): number | undefined {
  const about = disputes.filter((one) => mayBeAbout(one, charge));
  const isLeft = about.length > 0 && about.every(({ status }) => LEFT.has(status));
  return isLeft ? Math.max(...about.map(endedMs)) : undefined;
}

/**
 * Whether a bank has money of the charge, for good or for now. A reversal gives back all of a charge, so nothing is asked for
 * meanwhile: the buyer would have it twice.
 */
export const isAtBanks = (payment: Payment, charge: Charge): boolean =>
  disputesOf(payment, charge).some(({ withdrawnMinor }) => withdrawnMinor > 0n);

/**
 * What banks have got for good of a charge, as far as anybody knows. What was lost in another currency has no sum with the
 * charge: a person has to say what it settled.
 */
export const gotByBanksMinor = (payment: Payment, charge: Charge): bigint =>
  disputesOf(payment, charge)
    .filter(({ currency }) => currency === payment.currency)
    .reduce((sum, dispute) => sum + lostMinorOf(dispute), 0n);

/** Whether its buyer has got all of a charge by his bank: then nobody is owed anything. */
export function isPaidByBanks(
  payment: Payment,
  {
    attemptId,
    pspReference: paymentReference,
    captured,
    amountMinor,
  }: Pick<LateSuccess, 'attemptId' | 'pspReference' | 'captured' | 'amountMinor'>,
): boolean {
  return captured && gotByBanksMinor(payment, { attemptId, paymentReference }) >= amountMinor;
}
