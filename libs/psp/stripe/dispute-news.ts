import type { DisputeFact, DisputeStage, PspNews } from '@tender/domain';
import { DISPUTE_RANK } from '@tender/domain';
import { field, integer, text, timeOf } from './reply';
import { meaningOf } from './reply-table';
import { scrub } from '../scrub';
import { fromStripeAmount } from './stripe-amount';

/**
 * Stripe docs, "The Dispute object": `status`. `warning_…` are inquiries: the bank asks, and nothing is taken. A status
 * that is not here is ignored, and said so.
 */
export const DISPUTE_BY_STATUS: Readonly<Record<string, DisputeStage>> = {
  warning_needs_response: 'inquiry_opened',
  warning_under_review: 'inquiry_opened',
  warning_closed: 'inquiry_closed',
  needs_response: 'opened',
  under_review: 'under_review',
  won: 'won',
  lost: 'lost',
};

/** The events that tell of money say so by their type; of the others the object's status tells. */
const STAGE_OF_TYPE: Readonly<Record<string, DisputeStage>> = {
  'charge.dispute.funds_withdrawn': 'funds_withdrawn',
  'charge.dispute.funds_reinstated': 'funds_reinstated',
};

/**
 * An event about a dispute. Its object is the dispute as it was then, with the lines that it has made in our balance.
 *
 * @param type of the event
 */
export function disputeNews(type: string, object: unknown, occurredAt: string): PspNews {
  const disputeReference = text(object, 'id');
  const status = text(object, 'status') ?? '';
  if (disputeReference === null || text(object, 'object') !== 'dispute')
    return ignored('the object is no dispute');
  const stage = meaningOf(STAGE_OF_TYPE, type) ?? meaningOf(DISPUTE_BY_STATUS, status);
  if (stage === undefined) return ignored(`dispute status ${scrub(status) || 'absent'} is not read`);
  const amount = integer(object, 'amount');
  const money = amount === null ? undefined : fromStripeAmount(amount, text(object, 'currency') ?? '');
  if (money === undefined || money.amountMinor <= 0n)
    return ignored(`the disputed amount is ${amount ?? 'absent'}`);
  const fact: DisputeFact = {
    disputeReference,
    stage,
    amountMinor: money.amountMinor,
    currency: money.currency,
    fee: feeOf(stage, object),
    reason: scrubbed(text(object, 'reason')),
    networkReasonCode: scrubbed(reasonCodeIn(object)),
    evidenceDueBy: timeOf(integer(field(object, 'evidence_details'), 'due_by')),
    occurredAt,
    rank: DISPUTE_RANK[stage],
  };
  return { kind: 'dispute', fact };
}

const ignored = (because: string): PspNews => ({ kind: 'ignored', because });

const scrubbed = (words: string | null): string | null => (words === null ? null : scrub(words));

/** Newer API versions tell it with the card. */
const reasonCodeIn = (object: unknown): string | null =>
  text(object, 'network_reason_code') ??
  text(field(field(object, 'payment_method_details'), 'card'), 'network_reason_code');

/**
 * The line that took the money has the fee; the one that puts it back may give the fee back. In the currency of our
 * balance, which may be another than the buyer's.
 */
function feeOf(stage: DisputeStage, object: unknown): DisputeFact['fee'] {
  const isOfStep = (line: unknown): boolean => {
    const amount = integer(line, 'amount') ?? 0;
    return stage === 'funds_withdrawn' ? amount < 0 : stage === 'funds_reinstated' && amount > 0;
  };
  const lines = field(object, 'balance_transactions');
  const line: unknown = Array.isArray(lines) ? lines.findLast(isOfStep) : undefined;
  const fee = integer(line, 'fee');
  return fee === null ? null : (fromStripeAmount(fee, text(line, 'currency') ?? '') ?? null);
}
