import type { Dispute } from './dispute';
import type { Draft } from './notice';
import type { Payment } from './payment';

/** Until when a dispute may be answered after its first step, ms. */
export const DEFENSE_PERIOD_MS = 14 * 24 * 3_600_000;

/** Plans the dispute that a payment method is known for, and what is told of it. */
export function plannedDispute(
  payment: Payment,
  taken: { readonly value: number; readonly atMs: number },
  with_: { readonly nextReference: () => string; readonly resultsAfterMs: number },
): { readonly payment: Payment; readonly news: readonly Draft[] } {
  const script = payment.behaviour.disputeScript;
  if (script === undefined || payment.dispute !== undefined) return { payment, news: [] };
  const steps = script.map((eventCode, n) => ({
    eventCode,
    atMs: taken.atMs + (n + 1) * with_.resultsAfterMs,
  }));
  const dispute: Dispute = { pspReference: with_.nextReference(), value: taken.value, steps };
  return { payment: { ...payment, dispute }, news: steps.map((step) => noticeOf(payment, dispute, step)) };
}

function noticeOf(payment: Payment, dispute: Dispute, { eventCode, atMs }: Dispute['steps'][number]): Draft {
  const opensMs = dispute.steps[0]?.atMs ?? atMs;
  return {
    eventCode,
    success: true,
    // all events of a dispute have its reference
    pspReference: dispute.pspReference,
    originalReference: payment.pspReference,
    merchantReference: payment.merchantReference,
    value: dispute.value,
    currency: payment.currency,
    reason: 'Other Fraud-Card Absent Environment',
    defensePeriodEndsMs: opensMs + DEFENSE_PERIOD_MS,
    dueMs: atMs,
  };
}
