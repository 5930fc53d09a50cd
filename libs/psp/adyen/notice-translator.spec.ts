import type { NewsAsked, PspNews } from '@tender/domain';
import * as fc from 'fast-check';
import type { Item } from './adyen-notice.fixture';
import { approvedItem, fieldsOf, resultItem } from './adyen-notice.fixture';
import { failureOf, NOTICE_ROWS } from './notice-table';
import { adyenNotices } from './notice-translator';
import { ATTEMPT_ID } from './scripted-adyen.fixture';

const ASKED: NewsAsked = {
  attemptId: ATTEMPT_ID,
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'manual',
};

const newsOf = (item: Item, asked: Partial<NewsAsked> = {}): PspNews =>
  adyenNotices.translate(fieldsOf(item), { ...ASKED, ...asked });

const authorization = (outcome: object) => ({ kind: 'authorization', outcome });
const operation = (kind: string, outcome: object) => ({
  kind: 'operation',
  operation: kind,
  pspReference: 'WNS7WQ756L2GWR82',
  outcome: { pspReference: 'WNS7WQ756L2GWR82', ...outcome },
});

const NOT_SUCCESSFUL = { success: 'false' };
const OF_A_CANCEL = { currency: 'EUR', value: 0 };
const NOT_FOUND = {
  ...NOT_SUCCESSFUL,
  reason: 'Transaction not found',
  amount: OF_A_CANCEL,
  originalReference: undefined,
};

