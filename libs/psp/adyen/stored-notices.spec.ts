import * as fc from 'fast-check';
import type { Item } from './adyen-notice.fixture';
import {
  approvedItem,
  HMAC_KEY,
  MERCHANT_ACCOUNT,
  resultItem,
  signed,
  webhookOf,
} from './adyen-notice.fixture';
import { adyenNotices } from './notice-translator';
import { ATTEMPT_ID } from './scripted-adyen.fixture';
import type { AdyenNotice } from './stored-notices';
import { MAX_KEPT_TEXT_LENGTH, readAdyenNotices } from './stored-notices';

const read = (rawBody: string | Buffer, keys: readonly string[] = [HMAC_KEY]) =>
  readAdyenNotices({ rawBody, keys, merchantAccount: MERCHANT_ACCOUNT });

function storedOf(...items: readonly Item[]): readonly AdyenNotice[] {
  const answer = read(webhookOf(...items.map((item) => signed(item))));
  if (answer.kind !== 'notices') throw new Error(answer.kind);
  return answer.notices;
}

/** Of the same payment. */
const NEXT_ATTEMPT_ID = ATTEMPT_ID.replace(/1$/, '2');

const idOf = (item: Item): string | undefined => storedOf(item)[0]?.noticeId;

it('keeps of an item what is read, and nothing about the buyer or the card but its last digits', () => {
  const [notice] = storedOf(approvedItem());
  expect(notice?.fields).toEqual({
    merchantAccountCode: MERCHANT_ACCOUNT,
    eventCode: 'AUTHORISATION',
    success: 'true',
    pspReference: 'NC6HT9CRT65ZGN82',
    originalReference: null,
    merchantReference: ATTEMPT_ID,
    amount: { value: 1099, currency: 'USD' },
    eventDate: '2026-01-01T01:00:00+01:00',
    reason: null,
    paymentMethod: 'visa',
    additionalData: { 'modification.action': null, merchantAdviceCode: null, cardSummary: '1111' },
  });
});

it('finds the last digits in the reason, too', () => {
  expect(storedOf(approvedItem({ additionalData: {} }))[0]?.fields).toMatchObject({
    additionalData: { cardSummary: '1111' },
  });
  expect(storedOf(approvedItem({ additionalData: { cardSummary: '411111' } }))[0]?.fields).toMatchObject({
    additionalData: { cardSummary: null },
  });
});

it('keeps the reason of a refusal, without what looks like a card number', () => {
  const reason = `Refused ${'4111 '.repeat(4).trim()}`;
  expect(storedOf(approvedItem({ success: 'false', reason }))[0]?.fields.reason).toBe('Refused [number]');
});

it('every item of a batch is a notice, in order', () => {
  const codes = ['AUTHORISATION', 'CAPTURE', 'REPORT_AVAILABLE'];
  const stored = storedOf(
    approvedItem(),
    resultItem('CAPTURE', 'capture'),
    resultItem('REPORT_AVAILABLE', 'x'),
  );
  expect(stored.map(({ fields }) => fields.eventCode)).toEqual(codes);
});

describe('the id', () => {
  it('is the same whenever the notice is told again, alone or among others', () => {
    const [, second] = storedOf(approvedItem(), resultItem('CAPTURE', 'capture'));
    expect(idOf(resultItem('CAPTURE', 'capture'))).toBe(second?.noticeId);
    // what may differ from one delivery to the next is not kept
    expect(idOf({ ...resultItem('CAPTURE', 'capture'), operations: ['REFUND'] })).toBe(second?.noticeId);
  });

  it.each<[string, Item]>([
    ['a result that became another', { success: 'false' }],
    ['another event', { eventCode: 'CAPTURE_FAILED' }],
    ['another operation', { pspReference: 'KNBFXHZ7KTZG5S82' }],
    ['a capture that was taken up again', { reason: 'Transaction Recaptured' }],
    ['the same again, later', { eventDate: '2026-01-09T01:00:00+01:00' }],
    ['another amount', { amount: { currency: 'USD', value: 1098 } }],
    [
      'until when a dispute may be answered',
      { additionalData: { defensePeriodEndsAt: '2026-02-01T00:00:00Z' } },
    ],
    ['a dispute of another stage', { eventCode: 'SECOND_CHARGEBACK' }],
    ['what a reversal did', { additionalData: { 'modification.action': 'refund' } }],
  ])('is another for %s', (_name, change) => {
    expect(idOf(resultItem('CAPTURE', 'capture', change))).not.toBe(idOf(resultItem('CAPTURE', 'capture')));
  });
});

