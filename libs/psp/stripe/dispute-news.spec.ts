import type { DisputeFact, NewsAsked, NoticeFields, PspNews } from '@tender/domain';
import { stripeNotices } from './notice-translator';
import { CREATED_S } from './scripted-stripe.fixture';

const ASKED: NewsAsked = {
  attemptId: 'att_1',
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
};
type Changes = Readonly<Record<string, unknown>>;

/** A dispute of all of a charge, as Stripe writes it: nothing of ours is in it. */
const dispute = (changes: Changes = {}): Changes => ({
  id: 'du_1',
  object: 'dispute',
  amount: 1099,
  balance_transactions: [],
  charge: 'ch_1',
  created: CREATED_S + 60,
  currency: 'usd',
  evidence_details: { due_by: CREATED_S + 864_000, has_evidence: false },
  metadata: {},
  network_reason_code: '10.4',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  ...changes,
});
const event = (type: string, changes: Changes = {}): NoticeFields => ({
  id: 'evt_1',
  object: 'event',
  type: `charge.dispute.${type}`,
  created: CREATED_S + 600,
  data: { object: dispute(changes) },
});
const newsOf = (type: string, changes: Changes = {}): PspNews =>
  stripeNotices.translate(event(type, changes), ASKED);
const factOf = (type: string, changes: Changes = {}): DisputeFact => {
  const news = newsOf(type, changes);
  if (news.kind !== 'dispute') throw new Error(JSON.stringify(news));
  return news.fact;
};
const TAKEN = { id: 'txn_2', amount: -1099, currency: 'usd', fee: 1500, net: -2599 };
const PUT_BACK = { id: 'txn_3', amount: 1099, currency: 'usd', fee: -1500, net: 2599 };

// Written from Stripe's docs ("The Dispute object", "Types of events") without the tables.
it.each<[string, Changes, string]>([
  ['created', { status: 'warning_needs_response' }, 'inquiry_opened'],
  ['updated', { status: 'warning_under_review' }, 'inquiry_opened'],
  ['closed', { status: 'warning_closed' }, 'inquiry_closed'],
  ['created', {}, 'opened'],
  ['updated', { status: 'under_review' }, 'under_review'],
  ['funds_withdrawn', {}, 'funds_withdrawn'],
  ['funds_withdrawn', { status: 'under_review' }, 'funds_withdrawn'],
  ['closed', { status: 'won' }, 'won'],
  ['funds_reinstated', { status: 'won' }, 'funds_reinstated'],
  ['closed', { status: 'lost' }, 'lost'],
  // "Appeal": it had been lost, and the money stays where it is
  ['updated', { status: 'appeal_needs_response' }, 'opened'],
  ['updated', { status: 'appeal_under_review' }, 'under_review'],
  // "Dispute prevention": stopped before it became a chargeback, or settled at once by giving the money back
  ['created', { status: 'prevented' }, 'inquiry_closed'],
  ['created', { status: 'prevented', balance_transactions: [TAKEN] }, 'lost'],
])('charge.dispute.%s %j: %s', (type, changes, stage) => {
  expect(factOf(type, changes).stage).toBe(stage);
});

it('tells amount, reason, the network’s code, until when and since when', () => {
  expect(factOf('created')).toEqual({
    disputeReference: 'du_1',
    paymentReference: 'pi_1',
    stage: 'opened',
    amountMinor: 1099n,
    currency: 'USD',
    fee: null,
    reason: 'fraudulent',
    networkReasonCode: '10.4',
    evidenceDueBy: new Date((CREATED_S + 864_000) * 1000).toISOString(),
    occurredAt: new Date((CREATED_S + 600) * 1000).toISOString(),
    rank: 2,
  });
});

it('finds the network’s code also where newer versions have it', () => {
  const card = { network_reason_code: '4853' };
  expect(
    factOf('created', { network_reason_code: null, payment_method_details: { card } }).networkReasonCode,
  ).toBe('4853');
});

it('tells the fee of the step that moved the money, in the currency of our balance', () => {
  expect(factOf('funds_withdrawn', { balance_transactions: [TAKEN] }).fee).toEqual({
    amountMinor: 1500n,
    currency: 'USD',
  });
  const both = { status: 'won', balance_transactions: [TAKEN, PUT_BACK] };
  expect(factOf('funds_reinstated', both).fee).toEqual({ amountMinor: -1500n, currency: 'USD' });
  expect(factOf('closed', both).fee).toBeNull();
  const inYen = { balance_transactions: [{ ...TAKEN, currency: 'jpy', fee: 1500 }] };
  expect(factOf('funds_withdrawn', inYen).fee).toEqual({ amountMinor: 1500n, currency: 'JPY' });
});

// Stripe support, "Dispute for full charge amount after a partial refund was issued": the part that had been refunded comes
// back, and the dispute's status is `lost`
it.each(['funds_reinstated', 'closed', 'updated'])(
  'charge.dispute.%s tells what came back of a lost one',
  (type) => {
    const partBack = { ...PUT_BACK, amount: 300, fee: 0, net: 300 };
    const fact = factOf(type, { status: 'lost', balance_transactions: [TAKEN, partBack] });
    expect(fact).toMatchObject({ stage: 'lost_in_part', amountMinor: 1099n, putBackMinor: 300n });
  },
);

it('what came back in another currency, or all of it, is no part', () => {
  const inEuros = { currency: 'eur' };
  const part = [
    { ...TAKEN, ...inEuros },
    { ...PUT_BACK, amount: 300, ...inEuros },
  ];
  expect(factOf('funds_reinstated', { status: 'lost', balance_transactions: part }).stage).toBe('lost');
  const all = { status: 'won', balance_transactions: [TAKEN, PUT_BACK] };
  expect(factOf('funds_reinstated', all).stage).toBe('funds_reinstated');
  expect(factOf('closed', { ...all, status: 'lost' }).stage).toBe('lost');
});

it('names the charge by Stripe’s own reference alone', () => {
  expect(stripeNotices.subjectOf(event('created'))).toEqual({ kind: 'charge', pspReference: 'pi_1' });
  expect(stripeNotices.subjectOf(event('created', { payment_intent: null }))).toBeNull();
});

it('in one second money moves after what it moves for, and before the end', () => {
  const partBack = { ...PUT_BACK, amount: 300 };
  const ranks = [
    factOf('created'),
    factOf('funds_withdrawn'),
    factOf('funds_reinstated', { status: 'won' }),
    factOf('closed', { status: 'won' }),
    factOf('closed', { status: 'lost' }),
    factOf('funds_reinstated', { status: 'lost', balance_transactions: [TAKEN, partBack] }),
  ].map(({ rank }) => rank);
  expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
});

it.each<[string, Changes]>([
  ['a status of tomorrow', { status: 'constructor' }],
  ['no amount', { amount: null }],
  ['nothing', { amount: 0 }],
  ['no id', { id: null }],
  ['another object', { object: 'charge' }],
])('%s is ignored, and says why', (_name, changes) => {
  expect(newsOf('created', changes)).toEqual({
    kind: 'ignored',
    because: expect.stringMatching(/\w+/) as string,
    // money may have gone by it
    needsPerson: true,
  });
});
