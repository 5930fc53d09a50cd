import type { NewsAsked, NoticeFields, PspNews } from '@tender/domain';
import { STRIPE_EVENT_TYPES, stripeNotices } from './notice-translator';
import { CREATED_S, intent, refund } from './scripted-stripe.fixture';

const TOLD_S = CREATED_S + 600;
const OCCURRED_AT = new Date(TOLD_S * 1000).toISOString();
const ASKED: NewsAsked = {
  attemptId: 'att_1',
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
};
const MANUAL: NewsAsked = { ...ASKED, captureMethod: 'manual' };

const event = (type: string, object: unknown): NoticeFields => ({
  id: 'evt_1',
  object: 'event',
  type,
  created: TOLD_S,
  data: { object },
});
/** In an event the charge is an id. */
const told = (changes: Readonly<Record<string, unknown>> = {}) =>
  intent({ latest_charge: 'ch_1', ...changes });
const charge = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: 'ch_1',
  object: 'charge',
  amount: 1099,
  amount_captured: 1000,
  captured: true,
  currency: 'usd',
  metadata: { attempt: 'att_1' },
  payment_intent: 'pi_1',
  ...changes,
});

/** `authorization approved`, `operation capture succeeded`, … */
const said = (news: PspNews): string => {
  const operation = news.kind === 'operation' ? ` ${news.operation}` : '';
  const outcome = 'outcome' in news ? ` ${news.outcome.kind}` : '';
  const why = 'outcome' in news && 'why' in news.outcome ? ` ${news.outcome.why}` : '';
  return `${news.kind}${operation}${outcome}${why}`;
};

const refused = {
  status: 'requires_payment_method',
  last_payment_error: { code: 'card_declined', decline_code: 'lost_card' },
};
const redirect = { type: 'redirect_to_url', redirect_to_url: { url: 'https://acs' } };
const held = { status: 'requires_capture', amount_capturable: 1099, amount_received: 0 };

describe('what each event says', () => {
  it.each<[string, string, unknown, NewsAsked, string]>([
    [
      'processing',
      'payment_intent.processing',
      told({ status: 'processing' }),
      ASKED,
      'authorization pending',
    ],
    [
      'an action',
      'payment_intent.requires_action',
      told({ status: 'requires_action', next_action: redirect }),
      ASKED,
      'authorization action_required',
    ],
    ['held', 'payment_intent.amount_capturable_updated', told(held), MANUAL, 'authorization approved'],
    ['charged', 'payment_intent.succeeded', told(), ASKED, 'authorization approved'],
    ['captured later', 'payment_intent.succeeded', told(), MANUAL, 'operation capture succeeded'],
    [
      'captured in part',
      'payment_intent.succeeded',
      told({ amount_received: 500 }),
      MANUAL,
      'operation capture succeeded',
    ],
    ['refused', 'payment_intent.payment_failed', told(refused), ASKED, 'authorization declined'],
    [
      'canceled',
      'payment_intent.canceled',
      told({ status: 'canceled' }),
      MANUAL,
      'operation cancel succeeded',
    ],
    [
      'expired',
      'payment_intent.canceled',
      told({ status: 'canceled', cancellation_reason: 'automatic' }),
      MANUAL,
      'expired',
    ],
    ['captured, of the charge', 'charge.captured', charge(), MANUAL, 'operation capture succeeded'],
    ['expired, of the charge', 'charge.expired', charge({ captured: false }), MANUAL, 'expired'],
    ['something was refunded', 'charge.refunded', charge(), ASKED, 'ignored'],
    ['refunded', 'refund.created', refund(), ASKED, 'operation reversal succeeded'],
    [
      'a refund is under way',
      'refund.created',
      refund({ status: 'pending' }),
      ASKED,
      'operation reversal pending',
    ],
    ['a refund has come', 'refund.updated', refund(), ASKED, 'operation reversal succeeded'],
    [
      'a refund has failed',
      'refund.failed',
      refund({ status: 'failed' }),
      ASKED,
      'operation reversal failed refused',
    ],
    ['the same by its older name', 'charge.refund.updated', refund(), ASKED, 'operation reversal succeeded'],
    [
      'a refund by somebody else',
      'refund.created',
      refund({ metadata: { attempt: 'att_1' } }),
      ASKED,
      'ignored',
    ],
    ['an event of tomorrow', 'payment_intent.partially_funded', told(), ASKED, 'ignored'],
    ['no event at all', 'constructor', told(), ASKED, 'ignored'],
  ])('%s: %s', (_name, type, object, asked, expected) => {
    expect(said(stripeNotices.translate(event(type, object), asked))).toBe(expected);
  });

  it('every type that is subscribed to is among them', () => {
    expect(STRIPE_EVENT_TYPES).toHaveLength(18);
  });
});

