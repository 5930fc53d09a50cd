import type { AuthorizeRequest } from '@tender/domain';
import { buildAuthorizeRequest } from './authorize-request';
import version1 from './authorize-request.golden.v1.json';
import { json, intent, startScriptedStripe } from './scripted-stripe.fixture';
import { createStripeGateway } from './stripe.gateway';

/** What was sent for a recorded attempt, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, body }) => ({
  name,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as AuthorizeRequest,
}));

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, body }) => {
  const stripe = await startScriptedStripe(json(200, intent()));
  const gateway = createStripeGateway({ apiKey: 'sk_test_x', baseUrl: stripe.url, callTimeoutMs: 2_000 });
  await gateway.authorize(request);
  await gateway.authorize(request);
  gateway.close();
  await stripe.stop();
  expect(stripe.seen.map((one) => one.body)).toEqual([body, body]);
  expect(stripe.seen.map((one) => one.headers['idempotency-key'])).toEqual([
    request.idempotencyKey,
    request.idempotencyKey,
  ]);
});

it('nothing but the recorded request enters it: two builds are equal and leave it as it was', () => {
  for (const { request } of GOLDEN) {
    const frozen = Object.freeze({ ...request });
    expect(buildAuthorizeRequest(frozen)).toEqual(buildAuthorizeRequest(frozen));
  }
});

it('the merchant’s customer id stays here', () => {
  expect(GOLDEN.some(({ request }) => request.customerId !== null)).toBe(true);
  for (const { request, body } of GOLDEN) expect(body).not.toContain(request.customerId ?? 'customer=');
});
