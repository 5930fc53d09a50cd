import type { AuthorizeRequest } from '@tender/domain';
import { json, startScriptedPsp } from '../scripted-psp.fixture';
import { createAdyenGateway } from './adyen.gateway';
import { buildAuthorizeRequest } from './authorize-request';
import version1 from './authorize-request.golden.v1.json';
import { MAX_KEY_LENGTH } from './request-rules';
import { payment, REQUEST } from './scripted-adyen.fixture';

const ACCOUNT = { merchantAccount: 'TenderECOM', returnUrl: 'https://pay.example/return' };

/** What was sent for a recorded attempt, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, body }) => ({
  name,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as AuthorizeRequest,
}));

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, body }) => {
  const adyen = await startScriptedPsp(json(200, payment()));
  const gateway = createAdyenGateway({
    ...ACCOUNT,
    apiKey: 'AQE',
    baseUrl: adyen.url,
    callTimeoutMs: 10_000,
  });
  await gateway.authorize(request);
  await gateway.authorize(request);
  gateway.close();
  await adyen.stop();
  expect(adyen.seen.map((one) => one.body)).toEqual([body, body]);
  expect(adyen.seen.map((one) => one.headers['idempotency-key'])).toEqual([
    request.idempotencyKey,
    request.idempotencyKey,
  ]);
});

it('nothing but the recorded request and the account enters it: two builds are equal', () => {
  for (const { request } of GOLDEN) {
    const frozen = Object.freeze({ ...request });
    expect(buildAuthorizeRequest(frozen, ACCOUNT)).toEqual(buildAuthorizeRequest(frozen, ACCOUNT));
  }
});

it('our mark is taken off a token, and only there', () => {
  const storedId = (token: string) => {
    const built = buildAuthorizeRequest({ ...REQUEST, token }, ACCOUNT);
    return built.kind === 'built' ? (built.params.paymentMethod as Record<string, unknown>) : built.kind;
  };
  expect(storedId('adyen_adyen_x')).toMatchObject({ storedPaymentMethodId: 'adyen_x' });
  expect(storedId('8415718415718204')).toMatchObject({ storedPaymentMethodId: '8415718415718204' });
});

it.each([
  ['a layout of tomorrow', { requestVersion: 2 }, 'not_possible'],
  ['a reference that could move a border', { attemptId: 'att:1' }, 'not_possible'],
  ['a key at the limit', { idempotencyKey: 'k'.repeat(MAX_KEY_LENGTH) }, 'built'],
  ['a longer key', { idempotencyKey: 'k'.repeat(MAX_KEY_LENGTH + 1) }, 'not_possible'],
  [
    'an amount that Adyen cannot be asked for',
    { currency: 'IDR', amountMinor: 150n },
    'currency_not_supported',
  ],
])('%s', (_name, changes, kind) => {
  expect(buildAuthorizeRequest({ ...REQUEST, ...changes }, ACCOUNT).kind).toBe(kind);
});
