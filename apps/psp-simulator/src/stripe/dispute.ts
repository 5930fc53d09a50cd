import type { Charge, Intent } from './intent';
import { disputeScript } from './test-payment-methods';

/** How a dispute goes by itself. Source: Stripe docs, "Testing": disputes; the ends are ours, so that no evidence is needed. */
export interface DisputeScript {
  readonly reason: 'fraudulent' | 'product_not_received';
  /** The bank only asks: no money moves. */
  readonly inquiry: boolean;
  readonly ends: 'won' | 'lost' | 'inquiry_closed' | null;
}

/** Money that the buyer wants back through the bank. Records are never changed, only replaced. */
export interface Dispute {
  readonly id: string;
  readonly amount: number;
  readonly script: DisputeScript;
  readonly phase: 'planned' | 'open' | 'ended';
  readonly opensMs: number;
  /** Null: open until the end of time. */
  readonly endsMs: number | null;
}

/** What Stripe charges for one, in its units. Source: Stripe docs, "Disputes and fraud": 15.00 in dollars. */
export const DISPUTE_FEE = 1_500;
/** Until when evidence may be handed in after the beginning, ms. */
export const EVIDENCE_WITHIN_MS = 7 * 24 * 3_600_000;

/** What becomes of a charge that was taken just now by a method that is known for it. */
export function plannedDispute(
  before: Intent | undefined,
  after: Intent,
  nextId: () => string,
  { nowMs, resultsAfterMs }: { readonly nowMs: number; readonly resultsAfterMs: number },
): Intent {
  const charge = after.charges.find(({ captured }) => captured);
  if (charge === undefined || before?.charges.some(({ captured }) => captured) === true) return after;
  const script = disputeScript(charge.paymentMethod);
  if (script === undefined) return after;
  const opensMs = nowMs + resultsAfterMs;
  const dispute: Dispute = {
    id: nextId(),
    amount: charge.amountCaptured,
    script,
    phase: 'planned',
    opensMs,
    endsMs: script.ends === null ? null : opensMs + resultsAfterMs,
  };
  return { ...after, dispute };
}

/** One step of what time makes of it; undefined when it is not yet time. */
export function disputeAged(dispute: Dispute, nowMs: number): Dispute | undefined {
  const dueMs = disputeDueMs(dispute);
  if (dueMs === undefined || nowMs < dueMs) return undefined;
  return { ...dispute, phase: dispute.phase === 'planned' ? 'open' : 'ended' };
}

export function disputeDueMs({ phase, opensMs, endsMs }: Dispute): number | undefined {
  if (phase === 'planned') return opensMs;
  return phase === 'open' ? (endsMs ?? undefined) : undefined;
}

/** Whether the amount is out of the merchant's balance. */
export const isWithdrawn = ({ phase, script }: Dispute): boolean =>
  !script.inquiry && (phase === 'open' || (phase === 'ended' && script.ends === 'lost'));

/** Whether somebody has disputed the charge, whatever came of it. */
export const isDisputed = (dispute: Dispute | null): dispute is Dispute =>
  dispute !== null && dispute.phase !== 'planned';

const seconds = (ms: number): number => Math.floor(ms / 1000);

function statusOf({ phase, script }: Dispute): string {
  if (phase === 'ended') return script.ends === 'inquiry_closed' ? 'warning_closed' : (script.ends ?? '');
  return script.inquiry ? 'warning_needs_response' : 'needs_response';
}

/** @param charge that is disputed */
export function disputeJson(dispute: Dispute, intent: Intent, charge: Charge | undefined): object {
  const { id, amount, script, phase, opensMs } = dispute;
  const line = (suffix: string, sign: 1 | -1, fee: number): object => ({
    id: `txn_${id.slice(3)}${suffix}`,
    object: 'balance_transaction',
    amount: sign * amount,
    currency: intent.currency,
    fee,
    net: sign * amount - fee,
    reporting_category: sign < 0 ? 'dispute' : 'dispute_reversal',
    source: id,
    type: 'adjustment',
  });
  return {
    id,
    object: 'dispute',
    amount,
    balance_transactions: script.inquiry
      ? []
      : [
          line('a', -1, DISPUTE_FEE),
          ...(phase === 'ended' && script.ends === 'won' ? [line('b', 1, -DISPUTE_FEE)] : []),
        ],
    charge: charge?.id ?? null,
    created: seconds(opensMs),
    currency: intent.currency,
    evidence_details: {
      due_by: seconds(opensMs + EVIDENCE_WITHIN_MS),
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: script.inquiry,
    livemode: false,
    metadata: {},
    network_reason_code: script.reason === 'fraudulent' ? '10.4' : '13.1',
    payment_intent: intent.id,
    reason: script.reason,
    status: statusOf(dispute),
  };
}
