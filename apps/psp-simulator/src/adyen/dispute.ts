import type { Draft, EventCode } from './notice';
import type { Payment } from './payment';

export type DisputeEvent = Extract<
  EventCode,
  | 'REQUEST_FOR_INFORMATION'
  | 'NOTIFICATION_OF_CHARGEBACK'
  | 'CHARGEBACK'
  | 'CHARGEBACK_REVERSED'
  | 'SECOND_CHARGEBACK'
  | 'ISSUER_RESPONSE_TIMEFRAME_EXPIRED'
  | 'DISPUTE_DEFENSE_PERIOD_ENDED'
>;

/** A dispute goes by its script from the moment at which the money is taken: a step becomes visible when it is due. */
export interface Dispute {
  readonly pspReference: string;
  readonly value: number;
  readonly steps: readonly { readonly eventCode: DisputeEvent; readonly atMs: number }[];
}

/** Until when a dispute may be answered after its first step, ms. */
export const DEFENSE_PERIOD_MS = 14 * 24 * 3_600_000;

/** What each step makes of the amount; the others leave it where it is. */
const WITHDRAWN: Readonly<Partial<Record<DisputeEvent, boolean>>> = {
  CHARGEBACK: true,
  CHARGEBACK_REVERSED: false,
  SECOND_CHARGEBACK: true,
};

/** From the buyer's side, as in the truth of every PSP: `succeeded` is money that the merchant has lost. */
const ENDS: Readonly<Partial<Record<DisputeEvent, 'succeeded' | 'failed'>>> = {
  ISSUER_RESPONSE_TIMEFRAME_EXPIRED: 'failed',
  SECOND_CHARGEBACK: 'succeeded',
  DISPUTE_DEFENSE_PERIOD_ENDED: 'succeeded',
};

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

const passed = ({ steps }: Dispute, nowMs: number): readonly DisputeEvent[] =>
  steps.flatMap(({ eventCode, atMs }) => (nowMs < atMs ? [] : [eventCode]));

/** What is out of the merchant's balance by a dispute. */
export function withdrawnValue({ dispute }: Payment, nowMs: number): number {
  if (dispute === undefined) return 0;
  const isOut = passed(dispute, nowMs).findLast((eventCode) => WITHDRAWN[eventCode] !== undefined);
  return isOut !== undefined && WITHDRAWN[isOut] === true ? dispute.value : 0;
}

/** Undefined before anybody has disputed anything. */
export function disputeStatus(
  dispute: Dispute,
  nowMs: number,
): 'pending' | 'succeeded' | 'failed' | undefined {
  const told = passed(dispute, nowMs);
  if (told.length === 0) return undefined;
  return told.map((eventCode) => ENDS[eventCode]).find((end) => end !== undefined) ?? 'pending';
}
