import type { DisputeFact, DisputeStage, Money, PspNews } from '@tender/domain';
import { DISPUTE_RANK } from '@tender/domain';
import { field, integer, text, timeOf } from './reply';
import { meaningOf } from './reply-table';
import { scrub } from '../scrub';
import { fromStripeAmount } from './stripe-amount';

/**
 * Stripe docs, "The Dispute object": `status`. `warning_…` are inquiries: the bank asks, and nothing is taken. `appeal_…` come
 * after `lost`, and move nothing. A status that is not here is ignored, and said so.
 */
export const DISPUTE_BY_STATUS: Readonly<Record<string, DisputeStage>> = {
  warning_needs_response: 'inquiry_opened',
  warning_under_review: 'inquiry_opened',
  warning_closed: 'inquiry_closed',
  needs_response: 'opened',
  under_review: 'under_review',
  appeal_needs_response: 'opened',
  appeal_under_review: 'under_review',
  // stopped before it became a chargeback
  prevented: 'inquiry_closed',
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
  const told = meaningOf(STAGE_OF_TYPE, type) ?? meaningOf(DISPUTE_BY_STATUS, status);
  if (told === undefined) return ignored(`dispute status ${scrub(status) || 'absent'} is not read`);
  const amount = integer(object, 'amount');
  const money = amount === null ? undefined : fromStripeAmount(amount, text(object, 'currency') ?? '');
  if (money === undefined || money.amountMinor <= 0n)
    return ignored(`the disputed amount is ${amount ?? 'absent'}`);
  const { stage, ...ofPart } = asLinesTell(told, status, linesIn(object), money);
  const fact: DisputeFact = {
    disputeReference,
    paymentReference: text(object, 'payment_intent'),
    stage,
    amountMinor: money.amountMinor,
    currency: money.currency,
    ...ofPart,
    fee: feeOf(type, linesIn(object)),
    reason: scrubbed(text(object, 'reason')),
    networkReasonCode: scrubbed(reasonCodeIn(object)),
    evidenceDueBy: timeOf(integer(field(object, 'evidence_details'), 'due_by')),
    occurredAt,
    rank: DISPUTE_RANK[stage],
  };
  return { kind: 'dispute', fact };
}

/** Money may have gone by it: what cannot be read of a dispute is no small matter. */
const ignored = (because: string): PspNews => ({ kind: 'ignored', because, needsPerson: true });

const scrubbed = (words: string | null): string | null => (words === null ? null : scrub(words));

/** Newer API versions tell it with the card. */
const reasonCodeIn = (object: unknown): string | null =>
  text(object, 'network_reason_code') ??
  text(field(field(object, 'payment_method_details'), 'card'), 'network_reason_code');

/** A line that the dispute has made in our balance. */
interface Line {
  readonly amount: number;
  readonly currency: string;
  readonly fee: number | null;
}

function linesIn(object: unknown): readonly Line[] {
  const lines = field(object, 'balance_transactions');
  return (Array.isArray(lines) ? lines : []).map((line: unknown) => ({
    amount: integer(line, 'amount') ?? 0,
    currency: text(line, 'currency') ?? '',
    fee: integer(line, 'fee'),
  }));
}

/**
 * What the lines say, where the status says less. Of a lost dispute the part that had been refunded before is put back (Stripe
 * support, "Dispute for full charge amount after a partial refund was issued"): its status stays `lost`. One that was prevented
 * by giving the money back is lost. Lines in another currency tell no part of the disputed amount: then all of it is lost until
 * the settlement tells better.
 */
function asLinesTell(
  told: DisputeStage,
  status: string,
  lines: readonly Line[],
  { amountMinor, currency }: Money,
): Pick<DisputeFact, 'stage' | 'putBackMinor'> {
  const net = lines.reduce((sum, { amount }) => sum + amount, 0);
  if (status === 'prevented' && told === 'inquiry_closed') return { stage: net < 0 ? 'lost' : told };
  if (status !== 'lost' || (told !== 'lost' && told !== 'funds_reinstated')) return { stage: told };
  const isOurs = lines.every((line) => line.currency.toUpperCase() === currency);
  const out = isOurs && net < 0 ? fromStripeAmount(-net, currency) : undefined;
  return lines.some(({ amount }) => amount > 0) && out !== undefined && out.amountMinor < amountMinor
    ? { stage: 'lost_in_part', putBackMinor: amountMinor - out.amountMinor }
    : { stage: 'lost' };
}

/**
 * The line that took the money has the fee; the one that puts it back may give the fee back. In the currency of our
 * balance, which may be another than the buyer's.
 */
function feeOf(type: string, lines: readonly Line[]): DisputeFact['fee'] {
  const step = meaningOf(STAGE_OF_TYPE, type);
  const line = lines.findLast(({ amount }) =>
    step === 'funds_withdrawn' ? amount < 0 : step === 'funds_reinstated' && amount > 0,
  );
  return line?.fee == null ? null : (fromStripeAmount(line.fee, line.currency) ?? null);
}
