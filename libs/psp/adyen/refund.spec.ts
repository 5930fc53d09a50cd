import type { RefundRequest } from '@tender/domain';
import type { ScriptedPsp } from '../scripted-psp.fixture';
import { expectSentTwice, json, startScriptedPsp } from '../scripted-psp.fixture';
import type { AdyenGateway } from './adyen.gateway';
import type { ModificationReply } from './modification-reply';
import { readModification } from './modification-reply';
import { refundOutcomeOf } from './operation-outcome';
import type { RefundVerdict } from './operation-table';
import { REFUND_ROWS, refundVerdictOf } from './operation-table';
import version1 from './refund-request.golden.v1.json';
import { MAX_KEY_LENGTH } from './request-rules';
import {
  error,
  expectProofsAsListed,
  failedReplyLike,
  gatewayAt,
  received,
  REFUND,
} from './scripted-adyen.fixture';

/** What was sent for a recorded refund, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, path, body }) => ({
  name,
  path,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as RefundRequest,
}));

const taken = (changes: Readonly<Record<string, unknown>> = {}) =>
  received({ reference: REFUND.operationId, ...changes });
const answer = (changes: Readonly<Record<string, unknown>> = {}): ModificationReply => ({
  kind: 'modification',
  modification: readModification(taken(changes))!,
});

describe('on the wire', () => {
  let adyen: ScriptedPsp;
  let gateway: AdyenGateway;

  beforeAll(async () => {
    adyen = await startScriptedPsp(json(201, taken()));
    gateway = gatewayAt(adyen.url);
  });
  beforeEach(() => {
    adyen.seen.length = 0;
  });
  afterAll(async () => {
    gateway.close();
    await adyen.stop();
  });

  it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, path, body }) => {
    await gateway.refund(Object.freeze(request));
    await gateway.refund(request);
    expectSentTwice(adyen, { key: request.operationId, path, body });
  });

  it.each<[string, Partial<RefundRequest>, string]>([
    ['sen', { currency: 'IDR', amountMinor: 150n }, 'currency_not_supported'],
    ['nothing', { amountMinor: 0n }, 'currency_not_supported'],
    ['a layout of tomorrow', { requestVersion: 2 }, 'rejected_before_processing'],
    [
      'an id longer than a key',
      { operationId: 'r'.repeat(MAX_KEY_LENGTH + 1) },
      'rejected_before_processing',
    ],
    ['an id that could move a border', { operationId: 're:1' }, 'rejected_before_processing'],
  ])('sends nothing for a refund of %s', async (_name, changes, why) => {
    await expect(gateway.refund({ ...REFUND, ...changes })).resolves.toMatchObject({ kind: 'not_sent', why });
    expect(adyen.seen).toEqual([]);
  });

  it('is not asked how a refund stands, nor whose a charge is: its notices tell', async () => {
    const answers = [
      await gateway.lookupRefund({ ...REFUND, refundReference: null }),
      await gateway.identify({ pspReference: REFUND.pspReference }),
    ];
    expect(answers.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable']);
    expect(adyen.seen).toEqual([]);
  });
});

const said = (verdict: RefundVerdict): string =>
  verdict.kind === 'judge_modification' ? verdict.kind : `${verdict.kind} ${verdict.why}`;

it.each(REFUND_ROWS.map((row) => [JSON.stringify(row.when), row] as const))(
  'the row %s is reached: none is hidden behind an earlier one',
  (_name, row) => {
    const reply = row.when.kind === 'modification' ? answer() : failedReplyLike(row.when);
    expect(refundVerdictOf(reply)).toBe(row.then);
  },
);

// Written from Adyen's docs ("Response handling", "API error codes", "Refund") without the table.
it.each<[string, ModificationReply, string]>([
  [
    'no connection',
    { kind: 'transport', failure: 'never_opened', detail: '' },
    'not_sent connection_refused',
  ],
  ['deadline', { kind: 'transport', failure: 'deadline', detail: '' }, 'unknown timeout'],
  ['reset', { kind: 'transport', failure: 'lost', detail: '' }, 'unknown connection_lost'],
  ['internal error', error({ status: 500, errorType: 'internal', errorCode: '903' }), 'unknown server_error'],
  ['200 where 201 is due', { kind: 'unreadable', status: 200, detail: '' }, 'unknown unreadable_reply'],
  [
    'key in progress',
    error({ status: 409, errorType: 'validation', errorCode: '704' }),
    'unknown key_in_progress',
  ],
  [
    'another currency',
    error({ errorType: 'validation', errorCode: '138' }),
    'not_sent rejected_before_processing',
  ],
  ['no such payment', error({ errorType: 'validation', errorCode: '167' }), 'failed refused'],
  ['a 422 of tomorrow', error({ errorType: 'validation', errorCode: '14_999' }), 'unknown unlisted_reply'],
  [
    'too many requests',
    error({ status: 429, errorType: 'validation', errorCode: '29' }),
    'unknown unlisted_reply',
  ],
])('%s', (_name, reply, expected) => {
  expect(said(refundVerdictOf(reply))).toBe(expected);
});

it('an error reply proves "not refunded" only in the listed combinations', () => {
  expectProofsAsListed(refundVerdictOf);
});

describe('an answer is believed only if it is about what was asked, and is "taken" at most', () => {
  const pending = { kind: 'pending', pspReference: 'WNS7WQ756L2GWR82' };
  const other = { kind: 'unknown', why: 'amount_mismatch', pspReference: 'WNS7WQ756L2GWR82' };
  it.each<[string, Readonly<Record<string, unknown>>, object]>([
    ['received', {}, pending],
    ['received without what was asked', { reference: undefined, amount: undefined }, pending],
    ['without a reference of its own', { pspReference: '' }, { kind: 'unknown', why: 'unreadable_reply' }],
    ['another status', { status: 'refunded' }, { ...other, why: 'unlisted_reply' }],
    ['another try', { reference: `${REFUND.operationId}0` }, other],
    ['another payment', { paymentPspReference: 'KNBFXHZ7KTZG5S82' }, other],
    ['another amount', { amount: { currency: 'USD', value: 1098 } }, other],
    ['another currency', { amount: { currency: 'EUR', value: 1099 } }, other],
  ])('%s', (_name, changes, expected) => {
    expect(refundOutcomeOf(answer(changes), REFUND, () => 0)).toMatchObject(expected);
  });
});

it('a refusal in the reply has moved no money', () => {
  const reply = error({
    errorType: 'validation',
    errorCode: '167',
    message: 'Original pspReference required',
  });
  expect(refundOutcomeOf(reply, REFUND, () => 0)).toEqual({
    kind: 'failed',
    why: 'refused',
    debited: false,
    detail: 'HTTP 422 validation 167: Original pspReference required',
    pspReference: null,
    occurredAt: '1970-01-01T00:00:00.000Z',
  });
});
