import { BROKEN_REPLIES, ENDLESS_REPLIES, portNobodyListensOn } from '../scripted-psp.fixture';
import type { ScriptedStripe } from './scripted-stripe.fixture';
import { CREATED_S, intent, json, REQUEST, startScriptedStripe } from './scripted-stripe.fixture';
import type { StripeGateway } from './stripe.gateway';
import { createStripeGateway } from './stripe.gateway';

const API_KEY = 'sk_test_never_shown';
const DEADLINE_MS = 300;

let stripe: ScriptedStripe;
let gateway: StripeGateway;

const gatewayAt = (baseUrl: string) =>
  createStripeGateway({ apiKey: API_KEY, baseUrl, callTimeoutMs: DEADLINE_MS });

beforeEach(async () => {
  stripe = await startScriptedStripe(json(200, intent()));
  gateway = gatewayAt(stripe.url);
});

afterEach(async () => {
  gateway.close();
  await stripe.stop();
});

describe('authorize', () => {
  it('creates and confirms in one keyed request', async () => {
    await expect(gateway.authorize(REQUEST)).resolves.toEqual({
      kind: 'approved',
      pspReference: 'pi_1',
      amountMinor: 1099n,
      captured: true,
      card: { brand: 'visa', last4: '4242' },
      occurredAt: new Date((CREATED_S + 1) * 1000).toISOString(),
    });
    expect(stripe.seen).toHaveLength(1);
    expect(stripe.seen[0]).toMatchObject({ method: 'POST', path: '/v1/payment_intents' });
    expect(stripe.seen[0]?.headers).toMatchObject({
      'idempotency-key': REQUEST.idempotencyKey,
      authorization: `Bearer ${API_KEY}`,
    });
    expect(stripe.seen[0]?.headers).not.toHaveProperty('x-stripe-client-telemetry');
  });

  it('sends nothing for an amount that Stripe cannot be asked for', async () => {
    const outcome = await gateway.authorize({ ...REQUEST, currency: 'KWD', amountMinor: 1001n });
    expect(outcome).toMatchObject({ kind: 'not_sent', why: 'currency_not_supported' });
    expect(stripe.seen).toEqual([]);
  });

  it('sends nothing in a layout that this build does not know', async () => {
    const outcome = await gateway.authorize({ ...REQUEST, requestVersion: 2 });
    expect(outcome).toMatchObject({ kind: 'not_sent', why: 'rejected_before_processing' });
    expect(stripe.seen).toEqual([]);
  });

  it('never lets the API key into what is recorded', async () => {
    stripe.script = json(401, {
      error: { type: 'invalid_request_error', message: `Invalid API Key provided: ${API_KEY}` },
    });
    const outcome = await gateway.authorize(REQUEST);
    expect(outcome).toMatchObject({ kind: 'not_sent' });
    expect(JSON.stringify(outcome, stringOfBigint)).not.toContain(API_KEY);
  });
});

describe('one call is one request', () => {
  it.each(BROKEN_REPLIES)('lesson 6: %s: unknown, and not sent again', async (_name, script) => {
    stripe.script = script;
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'unknown',
      why: 'connection_lost',
      keyBurnt: false,
    });
    expect(stripe.seen).toHaveLength(1);
  });

  it.each([409, 429, 500, 503])('HTTP %d with stripe-should-retry is not sent again', async (status) => {
    stripe.script = json(status, { error: { type: 'api_error' } }, { 'stripe-should-retry': 'true' });
    await gateway.authorize(REQUEST);
    expect(stripe.seen).toHaveLength(1);
  });

  it('an idle connection that the server closed is not used again', async () => {
    await gateway.authorize(REQUEST);
    // the FIN arrives before the second call starts
    await new Promise((closed) => {
      stripe.script = (_request, response, socket) => {
        json(200, intent())(_request, response, socket);
        socket.end(() => setImmediate(closed));
      };
      void gateway.authorize(REQUEST);
    });
    stripe.script = json(200, intent());
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({ kind: 'approved' });
  });
});

describe('the deadline holds over the whole call', () => {
  it.each(ENDLESS_REPLIES)('lesson 6: %s: unknown', async (_name, script) => {
    stripe.script = script;
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({ kind: 'unknown', why: 'timeout' });
    expect(stripe.seen).toHaveLength(1);
  });
});

describe('never opened is told from lost', () => {
  it('a refused connection was not sent', async () => {
    const port = await portNobodyListensOn();
    const nowhere = gatewayAt(`http://127.0.0.1:${port}`);
    await expect(nowhere.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'not_sent',
      why: 'connection_refused',
    });
    nowhere.close();
  });

  it('a name that does not resolve was not sent', async () => {
    const nowhere = gatewayAt('http://stripe.invalid');
    await expect(nowhere.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'not_sent',
      why: 'connection_refused',
    });
    nowhere.close();
  });
});

const stringOfBigint = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
