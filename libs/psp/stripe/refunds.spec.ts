import type { RefundOutcome, RefundRequest } from '@tender/domain';
import * as fc from 'fast-check';
import { REFUND_ROWS } from './operation-table';
import { refundReplyOutcome } from './refund-outcome';
import version1 from './refund-request.golden.v1.json';
import { MAX_REFUND_PAGES, REFUND_PAGE_SIZE } from './refund-search';
import type { Reply } from './reply';
import { PARAMETER_CODES, verdictIn } from './reply-table';
import { error, exampleOf, intentReply, refundReply, said } from './reply.fixture';
import type { ScriptedStripe } from './scripted-stripe.fixture';
import { CREATED_S, intent, json, refund, REFUND, startScriptedStripe } from './scripted-stripe.fixture';
import type { StripeGateway } from './stripe.gateway';
import { createStripeGateway } from './stripe.gateway';

/** What was sent for a recorded refund, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, path, body }) => ({
  name,
  path,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as RefundRequest,
}));

const METADATA = { attempt: 'att_1', payment: 'pay_1', operation: REFUND.operationId };
const ours = (changes: Readonly<Record<string, unknown>> = {}) => refund({ metadata: METADATA, ...changes });
const HEARD_AT = '2026-01-02T03:04:05.000Z';

let stripe: ScriptedStripe;
let gateway: StripeGateway;

beforeEach(async () => {
  stripe = await startScriptedStripe(json(200, ours()));
  gateway = createStripeGateway({ apiKey: 'sk_test_x', baseUrl: stripe.url, callTimeoutMs: 2_000 });
});

afterEach(async () => {
  gateway.close();
  await stripe.stop();
});

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, path, body }) => {
  await gateway.refund(Object.freeze(request));
  await gateway.refund(request);
  expect(stripe.seen.map((one) => [one.method, one.path, one.body])).toEqual([
    ['POST', path, body],
    ['POST', path, body],
  ]);
  for (const { headers } of stripe.seen) expect(headers['idempotency-key']).toBe(request.operationId);
});

it.each<[string, Partial<RefundRequest>, string]>([
  ['a single fils', { currency: 'KWD', amountMinor: 1001n }, 'currency_not_supported'],
  ['nothing', { amountMinor: 0n }, 'currency_not_supported'],
  ['a layout of tomorrow', { requestVersion: 2 }, 'rejected_before_processing'],
])('sends nothing for a refund of %s', async (_name, changes, why) => {
  await expect(gateway.refund({ ...REFUND, ...changes })).resolves.toMatchObject({ kind: 'not_sent', why });
  expect(stripe.seen).toEqual([]);
});

const heard = (reply: Reply): RefundOutcome => refundReplyOutcome(reply, REFUND, HEARD_AT);
const replied = (changes: Readonly<Record<string, unknown>> = {}, replayed = false): Reply =>
  refundReply({ metadata: METADATA, ...changes }, replayed);
const failing = (failure_reason: string, changes = {}) =>
  replied({ status: 'failed', failure_reason, ...changes });

it.each(REFUND_ROWS.map((row) => [JSON.stringify(row.when), row] as const))(
  'the row %s is reached: none is hidden behind an earlier one',
  (_name, row) => {
    expect(verdictIn(REFUND_ROWS, exampleOf(row.when))).toBe(row.then);
  },
);

// Written from Stripe's docs ("The Refund object", "Errors", "Idempotent requests") without the tables.
it.each<[string, Reply, string]>([
  ['given back', replied(), 'succeeded'],
  ['given back, stored', replied({}, true), 'succeeded'],
  ['under way', replied({ status: 'pending' }), 'pending'],
  ['waits for the buyer', replied({ status: 'requires_action' }), 'unknown unlisted_reply'],
  ['a status of tomorrow', replied({ status: 'toString' }), 'unknown unlisted_reply'],
  ['lost card', failing('lost_or_stolen_card'), 'failed card_lost_or_stolen'],
  ['expired card', failing('expired_or_canceled_card'), 'failed card_expired_or_canceled'],
  ['the issuer says no', failing('declined'), 'failed declined_by_issuer'],
  ['no balance', failing('insufficient_funds'), 'failed insufficient_balance'],
  ['disputed meanwhile', failing('charge_for_pending_refund_disputed'), 'failed disputed'],
  ['at the merchant’s request', failing('merchant_request'), 'failed canceled'],
  ['for an unknown reason', failing('unknown'), 'failed refused'],
  ['for a reason of tomorrow', failing('constructor'), 'failed refused'],
  ['canceled', replied({ status: 'canceled' }), 'failed canceled'],
  ['another amount', replied({ amount: 1098 }), 'unknown amount_mismatch'],
  ['another currency', replied({ currency: 'eur' }), 'unknown amount_mismatch'],
  ['nothing', replied({ amount: 0 }), 'unknown amount_mismatch'],
  [
    'another try',
    replied({ metadata: { ...METADATA, operation: `${REFUND.operationId}0` } }),
    'unknown amount_mismatch',
  ],
  ['another attempt', replied({ metadata: { ...METADATA, attempt: 'att_2' } }), 'unknown amount_mismatch'],
  ['an intent', intentReply(), 'unknown unlisted_reply'],
  // the refund that stands in the way may be the one that this request has made: the list of refunds tells
  [
    'refunded already',
    error({ type: 'invalid_request_error', code: 'charge_already_refunded' }),
    'unknown unlisted_reply',
  ],
  ['more than is left', error({ type: 'invalid_request_error', param: 'amount' }), 'unknown unlisted_reply'],
  // an earlier send may still be on its way, and the dispute over when it arrives
  ['disputed', error({ type: 'invalid_request_error', code: 'charge_disputed' }), 'unknown unlisted_reply'],
  // whatever arrives later under this key is answered so, too
  [
    'disputed, stored',
    error({ type: 'invalid_request_error', code: 'charge_disputed', replayed: true }),
    'failed disputed',
  ],
  [
    'refunded already, stored',
    error({ type: 'invalid_request_error', code: 'charge_already_refunded', replayed: true }),
    'failed exceeds_captured',
  ],
  [
    'more than is left, stored',
    error({ type: 'invalid_request_error', param: 'amount', replayed: true }),
    'failed refused',
  ],
  ['a stored 500', error({ status: 500, type: 'api_error', replayed: true }), 'unknown server_error burnt'],
  ['500', error({ status: 500, type: 'api_error' }), 'unknown server_error'],
  ['key in use', error({ status: 409, type: 'idempotency_error' }), 'unknown key_in_progress'],
  ['rate limit', error({ status: 429, code: 'rate_limit' }), 'not_sent rate_limited'],
])('%s', (_name, reply, expected) => {
  expect(said(heard(reply))).toBe(expected);
});

it('no error of any kind says that a refund has failed or succeeded, but a refusal that is stored under its key', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(400, 401, 402, 403, 404, 409, 429), fc.integer({ min: 300, max: 599 })),
      fc.constantFrom('card_error', 'invalid_request_error', 'idempotency_error', 'api_error', null),
      fc.constantFrom(...PARAMETER_CODES, 'charge_already_refunded', 'charge_disputed', 'rate_limit', null),
      fc.boolean(),
      (status, type, code, replayed) => {
        const { kind } = heard(error({ status, type, code, replayed }));
        const proves = status === 400 && type === 'invalid_request_error' && replayed;
        expect(proves ? ['failed'] : ['not_sent', 'unknown']).toContain(kind);
        expect(replayed && kind === 'not_sent').toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});

it.each([
  ['txn_1', true],
  [null, false],
])('a failure tells whether our balance was debited before: %s, %s', (balance_transaction, debited) => {
  expect(heard(failing('declined', { balance_transaction }))).toMatchObject({ kind: 'failed', debited });
});

describe('the look-up', () => {
  const lookup = (refundReference: string | null) => gateway.lookupRefund({ ...REFUND, refundReference });
  const page = (data: readonly object[], has_more = false) =>
    json(200, { object: 'list', url: '/v1/refunds', data, has_more });
  const stranger = (n: number) => refund({ id: `re_other_${n}`, metadata: {} });

  it('reads the refund itself where its id is known', async () => {
    expect(await lookup('re_1')).toEqual({
      kind: 'found',
      outcome: {
        kind: 'succeeded',
        pspReference: 're_1',
        amountMinor: 1099n,
        occurredAt: new Date((CREATED_S + 60) * 1000).toISOString(),
      },
    });
    expect(stripe.seen.map(({ path }) => path)).toEqual(['/v1/refunds/re_1']);
  });

  it('finds it by our reference among all refunds of the intent, over pages', async () => {
    stripe.script = (request, response, socket) => {
      const isSecond = request.path.includes('starting_after');
      const answer = isSecond ? page([ours()]) : page([stranger(1), stranger(2)], true);
      answer(request, response, socket);
    };
    expect(await lookup(null)).toMatchObject({ kind: 'found', outcome: { kind: 'succeeded' } });
    expect(stripe.seen.map(({ path }) => path)).toEqual([
      `/v1/refunds?payment_intent=pi_1&limit=${REFUND_PAGE_SIZE}`,
      `/v1/refunds?payment_intent=pi_1&limit=${REFUND_PAGE_SIZE}&starting_after=re_other_2`,
    ]);
  });

  it('says "not found" only of a list read to its end', async () => {
    stripe.script = page([stranger(1)]);
    expect(await lookup(null)).toEqual({ kind: 'not_found' });
    stripe.script = page([stranger(1)], true);
    expect(await lookup(null)).toMatchObject({ kind: 'unavailable' });
    expect(stripe.seen).toHaveLength(1 + MAX_REFUND_PAGES);
  });

  it.each([
    ['500', json(500, { error: { type: 'api_error', message: '' } })],
    ['no such refund', json(404, { error: { type: 'invalid_request_error', code: 'resource_missing' } })],
    ['a page of HTML', json(200, '<html>')],
    ['something else', json(200, { object: 'list', data: [{}], has_more: false })],
  ])('that fails says nothing of the refund: %s', async (_name, script) => {
    stripe.script = script;
    expect(await lookup(null)).toMatchObject({ kind: 'unavailable' });
    expect(await lookup('re_1')).toMatchObject({ kind: 'unavailable' });
  });

  it('tells when Stripe wants fewer', async () => {
    stripe.script = json(429, { error: { type: 'invalid_request_error', code: 'rate_limit', message: '' } });
    expect(await lookup(null)).toMatchObject({ kind: 'unavailable', rateLimited: true });
    expect(await gateway.identify({ pspReference: 'pi_1' })).toMatchObject({ rateLimited: true });
  });
});

it.each([
  ['ours', json(200, intent()), { kind: 'ours', attemptId: 'att_1' }],
  ['somebody else’s', json(200, intent({ metadata: {} })), { kind: 'foreign' }],
  [
    'one that this key may not see',
    json(404, { error: { type: 'invalid_request_error', code: 'resource_missing' } }),
    { kind: 'unavailable' },
  ],
  ['nobody can tell whose', json(500, { error: { type: 'api_error' } }), { kind: 'unavailable' }],
])('an intent is %s', async (_name, script, expected) => {
  stripe.script = script;
  expect(await gateway.identify({ pspReference: 'pi_1' })).toMatchObject(expected);
});
