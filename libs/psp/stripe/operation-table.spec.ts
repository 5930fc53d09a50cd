import type { OperationOutcome, OperationRequest } from '@tender/domain';
import * as fc from 'fast-check';
import { askedBy, judgeCancel, judgeCapture, judgeReversal, operationOutcome } from './operation-outcome';
import { CANCEL_ROWS, CAPTURE_ROWS, REVERSAL_ROWS, type OperationRow } from './operation-table';
import type { Reply } from './reply';
import { readIntent } from './reply';
import { PARAMETER_CODES, verdictIn } from './reply-table';
import { error, exampleOf, intentReply, refundReply, said } from './reply.fixture';
import { CREATED_S, intent, OPERATION, refund } from './scripted-stripe.fixture';

const TABLES: readonly (readonly [string, readonly OperationRow[]])[] = [
  ['capture', CAPTURE_ROWS],
  ['cancel', CANCEL_ROWS],
  ['reversal', REVERSAL_ROWS],
];
const HEARD_MS = 0;
const REVERSAL: OperationRequest = {
  ...OPERATION,
  kind: 'reversal',
  operationId: 'att_1-reversal-1',
  captured: true,
};

const carried = (reply: Reply) => (reply.kind === 'intent' || reply.kind === 'error' ? reply.intent : null);
const heard = {
  capture: (reply: Reply): OperationOutcome =>
    operationOutcome(
      reply,
      CAPTURE_ROWS,
      (one, at) => {
        const seen = carried(one);
        return seen && judgeCapture(seen, askedBy(OPERATION), at);
      },
      () => HEARD_MS,
    ),
  cancel: (reply: Reply): OperationOutcome =>
    operationOutcome(
      reply,
      CANCEL_ROWS,
      (one, at) => {
        const seen = carried(one);
        return seen && judgeCancel(seen, askedBy(OPERATION), at);
      },
      () => HEARD_MS,
    ),
  refund: (reply: Reply): OperationOutcome =>
    operationOutcome(
      reply,
      REVERSAL_ROWS,
      (one, at) => (one.kind === 'refund' ? judgeReversal(one.refund, askedBy(REVERSAL), at) : null),
      () => HEARD_MS,
    ),
};

describe.each(TABLES)(
  'every row of the %s table is reached: none is hidden behind an earlier one',
  (_name, rows) => {
    it.each(rows.map((row, index): [string, OperationRow] => [`${index} ${JSON.stringify(row.when)}`, row]))(
      '%s',
      (_row, row) => {
        expect(verdictIn(rows, exampleOf(row.when))).toBe(row.then);
      },
    );
  },
);

const invalid = { type: 'invalid_request_error' };
const wrongState = (changes: Record<string, unknown>, replayed = false): Reply =>
  error({
    ...invalid,
    code: 'payment_intent_unexpected_state',
    intent: readIntent(intent(changes)),
    replayed,
  });
const expiredIntent = { status: 'canceled', cancellation_reason: 'automatic', canceled_at: CREATED_S + 9 };

// Written from Stripe's docs ("Errors", "Error codes", "Idempotent requests") without the tables.
describe('what no operation can be proved by', () => {
  const replies: readonly (readonly [string, Reply, string])[] = [
    [
      'no connection',
      { kind: 'transport', failure: 'never_opened', detail: '' },
      'not_sent connection_refused',
    ],
    ['deadline', { kind: 'transport', failure: 'deadline', detail: '' }, 'unknown timeout'],
    ['reset', { kind: 'transport', failure: 'lost', detail: '' }, 'unknown connection_lost'],
    ['500', error({ status: 500, type: 'api_error' }), 'unknown server_error'],
    ['stored 500', error({ status: 500, type: 'api_error', replayed: true }), 'unknown server_error burnt'],
    ['a page', { kind: 'unreadable', status: 200, replayed: false, detail: '' }, 'unknown unreadable_reply'],
    ['key in use', error({ status: 409, type: 'idempotency_error' }), 'unknown key_in_progress'],
    ['key of another request', error({ status: 400, type: 'idempotency_error' }), 'unknown key_conflict'],
    ['rate limit', error({ status: 429, ...invalid, code: 'rate_limit' }), 'not_sent rate_limited'],
    ['lock timeout', error({ status: 429, ...invalid, code: 'lock_timeout' }), 'unknown unlisted_reply'],
    ['wrong key', error({ status: 401, ...invalid }), 'not_sent rejected_before_processing'],
    [
      'a parameter missing',
      error({ ...invalid, code: 'parameter_missing' }),
      'not_sent rejected_before_processing',
    ],
    [
      'no such object',
      error({ status: 404, ...invalid, code: 'resource_missing' }),
      'not_sent rejected_before_processing',
    ],
    [
      'stored: no such object',
      error({ status: 404, ...invalid, code: 'resource_missing', replayed: true }),
      'unknown unlisted_reply burnt',
    ],
    ['a card error', error({ status: 402, type: 'card_error' }), 'unknown unlisted_reply'],
    ['400 without a code', error({ ...invalid }), 'unknown unlisted_reply'],
    ['a code of tomorrow', error({ ...invalid, code: 'constructor' }), 'unknown unlisted_reply'],
  ];
  it.each(replies)('%s', (_name, reply, expected) => {
    for (const outcomeOf of Object.values(heard)) expect(said(outcomeOf(reply))).toBe(expected);
  });

  it('an object of another kind', () => {
    expect(said(heard.capture(refundReply()))).toBe('unknown unlisted_reply');
    expect(said(heard.cancel(refundReply()))).toBe('unknown unlisted_reply');
    expect(said(heard.refund(intentReply()))).toBe('unknown unlisted_reply');
  });
});

