import type { NoticeFields, RefundAsked, RefundNews } from '@tender/domain';
import { STRIPE_EVENT_TYPES, stripeNotices } from './notice-translator';
import { CREATED_S, intent, refund, REFUND } from './scripted-stripe.fixture';

const { operationId, refundId } = REFUND;
const ASKED: RefundAsked = { attemptId: 'att_1', operationId, amountMinor: 1099n, currency: 'USD' };
const METADATA = { attempt: 'att_1', payment: 'pay_1', operation: operationId };

const event = (type: string, changes: Readonly<Record<string, unknown>> = {}, after = 600): NoticeFields => ({
  id: 'evt_1',
  object: 'event',
  type,
  created: CREATED_S + after,
  data: { object: refund({ metadata: METADATA, ...changes }) },
});
const said = (news: RefundNews): string => {
  if (news.kind === 'ignored') return news.kind;
  const { outcome } = news;
  return `${outcome.kind}${'why' in outcome ? ` ${outcome.why}` : ''}`;
};

// Written from Stripe's docs ("The Refund object", "Types of events") without the tables.
it.each<[string, string, Readonly<Record<string, unknown>>, string]>([
  ['begun', 'refund.created', { status: 'pending' }, 'pending'],
  ['given back at once', 'refund.created', {}, 'succeeded'],
  ['given back later', 'refund.updated', {}, 'succeeded'],
  ['the same by its older name', 'charge.refund.updated', {}, 'succeeded'],
  [
    'failed after it had succeeded',
    'refund.failed',
    { status: 'failed', failure_reason: 'expired_or_canceled_card' },
    'failed card_expired_or_canceled',
  ],
  ['failed, as an update', 'refund.updated', { status: 'failed' }, 'failed refused'],
  ['canceled at Stripe', 'refund.updated', { status: 'canceled' }, 'failed canceled'],
  ['of another amount', 'refund.updated', { amount: 1 }, 'unknown amount_mismatch'],
  [
    'of another try',
    'refund.updated',
    { metadata: { ...METADATA, operation: `${operationId}0` } },
    'ignored',
  ],
  ['told of the charge', 'charge.refunded', {}, 'ignored'],
  ['of tomorrow', 'refund.reversed', {}, 'ignored'],
])('%s: %s', (_name, type, changes, expected) => {
  expect(said(stripeNotices.translateRefund(event(type, changes), ASKED))).toBe(expected);
});

it('a failure tells whether our balance had been debited', () => {
  const told = (balance_transaction: string | null) =>
    stripeNotices.translateRefund(event('refund.failed', { status: 'failed', balance_transaction }), ASKED);
  expect(told('txn_1')).toMatchObject({ outcome: { kind: 'failed', debited: true } });
  expect(told(null)).toMatchObject({ outcome: { kind: 'failed', debited: false } });
});

it('the time of a fact is the event’s; in one second a failure comes after its success', () => {
  const success = stripeNotices.translateRefund(event('refund.updated'), ASKED);
  const failure = stripeNotices.translateRefund(event('refund.failed', { status: 'failed' }), ASKED);
  const occurredAt = new Date((CREATED_S + 600) * 1000).toISOString();
  expect(success).toMatchObject({ rank: 1, outcome: { occurredAt } });
  expect(failure).toMatchObject({ rank: 2, outcome: { occurredAt } });
});

it('leads to the refund and to the try that it is about', () => {
  expect(stripeNotices.subjectOf(event('refund.created'))).toEqual({ kind: 'refund', refundId, operationId });
  const reversal = event('refund.created', { metadata: { ...METADATA, operation: 'att_1-reversal-1' } });
  expect(stripeNotices.subjectOf(reversal)).toEqual({ kind: 'attempt', attemptId: 'att_1' });
});

it('no event about something else says anything of a refund', () => {
  for (const type of STRIPE_EVENT_TYPES) {
    const fields = { ...event(type), data: { object: intent() } };
    expect(stripeNotices.translateRefund(fields, ASKED).kind).toBe('ignored');
  }
});
