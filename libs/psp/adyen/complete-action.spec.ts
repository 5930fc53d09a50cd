import type { CompleteActionRequest } from '@tender/domain';
import type { ScriptedPsp } from '../scripted-psp.fixture';
import { json, startScriptedPsp } from '../scripted-psp.fixture';
import type { AdyenGateway } from './adyen.gateway';
import version1 from './details-request.golden.v1.json';
import { MAX_KEY_LENGTH } from './request-rules';
import { COMPLETION, gatewayAt, payment, refusal } from './scripted-adyen.fixture';

/** What was sent for a recorded way back, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, body }) => ({
  name,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as CompleteActionRequest,
}));

let adyen: ScriptedPsp;
let gateway: AdyenGateway;

beforeAll(async () => {
  adyen = await startScriptedPsp(json(200, payment()));
  gateway = gatewayAt(adyen.url);
});

beforeEach(() => {
  adyen.seen.length = 0;
  adyen.script = json(200, payment());
});

afterAll(async () => {
  gateway.close();
  await adyen.stop();
});

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, body }) => {
  await gateway.completeAction(Object.freeze(request));
  await gateway.completeAction(request);
  expect(adyen.seen.map((one) => [one.method, one.path, one.body])).toEqual([
    ['POST', '/v72/payments/details', body],
    ['POST', '/v72/payments/details', body],
  ]);
  expect(adyen.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([
    request.idempotencyKey,
    request.idempotencyKey,
  ]);
});

it('whoever passed has paid', async () => {
  await expect(gateway.completeAction(COMPLETION)).resolves.toMatchObject({
    kind: 'approved',
    pspReference: 'NC6HT9CRT65ZGN82',
    amountMinor: 1099n,
    captured: true,
  });
  await expect(gateway.completeAction({ ...COMPLETION, captureMethod: 'manual' })).resolves.toMatchObject({
    kind: 'approved',
    captured: false,
  });
});

it.each<[string, number, object, object]>([
  [
    'whoever failed is declined',
    200,
    refusal('11', '3D Not Authenticated'),
    { kind: 'declined', decline: { code: 'authentication_required' } },
  ],
  ['still open', 200, payment({ resultCode: 'Received' }), { kind: 'pending' }],
  [
    'the result of another payment proves nothing of this one',
    200,
    payment({ merchantReference: 'att_2' }),
    { kind: 'unknown', why: 'amount_mismatch' },
  ],
  [
    'a result that Adyen does not take leaves the payment where it is',
    422,
    { status: 422, errorCode: '14_007', errorType: 'validation', message: 'Invalid payload provided.' },
    { kind: 'unknown', why: 'unlisted_reply' },
  ],
  ['no answer', 503, {}, { kind: 'unknown', why: 'server_error' }],
])('%s', async (_name, status, body, outcome) => {
  adyen.script = json(status, body);
  await expect(gateway.completeAction(COMPLETION)).resolves.toMatchObject(outcome);
});

describe('sends nothing for', () => {
  const only = (name: string, value: string) => ({ result: [{ name, value }] });
  it.each<[string, Partial<CompleteActionRequest>]>([
    ['a buyer who brought nothing', { result: [] }],
    ['a buyer who brought nothing of Adyen’s', only('paymentData', 'x')],
    ['an empty result', only('redirectResult', '')],
    ['a layout of tomorrow', { requestVersion: 2 }],
    ['a key that is too long', { idempotencyKey: 'k'.repeat(MAX_KEY_LENGTH + 1) }],
  ])('%s', async (_name, changes) => {
    await expect(gateway.completeAction({ ...COMPLETION, ...changes })).resolves.toMatchObject({
      kind: 'not_sent',
      why: 'rejected_before_processing',
    });
    expect(adyen.seen).toEqual([]);
  });
});