describe('a capture', () => {
  it.each<[string, Reply, string]>([
    ['captured', intentReply(), 'succeeded'],
    ['captured, stored', intentReply({}, true), 'succeeded'],
    ['another amount', intentReply({ amount_received: 1 }), 'unknown unlisted_reply'],
    ['no amount', intentReply({ amount_received: null }), 'unknown amount_mismatch'],
    ['nothing received', intentReply({ amount_received: 0 }), 'unknown amount_mismatch'],
    ['another currency', intentReply({ currency: 'eur' }), 'unknown amount_mismatch'],
    ['another attempt', intentReply({ metadata: { attempt: 'att_2' } }), 'unknown amount_mismatch'],
    ['done, and not captured', intentReply({ status: 'requires_capture' }), 'unknown unlisted_reply'],
    ['done, and canceled', intentReply({ status: 'canceled' }), 'unknown unlisted_reply'],
    ['in processing', intentReply({ status: 'processing' }), 'unknown unlisted_reply'],
    ['a status of tomorrow', intentReply({ status: 'constructor' }), 'unknown unlisted_reply'],
    ['refused: captured already, this amount', wrongState({}), 'succeeded'],
    [
      'refused: captured already, another amount by somebody',
      wrongState({ amount_received: 1 }),
      'failed already_captured',
    ],
    [
      'refused: captured already, another amount by this operation',
      wrongState({ amount_received: 1, metadata: { attempt: 'att_1', operation: 'att_1-capture-1' } }),
      'unknown amount_mismatch',
    ],
    ['refused: canceled', wrongState({ status: 'canceled' }), 'failed already_canceled'],
    ['refused: expired', wrongState(expiredIntent), 'failed expired'],
    [
      'refused: expired, in the new word',
      wrongState({ ...expiredIntent, cancellation_reason: 'expired' }),
      'failed expired',
    ],
    ['stored refusal: expired', wrongState(expiredIntent, true), 'failed expired'],
    ['refused: not authorised', wrongState({ status: 'requires_action' }), 'unknown unlisted_reply'],
    [
      'stored refusal: not authorised then',
      wrongState({ status: 'requires_action' }, true),
      'unknown unlisted_reply burnt',
    ],
    ['refused: in processing', wrongState({ status: 'processing' }), 'unknown unlisted_reply'],
    [
      'refused, and no intent tells why',
      error({ ...invalid, code: 'payment_intent_unexpected_state' }),
      'unknown unlisted_reply',
    ],
    ['expired, by its code', error({ ...invalid, code: 'charge_expired_for_capture' }), 'failed expired'],
    ['more than is held', error({ ...invalid, code: 'amount_too_large' }), 'failed refused'],
    [
      'stored: more than is held',
      error({ ...invalid, code: 'amount_too_large', replayed: true }),
      'failed refused',
    ],
    ['less than Stripe takes', error({ ...invalid, code: 'amount_too_small' }), 'failed refused'],
  ])('%s', (_name, reply, expected) => {
    expect(said(heard.capture(reply))).toBe(expected);
  });

  it('tells what was captured, and when it was heard of', () => {
    expect(heard.capture({ ...intentReply(), date: '2026-01-02T03:04:05.000Z' } as Reply)).toEqual({
      kind: 'succeeded',
      pspReference: 'pi_1',
      amountMinor: 1099n,
      occurredAt: '2026-01-02T03:04:05.000Z',
    });
    expect(heard.capture(wrongState(expiredIntent))).toMatchObject({
      occurredAt: new Date((CREATED_S + 9) * 1000).toISOString(),
    });
  });
});