describe('what each event proves', () => {
  it.each<[string, Item, object]>([
    [
      'an approval',
      approvedItem(),
      authorization({
        kind: 'approved',
        pspReference: 'NC6HT9CRT65ZGN82',
        amountMinor: 1099n,
        captured: false,
        card: { brand: 'visa', last4: '1111' },
        occurredAt: '2026-01-01T00:00:00.000Z',
      }),
    ],
    [
      'a refusal',
      approvedItem({ ...NOT_SUCCESSFUL, reason: 'Not enough balance' }),
      authorization({
        kind: 'declined',
        pspReference: 'NC6HT9CRT65ZGN82',
        decline: { code: 'insufficient_funds', category: 'soft_decline', pspCode: '12 Not enough balance' },
        occurredAt: '2026-01-01T00:00:00.000Z',
      }),
    ],
    [
      'a capture',
      resultItem('CAPTURE', 'capture'),
      operation('capture', {
        kind: 'succeeded',
        amountMinor: 1099n,
        occurredAt: '2026-01-02T00:00:00.000Z',
      }),
    ],
    [
      'a part of a capture',
      resultItem('CAPTURE', 'capture', { amount: { currency: 'USD', value: 500 } }),
      operation('capture', { kind: 'succeeded', amountMinor: 500n }),
    ],
    [
      'a capture that was refused',
      resultItem('CAPTURE', 'capture', { ...NOT_SUCCESSFUL, reason: 'Insufficient balance on payment' }),
      operation('capture', {
        kind: 'failed',
        why: 'refused',
        detail: 'CAPTURE: Insufficient balance on payment',
        occurredAt: '2026-01-02T00:00:00.000Z',
      }),
    ],
    [
      'a capture that the scheme gave back',
      resultItem('CAPTURE_FAILED', 'capture', { reason: 'Capture expired' }),
      operation('capture', { kind: 'failed', why: 'refused', detail: 'CAPTURE_FAILED: Capture expired' }),
    ],
    [
      'a capture that was taken up again',
      resultItem('CAPTURE', 'capture', { reason: 'Transaction Recaptured' }),
      operation('capture', { kind: 'succeeded', amountMinor: 1099n }),
    ],
    [
      'a cancel',
      resultItem('CANCELLATION', 'cancel'),
      operation('cancel', { kind: 'succeeded', amountMinor: null }),
    ],
    [
      'a cancel of nothing that is left',
      resultItem('CANCELLATION', 'cancel', {
        ...NOT_SUCCESSFUL,
        reason: 'Transaction has already been cancelled',
      }),
      operation('cancel', { kind: 'failed', why: 'already_canceled' }),
    ],
    [
      'a cancel by our own reference',
      resultItem('TECHNICAL_CANCEL', 'cancel', { amount: OF_A_CANCEL }),
      operation('cancel', { kind: 'succeeded', amountMinor: null }),
    ],
    [
      'a cancel of what nobody knows',
      resultItem('TECHNICAL_CANCEL', 'cancel', NOT_FOUND),
      operation('cancel', { kind: 'failed', why: 'not_found' }),
    ],
    [
      'a cancel that came too late',
      resultItem('TECHNICAL_CANCEL', 'cancel', {
        ...NOT_SUCCESSFUL,
        reason: 'Transaction has been captured',
      }),
      operation('cancel', { kind: 'failed', why: 'already_captured' }),
    ],
    [
      'a cancel without a reason',
      resultItem('TECHNICAL_CANCEL', 'cancel', NOT_SUCCESSFUL),
      operation('cancel', { kind: 'failed', why: 'refused', detail: 'TECHNICAL_CANCEL: no reason' }),
    ],
    [
      'a reversal that was a cancel',
      resultItem('CANCEL_OR_REFUND', 'reversal', { additionalData: { 'modification.action': 'cancel' } }),
      operation('reversal', { kind: 'succeeded', amountMinor: null }),
    ],
    [
      'a reversal that was a refund',
      resultItem('CANCEL_OR_REFUND', 'reversal', { additionalData: { 'modification.action': 'refund' } }),
      operation('reversal', { kind: 'succeeded', amountMinor: 1099n }),
    ],
    [
      'a reversal of nobody knows which kind',
      resultItem('CANCEL_OR_REFUND', 'reversal'),
      operation('reversal', { kind: 'unknown', why: 'unlisted_reply' }),
    ],
    [
      'a reversal that was refused',
      resultItem('CANCEL_OR_REFUND', 'reversal', { ...NOT_SUCCESSFUL, reason: 'No' }),
      operation('reversal', { kind: 'failed', why: 'refused' }),
    ],
    [
      'an authorisation that Adyen let go',
      resultItem('EXPIRE', 'x', { merchantReference: ATTEMPT_ID }),
      { kind: 'expired', pspReference: 'NC6HT9CRT65ZGN82', occurredAt: '2026-01-02T00:00:00.000Z' },
    ],
    [
      'the same without an original reference',
      approvedItem({ eventCode: 'EXPIRE', reason: '' }),
      { kind: 'expired', pspReference: 'NC6HT9CRT65ZGN82' },
    ],
  ])('%s', (_name, item, news) => {
    expect(newsOf(item)).toMatchObject(news);
  });

  it('names the payment that it was done to, where Adyen found one', () => {
    const named = 'NC6HT9CRT65ZGN82';
    expect(newsOf(resultItem('TECHNICAL_CANCEL', 'cancel'))).toMatchObject({ paymentReference: named });
    expect(newsOf(resultItem('CAPTURE_FAILED', 'capture'))).toMatchObject({ paymentReference: named });
    const unknown = resultItem('TECHNICAL_CANCEL', 'cancel', NOT_FOUND);
    expect(newsOf(unknown)).toMatchObject({ paymentReference: null });
  });

  it('with automatic capture an approval took the money, as a reply’s did', () => {
    expect(newsOf(approvedItem(), { captureMethod: 'automatic' })).toMatchObject(
      authorization({ kind: 'approved', captured: true }),
    );
  });

  it.each([
    'REFUND',
    'REFUND_FAILED',
    'REFUNDED_REVERSED',
    'NOTIFICATION_OF_FRAUD',
    'OFFER_CLOSED',
    'constructor',
  ])('%s is ignored, and says why', (eventCode) => {
    for (const success of ['true', 'false']) {
      const news = newsOf(resultItem(eventCode, 'capture', { success }));
      expect(news).toMatchObject({ kind: 'ignored', because: expect.stringMatching(/\w+/) as string });
    }
  });

  it.each(['REFUND_FAILED', 'REFUNDED_REVERSED'])(
    '%s of a reversal takes back what the reversal had given',
    (eventCode) => {
      expect(newsOf(resultItem(eventCode, 'reversal'))).toMatchObject({
        ...operation('reversal', { kind: 'failed', why: 'refused' }),
        rank: 2,
      });
      // made by hand: under the payment's own reference
      expect(newsOf(resultItem(eventCode, 'x', { merchantReference: ATTEMPT_ID })).kind).toBe('ignored');
    },
  );

  it('a refund that was made in the Customer Area needs a person, unless none was made', () => {
    const byHand = (success: string): Item =>
      resultItem('REFUND', 'x', { merchantReference: ATTEMPT_ID, success });
    expect(newsOf(byHand('true'))).toMatchObject({ kind: 'ignored', needsPerson: true });
    expect(newsOf(byHand('false'))).not.toHaveProperty('needsPerson');
  });

  it('a capture that failed and was captured again in one second has succeeded in the end', () => {
    const told = [
      resultItem('CAPTURE', 'capture', { reason: 'Transaction Recaptured' }),
      resultItem('CAPTURE_FAILED', 'capture', { reason: 'Capture Failed' }),
      resultItem('CAPTURE', 'capture'),
    ].map((item) => newsOf(item));
    const ranked = told.map((news) => (news.kind === 'operation' ? [news.rank, news.outcome.kind] : []));
    expect(ranked).toEqual([
      [3, 'succeeded'],
      [2, 'failed'],
      [1, 'succeeded'],
    ]);
  });

  it.each(['CAPTURE_FAILED', 'EXPIRE', 'CHARGEBACK', 'SECOND_CHARGEBACK'])(
    'a %s that did not succeed is ignored',
    (eventCode) => {
      expect(newsOf(resultItem(eventCode, 'capture', NOT_SUCCESSFUL)).kind).toBe('ignored');
    },
  );
});

