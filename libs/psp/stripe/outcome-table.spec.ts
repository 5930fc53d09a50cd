import * as fc from 'fast-check';
import { outcomeOf } from './outcome';
import type { OutcomeRow } from './outcome-table';
import { OUTCOME_ROWS, VALIDATION_CODES, verdictOf } from './outcome-table';
import type { ErrorReply, Reply } from './reply';
import { readIntent } from './reply';
import { error, exampleOf, intentReply, said } from './reply.fixture';
import { intent, REQUEST } from './scripted-stripe.fixture';

describe('every row is reached: none is hidden behind an earlier one', () => {
  it.each(
    OUTCOME_ROWS.map((row, index): [string, OutcomeRow] => [`${index} ${JSON.stringify(row.when)}`, row]),
  )('%s', (_name, row) => {
    expect(verdictOf(exampleOf(row.when))).toBe(row.then);
  });
});

// Written from Stripe's docs ("Errors", "Error codes", "Idempotent requests", "Rate limits") without the table.
describe('what each reply means', () => {
  const api = { type: 'api_error' };
  const invalid = { type: 'invalid_request_error' };
  const idempotency = { type: 'idempotency_error' };
  it.each<[string, Reply, string]>([
    [
      'no connection',
      { kind: 'transport', failure: 'never_opened', detail: '' },
      'not_sent connection_refused',
    ],
    ['deadline', { kind: 'transport', failure: 'deadline', detail: '' }, 'unknown timeout'],
    ['reset', { kind: 'transport', failure: 'lost', detail: '' }, 'unknown connection_lost'],
    ['500', error({ status: 500, ...api }), 'unknown server_error'],
    ['502', error({ status: 502, ...api }), 'unknown server_error'],
    ['stored 500', error({ status: 500, ...api, replayed: true }), 'unknown server_error burnt'],
    ['proxy’s 502', { kind: 'unreadable', status: 502, replayed: false, detail: '' }, 'unknown server_error'],
    [
      'stored 500 page',
      { kind: 'unreadable', status: 500, replayed: true, detail: '' },
      'unknown server_error burnt',
    ],
    [
      '200, not JSON',
      { kind: 'unreadable', status: 200, replayed: false, detail: '' },
      'unknown unreadable_reply',
    ],
    [
      '403 page',
      { kind: 'unreadable', status: 403, replayed: false, detail: '' },
      'unknown unreadable_reply',
    ],
    [
      'no status',
      { kind: 'unreadable', status: null, replayed: false, detail: '' },
      'unknown unreadable_reply',
    ],
    [
      'key in use',
      error({ status: 409, ...idempotency, code: 'idempotency_key_in_use' }),
      'unknown key_in_progress',
    ],
    ['key in use, bare', error({ status: 409, ...idempotency }), 'unknown key_in_progress'],
    ['key with other parameters', error({ status: 400, ...idempotency }), 'unknown key_conflict'],
    ['card error', error({ status: 402, type: 'card_error', code: 'card_declined' }), 'declined'],
    ['stored card error', error({ status: 402, type: 'card_error', replayed: true }), 'declined'],
    ['402 that is no card error', error({ status: 402, ...api }), 'unknown unlisted_reply'],
    ['card error that is no 402', error({ status: 400, type: 'card_error' }), 'unknown unlisted_reply'],
    ['wrong key', error({ status: 401, ...invalid }), 'not_sent rejected_before_processing'],
    ['no permission', error({ status: 403, ...invalid }), 'not_sent rejected_before_processing'],
    ['rate limit', error({ status: 429, ...invalid, code: 'rate_limit' }), 'not_sent rate_limited'],
    ['lock timeout', error({ status: 429, ...invalid, code: 'lock_timeout' }), 'unknown unlisted_reply'],
    ['429 without a code', error({ status: 429, ...invalid }), 'unknown unlisted_reply'],
    [
      'parameter missing',
      error({ ...invalid, code: 'parameter_missing' }),
      'not_sent rejected_before_processing',
    ],
    [
      'amount too small',
      error({ ...invalid, code: 'amount_too_small' }),
      'not_sent rejected_before_processing',
    ],
    [
      'no such payment method',
      error({ ...invalid, code: 'resource_missing' }),
      'not_sent rejected_before_processing',
    ],
    [
      'the same as 404',
      error({ ...invalid, status: 404, code: 'resource_missing' }),
      'not_sent rejected_before_processing',
    ],
    ['400 without a code', error({ ...invalid }), 'unknown unlisted_reply'],
    ['wrong state', error({ ...invalid, code: 'payment_intent_unexpected_state' }), 'unknown unlisted_reply'],
    [
      'failed attempt',
      error({ ...invalid, code: 'payment_intent_payment_attempt_failed' }),
      'unknown unlisted_reply',
    ],
    [
      'stored 400',
      error({ ...invalid, code: 'parameter_missing', replayed: true }),
      'unknown unlisted_reply burnt',
    ],
    ['dependency failed', error({ status: 424, ...api }), 'unknown unlisted_reply'],
    ['a redirect', error({ status: 308 }), 'unknown unlisted_reply'],
  ])('%s', (_name, reply, expected) => {
    expect(said(verdictOf(reply))).toBe(expected);
  });

  it('no listed validation code judges an object that an earlier send may have made', () => {
    expect(VALIDATION_CODES.filter((code) => /^(payment_intent|charge|intent|lock)/.test(code))).toEqual([]);
  });
});