describe('a cancel', () => {
  it.each<[string, Reply, string]>([
    ['canceled', intentReply({ status: 'canceled' }), 'succeeded'],
    ['refused: canceled already', wrongState({ status: 'canceled' }), 'succeeded'],
    ['refused: expired', wrongState(expiredIntent), 'succeeded'],
    ['stored refusal: canceled already', wrongState({ status: 'canceled' }, true), 'succeeded'],
    ['refused: it has succeeded', wrongState({}), 'failed already_captured'],
    ['stored refusal: it has succeeded', wrongState({}, true), 'failed already_captured'],
    ['done, and succeeded', intentReply({}), 'unknown unlisted_reply'],
    ['done, and held', intentReply({ status: 'requires_capture' }), 'unknown unlisted_reply'],
    ['refused: in processing', wrongState({ status: 'processing' }), 'unknown unlisted_reply'],
    ['another attempt', intentReply({ status: 'canceled', metadata: {} }), 'unknown amount_mismatch'],
    ['an amount', error({ ...invalid, code: 'amount_too_large' }), 'unknown unlisted_reply'],
  ])('%s', (_name, reply, expected) => {
    expect(said(heard.cancel(reply))).toBe(expected);
  });

  it('has no amount, and the time at which it was', () => {
    expect(heard.cancel(intentReply(expiredIntent))).toEqual({
      kind: 'succeeded',
      pspReference: 'pi_1',
      amountMinor: null,
      occurredAt: new Date((CREATED_S + 9) * 1000).toISOString(),
    });
  });
});

describe('a reversal', () => {
  it.each<[string, Reply, string]>([
    ['given back', refundReply(), 'succeeded'],
    ['under way', refundReply({ status: 'pending' }), 'pending'],
    ['failed', refundReply({ status: 'failed', failure_reason: 'lost_or_stolen_card' }), 'failed refused'],
    ['canceled', refundReply({ status: 'canceled' }), 'failed refused'],
    ['waits for the buyer', refundReply({ status: 'requires_action' }), 'unknown unlisted_reply'],
    ['a status of tomorrow', refundReply({ status: 'toString' }), 'unknown unlisted_reply'],
    ['another amount', refundReply({ amount: 1098 }), 'unknown amount_mismatch'],
    ['another currency', refundReply({ currency: 'eur' }), 'unknown amount_mismatch'],
    ['another operation', refundReply({ metadata: { attempt: 'att_1' } }), 'unknown amount_mismatch'],
    [
      'another attempt',
      refundReply({ metadata: { ...(refund().metadata as object), attempt: 'att_2' } }),
      'unknown amount_mismatch',
    ],
    // said for the first time it may be overtaken by a send that is still on its way; what is kept under the key is its end
    ['refunded already', error({ ...invalid, code: 'charge_already_refunded' }), 'unknown unlisted_reply'],
    ['more than is left', error({ ...invalid, code: 'amount_too_large' }), 'unknown unlisted_reply'],
    ['disputed', error({ ...invalid, code: 'charge_disputed' }), 'unknown unlisted_reply'],
    [
      'refunded already, stored',
      error({ ...invalid, code: 'charge_already_refunded', replayed: true }),
      'failed refused',
    ],
    ['more than is left, stored', error({ ...invalid, replayed: true }), 'failed refused'],
    ['disputed, stored', error({ ...invalid, code: 'charge_disputed', replayed: true }), 'failed disputed'],
    [
      'taken upon itself, and disputed then',
      refundReply({ status: 'failed', failure_reason: 'charge_for_pending_refund_disputed' }),
      'failed disputed',
    ],
  ])('%s', (_name, reply, expected) => {
    expect(said(heard.refund(reply))).toBe(expected);
  });
});

it('an error reply without an intent proves an end only in the listed combinations', () => {
  const ends = ['charge_expired_for_capture', 'amount_too_large', 'amount_too_small'];
  const words = [
    ...ends,
    ...PARAMETER_CODES,
    'charge_already_refunded',
    'payment_intent_unexpected_state',
    'rate_limit',
  ];
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(400, 401, 402, 403, 404, 409, 429), fc.integer({ min: 300, max: 599 })),
      fc.constantFrom('card_error', 'invalid_request_error', 'idempotency_error', 'api_error', null),
      fc.constantFrom(...words, null),
      fc.boolean(),
      (status, type, code, replayed) => {
        const reply = error({ status, type, code, replayed });
        const proves = status === 400 && type === 'invalid_request_error' && ends.includes(code ?? '');
        expect(heard.capture(reply).kind === 'failed').toBe(proves);
        expect(['not_sent', 'unknown']).toContain(heard.cancel(reply).kind);
        const isKept = status === 400 && type === 'invalid_request_error' && replayed;
        expect(heard.refund(reply).kind === 'failed').toBe(isKept);
        const notSent = Object.values(heard).some((outcomeOf) => outcomeOf(reply).kind === 'not_sent');
        expect(replayed && notSent).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});
