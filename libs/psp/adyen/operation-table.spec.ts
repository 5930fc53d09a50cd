import type { OperationRequest } from '@tender/domain';
import type { ModificationReply } from './modification-reply';
import { readModification } from './modification-reply';
import { operationOutcomeOf } from './operation-outcome';
import type { OperationRow, OperationVerdict } from './operation-table';
import { OPERATION_ROWS, operationVerdictOf } from './operation-table';
import type { ReplyPattern } from './reply-table';
import {
  ATTEMPT_ID,
  error,
  expectProofsAsListed,
  failedReplyLike,
  OPERATION,
  received,
} from './scripted-adyen.fixture';

const answer = (json: Readonly<Record<string, unknown>>): ModificationReply => ({
  kind: 'modification',
  modification: readModification(json)!,
});

const exampleOf = (when: ReplyPattern): ModificationReply =>
  when.kind === 'modification' ? answer(received()) : failedReplyLike(when);

const said = (verdict: OperationVerdict): string =>
  verdict.kind === 'judge_modification' ? verdict.kind : `${verdict.kind} ${verdict.why}`;

describe('every row is reached: none is hidden behind an earlier one', () => {
  it.each(
    OPERATION_ROWS.map((row, index): [string, OperationRow] => [`${index} ${JSON.stringify(row.when)}`, row]),
  )('%s', (_name, row) => {
    expect(operationVerdictOf(exampleOf(row.when))).toBe(row.then);
  });
});

// Written from Adyen's docs ("Response handling", "API error codes", "API idempotency") without the table.
describe('what each reply means', () => {
  const validation = { errorType: 'validation' };
  const before = 'not_sent rejected_before_processing';
  it.each<[string, ModificationReply, string]>([
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
    ['proxy’s 502', { kind: 'unreadable', status: 502, detail: '' }, 'unknown server_error'],
    ['200 where 201 is due', { kind: 'unreadable', status: 200, detail: '' }, 'unknown unreadable_reply'],
    ['key in progress', error({ status: 409, ...validation, errorCode: '704' }), 'unknown key_in_progress'],
    ['the same as 422', error({ ...validation, errorCode: '704' }), 'unknown key_in_progress'],
    ['wrong API key', error({ status: 401, errorType: 'security', errorCode: '000' }), before],
    ['no amount', error({ ...validation, errorCode: '100' }), before],
    ['another currency', error({ ...validation, errorCode: '138' }), before],
    ['no such payment in this account', error({ ...validation, errorCode: '167' }), 'failed refused'],
    ['a stored card, of all things', error({ ...validation, errorCode: '800' }), 'unknown unlisted_reply'],
    ['a 422 of tomorrow', error({ ...validation, errorCode: '14_999' }), 'unknown unlisted_reply'],
    ['404', error({ status: 404, ...validation, errorCode: '000' }), 'unknown unlisted_reply'],
    ['too many requests', error({ status: 429, ...validation, errorCode: '29' }), 'unknown unlisted_reply'],
  ])('%s', (_name, reply, expected) => {
    expect(said(operationVerdictOf(reply))).toBe(expected);
  });
});

it('an error reply proves "not done" only in the listed combinations', () => {
  expectProofsAsListed(operationVerdictOf);
});

describe('an answer is believed only if it is about what was asked', () => {
  const byOwnReference: Partial<OperationRequest> = { kind: 'cancel', pspReference: null };
  const taken = { kind: 'pending', pspReference: 'WNS7WQ756L2GWR82' };
  const other = { kind: 'unknown', why: 'amount_mismatch', pspReference: 'WNS7WQ756L2GWR82' };
  it.each<[string, Readonly<Record<string, unknown>>, Partial<OperationRequest>, object]>([
    ['received is taken, and no more', {}, {}, taken],
    ['without our reference', { reference: undefined, amount: undefined }, {}, taken],
    [
      'by our own reference',
      { paymentPspReference: undefined, paymentReference: ATTEMPT_ID, amount: undefined },
      byOwnReference,
      taken,
    ],
    [
      'without a reference of its own',
      { pspReference: '' },
      {},
      { kind: 'unknown', why: 'unreadable_reply' },
    ],
    ['another status', { status: 'done' }, {}, { ...other, why: 'unlisted_reply' }],
    ['another operation', { reference: `${ATTEMPT_ID}-capture-2` }, {}, other],
    ['another payment', { paymentPspReference: 'KNBFXHZ7KTZG5S82' }, {}, other],
    ['another attempt', { paymentReference: 'att_2' }, byOwnReference, other],
    ['another amount', { amount: { currency: 'USD', value: 1098 } }, {}, other],
    ['another currency', { amount: { currency: 'EUR', value: 1099 } }, {}, other],
    ['half an amount', { amount: { value: 1099 } }, {}, other],
    [
      'a cancel that repeats some amount',
      { amount: { currency: 'EUR', value: 0 } },
      { kind: 'cancel' },
      taken,
    ],
  ])('%s', (_name, changes, asked, expected) => {
    const reply = answer(received(changes));
    expect(operationOutcomeOf(reply, { ...OPERATION, ...asked }, () => 0)).toMatchObject(expected);
  });

  it('amounts are compared in our units', () => {
    const rupiah = { ...OPERATION, currency: 'IDR', amountMinor: 1_500_000n };
    const says = (value: number) =>
      operationOutcomeOf(answer(received({ amount: { currency: 'IDR', value } })), rupiah, () => 0).kind;
    expect(says(15_000)).toBe('pending');
    expect(says(1_500_000)).toBe('unknown');
  });
});

it('a refusal keeps Adyen’s words and its time, or ours where it has none', () => {
  const reply = error({
    errorType: 'validation',
    errorCode: '167',
    message: 'Original pspReference required',
  });
  expect(operationOutcomeOf(reply, OPERATION, () => 0)).toEqual({
    kind: 'failed',
    why: 'refused',
    detail: 'HTTP 422 validation 167: Original pspReference required',
    pspReference: null,
    occurredAt: '1970-01-01T00:00:00.000Z',
  });
  const date = '2025-11-23T12:13:20.000Z';
  expect(operationOutcomeOf({ ...reply, date }, OPERATION, () => 0)).toMatchObject({ occurredAt: date });
});
