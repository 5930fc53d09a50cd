import type { DisputeFact, NewsAsked, PspNews } from '@tender/domain';
import type { Item } from './adyen-notice.fixture';
import { fieldsOf, resultItem } from './adyen-notice.fixture';
import { adyenNotices } from './notice-translator';
import { ATTEMPT_ID } from './scripted-adyen.fixture';

const ASKED: NewsAsked = {
  attemptId: ATTEMPT_ID,
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
};

const disputeItem = (eventCode: string, changes: Item = {}): Item =>
  resultItem(eventCode, 'x', {
    merchantReference: ATTEMPT_ID,
    reason: 'Other Fraud-Card Absent Environment',
    additionalData: {
      chargebackReasonCode: '10.4',
      chargebackSchemeCode: 'visa',
      defensePeriodEndsAt: '2026-02-01T00:00:00+01:00',
      defendable: 'true',
      shopperEmail: 'j@doe.example',
    },
    ...changes,
  });
const newsOf = (item: Item): PspNews => adyenNotices.translate(fieldsOf(item), ASKED);
const factOf = (item: Item): DisputeFact => {
  const news = newsOf(item);
  if (news.kind !== 'dispute') throw new Error(JSON.stringify(news));
  return news.fact;
};

// Written from Adyen's docs ("Dispute webhooks", "Dispute flow") without the table.
it.each([
  ['REQUEST_FOR_INFORMATION', 'inquiry_opened'],
  ['NOTIFICATION_OF_CHARGEBACK', 'opened'],
  ['CHARGEBACK', 'funds_withdrawn'],
  ['INFORMATION_SUPPLIED', 'under_review'],
  ['CHARGEBACK_REVERSED', 'funds_reinstated'],
  ['SECOND_CHARGEBACK', 'lost'],
  ['ISSUER_RESPONSE_TIMEFRAME_EXPIRED', 'won'],
  ['PREARBITRATION_WON', 'won'],
  ['PREARBITRATION_LOST', 'lost'],
  ['SCHEME_ARBITRATION_WON', 'won'],
  ['SCHEME_ARBITRATION_LOST', 'lost'],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', 'lost'],
])('%s: %s', (eventCode, stage) => {
  expect(factOf(disputeItem(eventCode)).stage).toBe(stage);
});

// "At this stage, no money is withdrawn from your account" (Adyen docs, "Dispute flow"): a chargeback that follows says so itself
it('a request for information that nobody answered in time loses nothing', () => {
  const additionalData = { rfiReasonCode: '30', rfiSchemeCode: 'visa' };
  expect(factOf(disputeItem('DISPUTE_DEFENSE_PERIOD_ENDED', { additionalData })).stage).toBe(
    'inquiry_closed',
  );
});

it('tells amount, reason, the scheme’s code, until when and since when; the fee is in the report', () => {
  expect(factOf(disputeItem('NOTIFICATION_OF_CHARGEBACK'))).toEqual({
    disputeReference: 'WNS7WQ756L2GWR82',
    paymentReference: 'NC6HT9CRT65ZGN82',
    stage: 'opened',
    amountMinor: 1099n,
    currency: 'USD',
    fee: null,
    reason: 'Other Fraud-Card Absent Environment',
    networkReasonCode: '10.4',
    evidenceDueBy: '2026-01-31T23:00:00.000Z',
    occurredAt: '2026-01-02T00:00:00.000Z',
    rank: 2,
  });
});

it('keeps of a dispute nothing about a person', () => {
  expect(JSON.stringify(fieldsOf(disputeItem('CHARGEBACK')))).not.toContain('doe');
});

it('of one dispute the words of one second have an order: money moves before the end', () => {
  const ranks = ['NOTIFICATION_OF_CHARGEBACK', 'CHARGEBACK', 'CHARGEBACK_REVERSED', 'SECOND_CHARGEBACK'].map(
    (eventCode) => factOf(disputeItem(eventCode)).rank,
  );
  expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
});

it('may be of a part, and in another currency than the payment', () => {
  expect(factOf(disputeItem('CHARGEBACK', { amount: { currency: 'EUR', value: 500 } }))).toMatchObject({
    amountMinor: 500n,
    currency: 'EUR',
  });
});

it.each([
  ['nothing', { currency: 'USD', value: 0 }],
  ['no currency', { value: 1099 }],
])('of %s is none, and says so', (_name, amount) => {
  const item = { ...fieldsOf(disputeItem('CHARGEBACK')), amount };
  expect(adyenNotices.translate(item, ASKED)).toMatchObject({ kind: 'ignored', needsPerson: true });
});

it('of another attempt says nothing of this one', () => {
  expect(
    adyenNotices.translate(fieldsOf(disputeItem('CHARGEBACK')), { ...ASKED, attemptId: 'att_2' }).kind,
  ).toBe('ignored');
});