describe('an event is believed only if it is about what was asked', () => {
  it.each<[string, string, unknown, NewsAsked, string]>([
    [
      'another amount',
      'payment_intent.succeeded',
      told({ amount: 1 }),
      ASKED,
      'authorization unknown amount_mismatch',
    ],
    [
      'less received',
      'payment_intent.succeeded',
      told({ amount_received: 1 }),
      ASKED,
      'authorization unknown amount_mismatch',
    ],
    [
      'another currency',
      'payment_intent.canceled',
      told({ status: 'canceled', currency: 'eur' }),
      MANUAL,
      'authorization unknown amount_mismatch',
    ],
    [
      'nothing captured',
      'payment_intent.succeeded',
      told({ amount_received: 0 }),
      MANUAL,
      'operation capture unknown amount_mismatch',
    ],
    [
      'a charge in another currency',
      'charge.captured',
      charge({ currency: 'eur' }),
      MANUAL,
      'operation capture unknown amount_mismatch',
    ],
    ['a charge that is only held', 'charge.captured', charge({ captured: false }), MANUAL, 'ignored'],
    [
      'a refund in another currency',
      'refund.created',
      refund({ currency: 'eur' }),
      ASKED,
      'operation reversal unknown amount_mismatch',
    ],
    [
      'the name says more than the intent',
      'payment_intent.succeeded',
      told(held),
      ASKED,
      'authorization approved',
    ],
    [
      'another attempt',
      'payment_intent.succeeded',
      told({ metadata: { attempt: 'att_2' } }),
      ASKED,
      'ignored',
    ],
    ['nobody’s', 'charge.captured', charge({ metadata: {} }), MANUAL, 'ignored'],
    ['another object', 'payment_intent.succeeded', charge(), ASKED, 'ignored'],
  ])('%s', (_name, type, object, asked, expected) => {
    expect(said(stripeNotices.translate(event(type, object), asked))).toBe(expected);
  });
});

it('the time of a fact is the event’s, the amounts are ISO 4217 minor units', () => {
  expect(stripeNotices.translate(event('charge.captured', charge()), MANUAL)).toEqual({
    kind: 'operation',
    operation: 'capture',
    pspReference: 'pi_1',
    paymentReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: 1000n, occurredAt: OCCURRED_AT },
  });
  for (const [type, object] of [
    ['payment_intent.succeeded', told()],
    ['payment_intent.payment_failed', told(refused)],
    ['refund.updated', refund()],
  ] as const) {
    expect(stripeNotices.translate(event(type, object), ASKED)).toMatchObject({
      outcome: { occurredAt: OCCURRED_AT },
    });
  }
});

it('an event without a time, or with one that no calendar has, says nothing', () => {
  const never = { ...event('payment_intent.succeeded', told()), created: Number.MAX_SAFE_INTEGER };
  expect(stripeNotices.translate(never, ASKED).kind).toBe('ignored');
  const timeless = { ...event('payment_intent.succeeded', told()), created: null };
  expect(stripeNotices.translate(timeless, ASKED).kind).toBe('ignored');
});

// what is made in the dashboard has no metadata, and the refund tells of its payment alone
it('a refund that nobody here has asked for is told of the charge, once, and needs a person', () => {
  const byHand = refund({ metadata: {} });
  const unasked = { kind: 'ignored', needsPerson: true };
  for (const type of ['refund.created', 'refund.failed']) {
    expect(stripeNotices.subjectOf(event(type, byHand))).toEqual({ kind: 'charge', pspReference: 'pi_1' });
    expect(stripeNotices.translate(event(type, byHand), ASKED)).toMatchObject(unasked);
  }
  expect(stripeNotices.subjectOf(event('refund.updated', byHand))).toBeNull();
  expect(
    stripeNotices.subjectOf(event('refund.created', refund({ metadata: {}, payment_intent: null }))),
  ).toBeNull();
  const half = refund({ metadata: { attempt: 'att_1' } });
  expect(stripeNotices.translate(event('refund.created', half), ASKED)).toMatchObject(unasked);
});

it('the attempt is in the metadata of whatever it is about', () => {
  for (const object of [told(), charge(), refund()]) {
    expect(stripeNotices.subjectOf(event('x', object))).toStrictEqual({
      kind: 'attempt',
      attemptId: 'att_1',
    });
  }
  for (const fields of [{}, { data: null }, event('x', { metadata: { attempt: 1 } }), event('x', 'text')]) {
    expect(stripeNotices.subjectOf(fields)).toBeNull();
  }
});
