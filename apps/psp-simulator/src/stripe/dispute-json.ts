import type { Dispute } from './dispute';
import type { Charge, Intent } from './intent';

/** What Stripe charges for one, in its units. Source: Stripe docs, "Disputes and fraud": 15.00 in dollars. */
export const DISPUTE_FEE = 1_500;
/** Until when evidence may be handed in after the beginning, ms. */
export const EVIDENCE_WITHIN_MS = 7 * 24 * 3_600_000;

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
