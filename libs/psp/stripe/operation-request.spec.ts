import type { OperationRequest } from '@tender/domain';
import { expectSentTwice, operated } from '../scripted-psp.fixture';
import { LAST_SEND_WITHIN_MS } from './intent-sweep';
import version1 from './operation-request.golden.v1.json';
import type { ScriptedStripe } from './scripted-stripe.fixture';
import { CREATED_S, intent, json, OPERATION, startScriptedStripe } from './scripted-stripe.fixture';
import type { StripeGateway } from './stripe.gateway';
import { createStripeGateway } from './stripe.gateway';

/** What was sent for a recorded operation, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, path, body }) => ({
  name,
  path,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as OperationRequest,
}));

const NOW_MS = (CREATED_S + 600) * 1000;

let stripe: ScriptedStripe;
let gateway: StripeGateway;

beforeEach(async () => {
  stripe = await startScriptedStripe(json(200, intent({ status: 'canceled' })));
  gateway = createStripeGateway({
    apiKey: 'sk_test_x',
    baseUrl: stripe.url,
    callTimeoutMs: 2_000,
    nowMs: () => NOW_MS,
  });
});

afterEach(async () => {
  gateway.close();
  await stripe.stop();
});

const operate = (request: OperationRequest) => operated(gateway, request);

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, path, body }) => {
  await operate(Object.freeze(request));
  await operate(request);
  expectSentTwice(stripe, { key: request.operationId, path, body });
});

it.each<[string, Partial<OperationRequest>, string]>([
  ['a capture that Stripe cannot count', { currency: 'KWD', amountMinor: 1001n }, 'currency_not_supported'],
  [
    'a refund that Stripe cannot count',
    { kind: 'reversal', captured: true, currency: 'KWD', amountMinor: 1001n },
    'currency_not_supported',
  ],
  ['a capture of nothing', { amountMinor: 0n }, 'currency_not_supported'],
  ['a layout of tomorrow', { requestVersion: 2 }, 'rejected_before_processing'],
])('sends nothing for %s', async (_name, changes, why) => {
  await expect(operate({ ...OPERATION, ...changes })).resolves.toMatchObject({ kind: 'not_sent', why });
  expect(stripe.seen).toEqual([]);
});

describe('a cancel of an attempt whose intent is not known', () => {
  const cancel: OperationRequest = { ...OPERATION, kind: 'cancel', pspReference: null };
  const listing = (data: readonly object[]): void => {
    const canceled = intent({ status: 'canceled' });
    stripe.script = (request, ...rest) => {
      const reply = request.method === 'GET' ? { object: 'list', data, has_more: false } : canceled;
      json(200, reply)(request, ...rest);
    };
  };

  it('looks for it among all that may still be made of a recent attempt, and cancels what it finds', async () => {
    listing([intent({ id: 'pi_7', status: 'requires_capture' })]);
    await expect(gateway.cancel(cancel)).resolves.toMatchObject({ kind: 'succeeded' });
    expect(stripe.seen.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(stripe.seen[1]?.path).toBe('/v1/payment_intents/pi_7/cancel');
    const { searchParams } = new URL(stripe.seen[0]?.path ?? '', stripe.url);
    expect(Number(searchParams.get('created[gte]'))).toBeLessThanOrEqual(
      (NOW_MS - LAST_SEND_WITHIN_MS) / 1000,
    );
  });

  it('sends nothing when it finds none, and that proves nothing', async () => {
    listing([]);
    await expect(gateway.cancel(cancel)).resolves.toMatchObject({ kind: 'unknown', why: 'not_sent' });
    expect(stripe.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('sends nothing when it cannot look, and that proves nothing either', async () => {
    stripe.script = json(500, { error: { type: 'api_error' } });
    await expect(gateway.cancel(cancel)).resolves.toMatchObject({ kind: 'unknown', why: 'not_sent' });
    expect(stripe.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});