it('an error reply proves "not charged" only in the listed combinations', () => {
  const proofs = (reply: ErrorReply): boolean =>
    (reply.status === 402 && reply.type === 'card_error') ||
    (!reply.replayed &&
      ((reply.status === 401 &&
        ['invalid_request_error', 'authentication_error'].includes(reply.type ?? '')) ||
        (reply.status === 403 && reply.type === 'invalid_request_error') ||
        (reply.status === 429 && reply.code === 'rate_limit' && reply.type !== 'idempotency_error') ||
        (reply.status === 404 &&
          reply.type === 'invalid_request_error' &&
          reply.code === 'resource_missing') ||
        (reply.status === 400 &&
          reply.type === 'invalid_request_error' &&
          VALIDATION_CODES.includes(reply.code ?? ''))));
  const words = ['lock_timeout', 'rate_limit', 'payment_intent_unexpected_state', 'idempotency_key_in_use'];
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(400, 401, 402, 403, 404, 409, 424, 429), fc.integer({ min: 300, max: 599 })),
      fc.constantFrom(
        'card_error',
        'invalid_request_error',
        'idempotency_error',
        'api_error',
        'authentication_error',
        null,
      ),
      fc.constantFrom(...words, ...VALIDATION_CODES, null),
      fc.boolean(),
      (status, type, code, replayed) => {
        const reply = error({ status, type, code, replayed });
        expect(verdictOf(reply).kind !== 'unknown').toBe(proofs(reply));
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('an intent is believed only if it is about what was asked', () => {
  const outcome = (changes: Record<string, unknown>) => outcomeOf(intentReply(changes), REQUEST, () => 0);

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['succeeded', {}, { kind: 'approved', captured: true, amountMinor: 1099n }],
    [
      'requires_capture',
      { status: 'requires_capture', amount_received: 0, amount_capturable: 1099 },
      { kind: 'approved', captured: false, amountMinor: 1099n },
    ],
    ['processing', { status: 'processing' }, { kind: 'pending', pspReference: 'pi_1' }],
    [
      'requires_action',
      {
        status: 'requires_action',
        next_action: { type: 'redirect_to_url', redirect_to_url: { url: 'https://acs' } },
      },
      { kind: 'action_required', action: { type: 'redirect', url: 'https://acs' } },
    ],
    [
      'an action without an address',
      { status: 'requires_action' },
      { kind: 'unknown', pspReference: 'pi_1' },
    ],
    [
      'a refused payment method',
      {
        status: 'requires_payment_method',
        last_payment_error: { code: 'card_declined', decline_code: 'lost_card' },
      },
      { kind: 'declined', decline: { code: 'lost_card' } },
    ],
    [
      'no payment method, no error',
      { status: 'requires_payment_method' },
      { kind: 'unknown', why: 'unlisted_reply' },
    ],
    [
      'requires_confirmation',
      { status: 'requires_confirmation' },
      { kind: 'unknown', why: 'unlisted_reply' },
    ],
    ['canceled', { status: 'canceled' }, { kind: 'declined', decline: { category: 'hard_decline' } }],
    ['a status of tomorrow', { status: 'constructor' }, { kind: 'unknown', why: 'unlisted_reply' }],
    ['another amount', { amount: 1098 }, { kind: 'unknown', why: 'amount_mismatch', pspReference: 'pi_1' }],
    [
      'another currency',
      { currency: 'eur' },
      { kind: 'unknown', why: 'amount_mismatch', pspReference: 'pi_1' },
    ],
    ['another attempt', { metadata: { attempt: 'att_2' } }, { kind: 'unknown', why: 'amount_mismatch' }],
    ['no attempt', { metadata: {} }, { kind: 'unknown', why: 'amount_mismatch' }],
    [
      'less received',
      { amount_received: 1 },
      { kind: 'unknown', why: 'amount_mismatch', pspReference: 'pi_1' },
    ],
    [
      'less capturable',
      { status: 'requires_capture', amount_capturable: 1 },
      { kind: 'unknown', why: 'amount_mismatch' },
    ],
    ['no time', { created: null, latest_charge: null }, { kind: 'unknown', why: 'unreadable_reply' }],
    ['a charge that is only an id', { latest_charge: 'ch_1' }, { kind: 'approved', card: null }],
  ])('%s', (_name, changes, expected) => {
    expect(outcome(changes)).toMatchObject(expected);
  });

  it('a card error with an intent that holds money, or another attempt’s, is no decline', () => {
    const carrying = (changes: Record<string, unknown>) =>
      outcomeOf(
        error({ status: 402, type: 'card_error', intent: readIntent(intent(changes)) }),
        REQUEST,
        () => 0,
      );
    expect(carrying({})).toMatchObject({ kind: 'unknown', pspReference: 'pi_1' });
    expect(carrying({ status: 'requires_payment_method', metadata: { attempt: 'x' } })).toMatchObject({
      kind: 'unknown',
      why: 'amount_mismatch',
    });
    expect(carrying({ status: 'requires_payment_method' })).toMatchObject({
      kind: 'declined',
      pspReference: 'pi_1',
    });
  });

  it('a decline that carries no time has the time at which it was heard', () => {
    const reply = error({ status: 402, type: 'card_error' });
    expect(outcomeOf(reply, REQUEST, () => 0)).toMatchObject({ occurredAt: '1970-01-01T00:00:00.000Z' });
  });
});
