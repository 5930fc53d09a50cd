import { EXPIRED } from './ageing';
import type { Dispute } from './dispute';
import { latestCharge, type Intent, type IntentStatus } from './intent';

export type EventType =
  | 'payment_intent.processing'
  | 'payment_intent.requires_action'
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.succeeded'
  | 'payment_intent.payment_failed'
  | 'payment_intent.canceled'
  | 'charge.captured'
  | 'charge.expired'
  | 'charge.refunded'
  | 'refund.created'
  | 'refund.updated'
  | 'refund.failed'
  | 'charge.dispute.created'
  | 'charge.dispute.funds_withdrawn'
  | 'charge.dispute.funds_reinstated'
  | 'charge.dispute.closed';

/** Events can be read for 30 days. Source: Stripe docs, "Retrieve an event". */
export const EVENT_LIFE_MS = 30 * 24 * 3_600_000;

/** The request that caused an event; none did when a payer or time was it. */
export interface Cause {
  readonly requestId: string;
  readonly key: string | null;
}

/** Something that happened, with the intent as it was then: records are replaced, so that a reference is a copy. */
export interface StripeEvent {
  readonly id: string;
  readonly createdMs: number;
  readonly type: EventType;
  /** Which of the intent's refunds it is about. */
  readonly refundId: string | null;
  readonly cause: Cause | null;
  readonly intent: Intent;
}

export type Happened = Pick<StripeEvent, 'type' | 'refundId'>;

const OF_STATUS: Readonly<Record<IntentStatus, EventType | null>> = {
  requires_payment_method: null,
  requires_confirmation: null,
  requires_action: 'payment_intent.requires_action',
  processing: 'payment_intent.processing',
  requires_capture: 'payment_intent.amount_capturable_updated',
  succeeded: 'payment_intent.succeeded',
  canceled: 'payment_intent.canceled',
};

/** What makes the difference between two revisions of an intent. */
export function happenedBetween(before: Intent | undefined, after: Intent): readonly Happened[] {
  const ofCharge = chargeNews(before, after);
  const ofStatus = after.status === before?.status ? null : OF_STATUS[after.status];
  const failedNow = after.lastError !== null && after.lastError !== before?.lastError;
  return [
    ...ofCharge.map((type) => ({ type, refundId: null })),
    ...(ofStatus === null ? [] : [{ type: ofStatus, refundId: null }]),
    ...(failedNow ? [{ type: 'payment_intent.payment_failed' as const, refundId: null }] : []),
    ...refundNews(before, after),
    ...disputeNews(before?.dispute, after.dispute).map((type) => ({ type, refundId: null })),
  ];
}

function chargeNews(before: Intent | undefined, after: Intent): readonly EventType[] {
  if (after.capture !== null && before?.capture === null) return ['charge.captured'];
  const [earlier, charge] = [before && latestCharge(before), latestCharge(after)];
  if (charge?.released !== true || earlier?.released === true) return [];
  return [after.cancel?.reason === EXPIRED ? 'charge.expired' : 'charge.refunded'];
}

function refundNews(before: Intent | undefined, after: Intent): readonly Happened[] {
  return after.refunds.flatMap(({ id, status }, index): readonly Happened[] => {
    const earlier = before?.refunds[index];
    if (earlier === undefined) {
      return [
        { type: 'refund.created', refundId: id },
        { type: 'charge.refunded', refundId: null },
      ];
    }
    if (earlier.status === status) return [];
    const updated: Happened = { type: 'refund.updated', refundId: id };
    return status === 'failed' ? [updated, { type: 'refund.failed', refundId: id }] : [updated];
  });
}

function disputeNews(before: Dispute | null | undefined, after: Dispute | null): readonly EventType[] {
  if (after === null || after.phase === 'planned' || after.phase === before?.phase) return [];
  const { inquiry, ends } = after.script;
  if (after.phase === 'open') {
    return ['charge.dispute.created', ...(inquiry ? [] : ['charge.dispute.funds_withdrawn' as const])];
  }
  return [...(ends === 'won' ? ['charge.dispute.funds_reinstated' as const] : []), 'charge.dispute.closed'];
}
