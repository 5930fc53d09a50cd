import * as fc from 'fast-check';
import { outcomeOf } from './outcome';
import type { OutcomeRow, Verdict } from './outcome-table';
import { OUTCOME_ROWS, RESULT_ROWS, VALIDATION_CODES, verdictOf } from './outcome-table';
import type { PaymentReply } from './payment-reply';
import { readPayment } from './payment-reply';
import type { ErrorReply } from './reply';
import type { ReplyPattern } from './reply-table';
import { error, failedReplyLike, payment, refusal, REQUEST } from './scripted-adyen.fixture';

const said = (verdict: Verdict): string =>
  verdict.kind === 'judge_payment' ? verdict.kind : `${verdict.kind} ${verdict.why}`;

const exampleOf = (when: ReplyPattern): PaymentReply =>
  when.kind === 'payment'
    ? { kind: 'payment', payment: readPayment(payment(), null)! }
    : failedReplyLike(when);

describe('every row is reached: none is hidden behind an earlier one', () => {
  it.each(
    OUTCOME_ROWS.map((row, index): [string, OutcomeRow] => [`${index} ${JSON.stringify(row.when)}`, row]),
  )('%s', (_name, row) => {
    expect(verdictOf(exampleOf(row.when))).toBe(row.then);
  });
});

// Written from Adyen's docs ("Response handling", "API error codes", "API idempotency") without the table.
describe('what each reply means', () => {
  const validation = { errorType: 'validation' };
  const security = { errorType: 'security' };
  const configuration = { errorType: 'configuration' };
  const before = 'not_sent rejected_before_processing';
  it.each<[string, PaymentReply, string]>([
    [
      'no connection',
      { kind: 'transport', failure: 'never_opened', detail: '' },
      'not_sent connection_refused',
    ],
    ['deadline', { kind: 'transport', failure: 'deadline', detail: '' }, 'unknown timeout'],
    ['reset', { kind: 'transport', failure: 'lost', detail: '' }, 'unknown connection_lost'],
    ['the SDK refused to send it', { kind: 'not_started' }, before],
    [
      'internal error',
      error({ status: 500, errorType: 'internal', errorCode: '903' }),
      'unknown server_error',
    ],
    ['wrong set-up', error({ status: 500, ...configuration, errorCode: '905' }), 'unknown server_error'],
    ['a resource is busy', error({ status: 503, ...validation, errorCode: '703' }), 'unknown server_error'],
    ['proxy’s 502', { kind: 'unreadable', status: 502, detail: '' }, 'unknown server_error'],
    ['200, not a result', { kind: 'unreadable', status: 200, detail: '' }, 'unknown unreadable_reply'],
    ['403 page', { kind: 'unreadable', status: 403, detail: '' }, 'unknown unreadable_reply'],
    ['key in progress', error({ status: 409, ...validation, errorCode: '704' }), 'unknown key_in_progress'],
    ['the same as 422', error({ status: 422, ...validation, errorCode: '704' }), 'unknown key_in_progress'],
    ['the same as 500', error({ status: 500, ...validation, errorCode: '704' }), 'unknown key_in_progress'],
    ['wrong API key', error({ status: 401, ...security, errorCode: '000' }), before],
    ['wrong merchant account', error({ status: 403, ...security, errorCode: '901' }), before],
    [
      '401 of another kind',
      error({ status: 401, ...validation, errorCode: '000' }),
      'unknown unlisted_reply',
    ],
    ['not to be parsed', error({ status: 400, ...validation, errorCode: '702' }), before],
    ['another 400', error({ status: 400, ...validation, errorCode: '703' }), 'unknown unlisted_reply'],
    ['no return address', error({ ...validation, errorCode: '14_030' }), before],
    ['no such stored card', error({ ...validation, errorCode: '800' }), before],
    ['no such currency', error({ ...validation, errorCode: '138' }), before],
    ['a 422 of tomorrow', error({ ...validation, errorCode: '14_999' }), 'unknown unlisted_reply'],
    ['a 422 without a code', error({ ...validation }), 'unknown unlisted_reply'],
    ['422 that is no validation', error({ ...configuration, errorCode: '800' }), 'unknown unlisted_reply'],
    ['too many requests', error({ status: 429, ...validation, errorCode: '29' }), 'unknown unlisted_reply'],
    ['a redirect', error({ status: 308, errorCode: '1' }), 'unknown unlisted_reply'],
  ])('%s', (_name, reply, expected) => {
    expect(said(verdictOf(reply))).toBe(expected);
  });
});