/** Everything that any translation looks at, each with a few values that mean something else. */
const MEANINGFUL: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  eventCode: fc.constantFrom('CAPTURE', 'CAPTURE_FAILED', 'CANCEL_OR_REFUND', 'CHARGEBACK', 'EXPIRE'),
  success: fc.constantFrom('true', 'false'),
  pspReference: fc.constantFrom('WNS7WQ756L2GWR82', 'KNBFXHZ7KTZG5S82'),
  originalReference: fc.constantFrom('NC6HT9CRT65ZGN82', undefined),
  merchantReference: fc.constantFrom(`${ATTEMPT_ID}-capture-1`, `${NEXT_ATTEMPT_ID}-capture-1`, ATTEMPT_ID),
  amount: fc.record({ currency: fc.constantFrom('USD', 'EUR'), value: fc.constantFrom(0, 1, 1099) }),
  eventDate: fc.constantFrom('2026-01-02T01:00:00+01:00', '2026-01-02T01:00:01+01:00'),
  reason: fc.constantFrom('', 'Transaction Recaptured', 'Transaction has expired'),
  additionalData: fc.record({
    'modification.action': fc.constantFrom('cancel', 'refund'),
    chargebackReasonCode: fc.constantFrom('10.4', '4853'),
  }),
};

it('lesson 25: two notices that mean different things never share an id, and one that is told again keeps its own', () => {
  const asked = {
    attemptId: ATTEMPT_ID,
    amountMinor: 1099n,
    currency: 'USD',
    captureMethod: 'manual',
  } as const;
  const changes = fc.record(MEANINGFUL);
  // two that differ in one field at the most: whichever field an id lacks, they show it
  const pair = fc
    .tuple(changes, changes, fc.constantFrom(...Object.keys(MEANINGFUL)))
    .map(([one, other, field]) =>
      [one, { ...one, [field]: other[field] }].map((each) => resultItem('CAPTURE', 'capture', each)),
    );
  const news = (one: Item) => {
    const { fields } = storedOf(one)[0]!;
    const said = [adyenNotices.subjectOf(fields), adyenNotices.translate(fields, asked)];
    return JSON.stringify(said, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  };
  fc.assert(
    fc.property(pair, fc.string(), ([one, other], note) => {
      expect(news(one!) === news(other!) || idOf(one!) !== idOf(other!)).toBe(true);
      expect(idOf({ ...one, operations: [note] })).toBe(idOf(one!));
    }),
    { numRuns: 2_000 },
  );
});

describe('a batch is refused as a whole', () => {
  const good = signed(approvedItem());
  it.each<[string, readonly unknown[], string]>([
    ['with one item that was changed', [good, { ...good, success: 'false' }], 'not_signed'],
    [
      'with one item by another key',
      [good, signed(approvedItem(), HMAC_KEY.replaceAll('4', '5'))],
      'not_signed',
    ],
    ['with one item without a signature', [approvedItem(), good], 'not_signed'],
    ['with something that is no item', [good, null], 'not_signed'],
    [
      'for another merchant account',
      [signed(approvedItem({ merchantAccountCode: 'Other' })), good],
      'not_ours',
    ],
    ['without an item', [], 'unreadable'],
    ['with an item of no event', [signed(approvedItem({ eventCode: '' })), good], 'unreadable'],
  ])('%s', (_name, items, kind) => {
    expect(read(webhookOf(...items)).kind).toBe(kind);
  });

  it.each(['', 'null', '[]', '{"notificationItems":{}}', '<html>'])('when it is %j', (body) => {
    expect(read(body).kind).toBe('unreadable');
  });

  it('and without a key nobody is Adyen', () => {
    expect(read(webhookOf(good), []).kind).toBe('not_signed');
    expect(read(webhookOf(good), ['']).kind).toBe('not_signed');
  });
});

it('either key will do during a rotation, and bytes are as good as text', () => {
  const body = webhookOf(signed(approvedItem()));
  expect(read(Buffer.from(body), [HMAC_KEY.replaceAll('4', '5'), HMAC_KEY]).kind).toBe('notices');
});

it('keeps a text at the limit, and none beyond it', () => {
  const kept = (length: number) =>
    storedOf(approvedItem({ merchantReference: 'r'.repeat(length) }))[0]?.fields.merchantReference;
  expect(kept(MAX_KEPT_TEXT_LENGTH)).toHaveLength(MAX_KEPT_TEXT_LENGTH);
  expect(kept(MAX_KEPT_TEXT_LENGTH + 1)).toBeNull();
});

it('whatever arrives is answered', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.array(fc.anything()).map(webhookOf)), (body) => {
      expect(read(body).kind).not.toBe('notices');
    }),
  );
});