describe('whose notice it is', () => {
  it.each([
    ['an attempt’s id', ATTEMPT_ID, ATTEMPT_ID],
    ['an operation’s id', `${ATTEMPT_ID}-capture-12`, ATTEMPT_ID],
    ['a key of a payment', `${ATTEMPT_ID}-authorize-1`, ATTEMPT_ID],
    ['somebody else’s reference', 'order-17', null],
    ['one that looks like ours', `${ATTEMPT_ID}0`, null],
    ['an attempt of no number', `${ATTEMPT_ID.slice(0, -2)}00`, null],
    ['none', undefined, null],
  ])('%s', (_name, merchantReference, attemptId) => {
    expect(adyenNotices.subjectOf(fieldsOf(approvedItem({ merchantReference })))).toStrictEqual(
      attemptId === null ? null : { kind: 'attempt', attemptId },
    );
  });

  it('a notice about another attempt is no news of this one', () => {
    const other = `${ATTEMPT_ID.slice(0, -2)}02`;
    expect(newsOf(approvedItem({ merchantReference: other })).kind).toBe('ignored');
    expect(newsOf(approvedItem(), { attemptId: other }).kind).toBe('ignored');
  });

  it('an approval under an operation’s reference approves no attempt', () => {
    expect(newsOf(approvedItem({ merchantReference: `${ATTEMPT_ID}-capture-1` }))).toMatchObject(
      authorization({ kind: 'unknown', why: 'amount_mismatch' }),
    );
  });
});

describe('an amount that contradicts proves nothing', () => {
  const other = { kind: 'unknown', why: 'amount_mismatch' };
  const amount = (currency: string, value: number) => ({ amount: { currency, value } });
  it.each<[string, Item, object]>([
    ['approved: less', approvedItem(amount('USD', 1098)), authorization(other)],
    ['approved: another currency', approvedItem(amount('EUR', 1099)), authorization(other)],
    ['refused: more', approvedItem({ ...amount('USD', 1100), ...NOT_SUCCESSFUL }), authorization(other)],
    ['captured: more', resultItem('CAPTURE', 'capture', amount('USD', 1100)), operation('capture', other)],
    ['captured: nothing', resultItem('CAPTURE', 'capture', amount('USD', 0)), operation('capture', other)],
    [
      'captured: less than nothing',
      resultItem('CAPTURE', 'capture', amount('USD', -1)),
      operation('capture', other),
    ],
    [
      'captured: another currency',
      resultItem('CAPTURE', 'capture', amount('EUR', 1099)),
      operation('capture', other),
    ],
    [
      'failed: another currency',
      resultItem('CAPTURE_FAILED', 'capture', amount('EUR', 9)),
      operation('capture', other),
    ],
    [
      'canceled: another currency',
      resultItem('CANCELLATION', 'cancel', amount('EUR', 1099)),
      operation('cancel', other),
    ],
  ])('%s', (_name, item, news) => {
    expect(newsOf(item)).toMatchObject(news);
  });

  it('but a capture may have failed for being too much', () => {
    expect(
      newsOf(resultItem('CAPTURE', 'capture', { ...amount('USD', 1100), ...NOT_SUCCESSFUL })),
    ).toMatchObject(operation('capture', { kind: 'failed', why: 'refused' }));
  });

  it('and lets nothing expire', () => {
    expect(newsOf(resultItem('EXPIRE', 'x', amount('EUR', 1099))).kind).toBe('ignored');
  });

  // Adyen docs, "Currency codes"
  it.each([
    ['IDR', 15_000, 1_500_000n],
    ['CVE', 300, 30_000n],
    ['CLP', 700, 7n],
    ['ISK', 500, 5n],
    ['KWD', 1_011, 1_011n],
  ])('amounts are compared in our units: %s %d', (currency, value, amountMinor) => {
    const asked = { currency, amountMinor };
    expect(newsOf(resultItem('CAPTURE', 'capture', amount(currency, value)), asked)).toMatchObject(
      operation('capture', { kind: 'succeeded', amountMinor }),
    );
    expect(newsOf(approvedItem(amount(currency, value)), asked)).toMatchObject(
      authorization({ kind: 'approved', amountMinor }),
    );
    expect(newsOf(approvedItem(amount(currency, value * 100)), asked)).toMatchObject(authorization(other));
  });
});