it('an error reply proves "not charged" only in the listed combinations', () => {
  const proofs = ({ status, errorType, errorCode }: ErrorReply): boolean =>
    errorCode !== '704' &&
    ((errorType === 'security' && (status === 401 || status === 403)) ||
      (errorType === 'validation' && status === 400 && errorCode === '702') ||
      (errorType === 'validation' && status === 422 && VALIDATION_CODES.includes(errorCode ?? '')));
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(400, 401, 403, 409, 422, 429, 500, 503), fc.integer({ min: 300, max: 599 })),
      fc.constantFrom('validation', 'security', 'configuration', 'internal', null),
      fc.constantFrom('000', '702', '703', '704', '901', '905', ...VALIDATION_CODES, null),
      (status, errorType, errorCode) => {
        const reply = error({ status, errorType, errorCode });
        expect(verdictOf(reply).kind !== 'unknown').toBe(proofs(reply));
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('a result is believed only if it is about what was asked', () => {
  const outcome = (json: object, asked: Partial<typeof REQUEST> = {}) =>
    outcomeOf({ kind: 'payment', payment: readPayment(json, null)! }, { ...REQUEST, ...asked }, () => 0);

  it.each<[string, object, object]>([
    ['Authorised', payment(), { kind: 'approved', captured: true, amountMinor: 1099n }],
    ['Received', payment({ resultCode: 'Received' }), { kind: 'pending', pspReference: 'NC6HT9CRT65ZGN82' }],
    ['Pending', payment({ resultCode: 'Pending' }), { kind: 'pending' }],
    [
      'RedirectShopper',
      payment({
        resultCode: 'RedirectShopper',
        action: { type: 'redirect', method: 'GET', url: 'https://acs' },
      }),
      { kind: 'action_required', action: { type: 'redirect', url: 'https://acs' } },
    ],
    [
      'a redirect by form',
      payment({
        resultCode: 'RedirectShopper',
        action: { type: 'redirect', method: 'POST', url: 'https://a' },
      }),
      { kind: 'unknown', why: 'unlisted_reply', pspReference: 'NC6HT9CRT65ZGN82' },
    ],
    ['a redirect to nowhere', payment({ resultCode: 'RedirectShopper' }), { kind: 'unknown' }],
    [
      'Refused',
      refusal('12', 'Not enough balance'),
      { kind: 'declined', decline: { code: 'insufficient_funds' } },
    ],
    [
      'Error',
      { ...refusal('4'), resultCode: 'Error' },
      { kind: 'declined', decline: { category: 'soft_decline' } },
    ],
    [
      'Cancelled',
      payment({ resultCode: 'Cancelled' }),
      { kind: 'declined', decline: { code: 'canceled_at_psp' } },
    ],
    ['a part', payment({ resultCode: 'PartiallyAuthorised' }), { kind: 'unknown', why: 'unlisted_reply' }],
    ['a step of another flow', payment({ resultCode: 'ChallengeShopper' }), { kind: 'unknown' }],
    [
      'a code of tomorrow',
      payment({ resultCode: 'constructor' }),
      { kind: 'unknown', why: 'unlisted_reply' },
    ],
    [
      'another amount',
      payment({ amount: { currency: 'USD', value: 1098 } }),
      { kind: 'unknown', why: 'amount_mismatch', pspReference: 'NC6HT9CRT65ZGN82' },
    ],
    ['another currency', payment({ amount: { currency: 'EUR', value: 1099 } }), { why: 'amount_mismatch' }],
    ['half an amount', payment({ amount: { currency: 'USD' } }), { why: 'amount_mismatch' }],
    ['another attempt', payment({ merchantReference: 'att_2' }), { why: 'amount_mismatch' }],
    ['another attempt’s refusal', { ...refusal('2'), merchantReference: 'att_2' }, { kind: 'unknown' }],
    ['no amount', payment({ amount: undefined }), { kind: 'unknown', why: 'unreadable_reply' }],
    ['no reference', payment({ merchantReference: undefined }), { kind: 'unknown', why: 'unreadable_reply' }],
    ['no pspReference', payment({ pspReference: '' }), { kind: 'unknown', why: 'unreadable_reply' }],
    ['pending, no pspReference', payment({ resultCode: 'Received', pspReference: 1 }), { kind: 'unknown' }],
    ['a last4 that is longer', payment({ additionalData: { cardSummary: '411111' } }), { card: null }],
  ])('%s', (_name, json, expected) => {
    expect(outcome(json)).toMatchObject(expected);
  });

  it('with manual capture, an authorisation took nothing yet', () => {
    expect(outcome(payment(), { captureMethod: 'manual' })).toMatchObject({
      kind: 'approved',
      captured: false,
    });
  });

  it('amounts are compared in our units', () => {
    const rupiah = { currency: 'IDR', amountMinor: 1_500_000n };
    expect(outcome(payment({ amount: { currency: 'IDR', value: 15_000 } }), rupiah).kind).toBe('approved');
    expect(outcome(payment({ amount: { currency: 'IDR', value: 1_500_000 } }), rupiah).kind).toBe('unknown');
  });

  it('no result code but those in the table means anything', () => {
    fc.assert(
      fc.property(fc.string(), (resultCode) => {
        fc.pre(!Object.hasOwn(RESULT_ROWS, resultCode) && resultCode !== '');
        expect(outcome(payment({ resultCode })).kind).toBe('unknown');
      }),
    );
  });
});