describe('the time is Adyen’s, in UTC', () => {
  it.each([
    ['2026-07-01T02:00:00+02:00', '2026-07-01T00:00:00.000Z'],
    ['2026-07-01T02:00:00.121-05:00', '2026-07-01T07:00:00.121Z'],
    ['2026-07-01T02:00:00Z', '2026-07-01T02:00:00.000Z'],
  ])('%s', (eventDate, occurredAt) => {
    expect(newsOf(approvedItem({ eventDate }))).toMatchObject(authorization({ occurredAt }));
  });

  it.each(['2026-07-01T02:00:00', '2026-07-01', 'yesterday', undefined])(
    'news of nobody knows when are none: %s',
    (eventDate) => {
      expect(newsOf(approvedItem({ eventDate })).kind).toBe('ignored');
    },
  );
});

// the simulator's words and the plain forms of them; Adyen documents no list
it.each([
  ['Transaction not found', 'not_found'],
  ['Original payment was not found', 'not_found'],
  ['Currency not found for transaction', 'refused'],
  ['Transaction has been captured', 'already_captured'],
  ['Already captured', 'already_captured'],
  ['Payment is already captured', 'already_captured'],
  ["Transaction hasn't been captured, refund not possible", 'refused'],
  ['Transaction has not been captured', 'refused'],
  ['Transaction has already been cancelled', 'already_canceled'],
  ['Authorisation canceled', 'already_canceled'],
  ['Transaction could not be cancelled', 'refused'],
  ['Transaction has not been cancelled', 'refused'],
  ['Authorisation expired', 'expired'],
  ['Capture expired', 'refused'],
  ['Insufficient balance on payment', 'refused'],
  ['Transaction is not authorised', 'not_authorized'],
  ['', 'refused'],
])('a failure for %j is %s', (reason, why) => {
  expect(failureOf(reason, false)).toBe(why);
});

it('what Adyen can name was found, whatever it says', () => {
  expect(failureOf('Transaction not found', true)).toBe('refused');
  expect(
    newsOf(resultItem('TECHNICAL_CANCEL', 'cancel', { ...NOT_FOUND, originalReference: 'NC6HT9CRT65ZGN82' })),
  ).toMatchObject(operation('cancel', { kind: 'failed', why: 'refused' }));
});

it('no event without "success" proves anything, and no stored notice stops its reader', () => {
  const eventCode = fc.constantFrom(...Object.keys(NOTICE_ROWS), 'CHARGEBACK', '__proto__');
  fc.assert(
    fc.property(eventCode, fc.anything(), fc.object(), (code, success, rest) => {
      fc.pre(success !== 'true' && success !== 'false');
      const fields = { ...rest, eventCode: code, success, merchantReference: ATTEMPT_ID };
      expect(adyenNotices.translate(fields, ASKED).kind).toBe('ignored');
    }),
  );
  fc.assert(
    fc.property(fc.object(), fc.constantFrom('true', 'false'), eventCode, (rest, success, code) => {
      const news = adyenNotices.translate({ ...rest, success, eventCode: code }, ASKED);
      expect(['authorization', 'operation', 'expired', 'ignored']).toContain(news.kind);
    }),
  );
});
