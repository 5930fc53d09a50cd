import type { ScriptedPsp } from '../scripted-psp.fixture';
import {
  BROKEN_REPLIES,
  ENDLESS_REPLIES,
  json,
  portNobodyListensOn,
  startScriptedPsp,
} from '../scripted-psp.fixture';
import type { AdyenGateway } from './adyen.gateway';
import { ADYEN_KEY_SAFE_FOR_MS } from './adyen.gateway';
import {
  gatewayAt as plainGatewayAt,
  OPERATION,
  PATIENT_MS,
  payment,
  received,
  refusal,
  REQUEST,
} from './scripted-adyen.fixture';

const API_KEY = 'AQEyhmfxKonIYxZGw0m/n3Q5qf3VaY9UCJ14XWZE03G';
const DEADLINE_MS = 300;

let adyen: ScriptedPsp;
let gateway: AdyenGateway;

const gatewayAt = (baseUrl: string, callTimeoutMs = PATIENT_MS) =>
  plainGatewayAt(baseUrl, { apiKey: API_KEY, callTimeoutMs, nowMs: () => 0 });

beforeEach(async () => {
  adyen = await startScriptedPsp(json(200, payment()));
  gateway = gatewayAt(adyen.url);
});

afterEach(async () => {
  gateway.close();
  await adyen.stop();
});

describe('authorize', () => {
  it('pays in one keyed request, at the time of the reply', async () => {
    adyen.script = json(200, payment(), { date: 'Sun, 23 Nov 2025 12:13:20 GMT' });
    await expect(gateway.authorize(REQUEST)).resolves.toEqual({
      kind: 'approved',
      pspReference: 'NC6HT9CRT65ZGN82',
      amountMinor: 1099n,
      captured: true,
      card: { brand: 'visa', last4: '1111' },
      occurredAt: '2025-11-23T12:13:20.000Z',
    });
    expect(adyen.seen).toHaveLength(1);
    expect(adyen.seen[0]).toMatchObject({ method: 'POST', path: '/v72/payments' });
    expect(adyen.seen[0]?.headers).toMatchObject({
      'idempotency-key': REQUEST.idempotencyKey,
      'x-api-key': API_KEY,
      'content-type': 'application/json',
    });
  });

  it('keeps the path of a live address', async () => {
    const live = gatewayAt(`${adyen.url}/checkout/`);
    await live.authorize(REQUEST);
    live.close();
    expect(adyen.seen[0]?.path).toBe('/checkout/v72/payments');
  });

  it('a refusal is a decline, at our time when the reply has none', async () => {
    adyen.script = (_request, response) => {
      response.sendDate = false;
      response.end(JSON.stringify(refusal('12', 'Not enough balance')));
    };
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'declined',
      pspReference: 'KNBFXHZ7KTZG5S82',
      decline: { code: 'insufficient_funds', pspCode: '12 Not enough balance' },
      occurredAt: '1970-01-01T00:00:00.000Z',
    });
  });

  it.each([
    [
      'an amount that Adyen cannot be asked for',
      { currency: 'IDR', amountMinor: 150n },
      'currency_not_supported',
    ],
    ['a layout that this build does not know', { requestVersion: 2 }, 'rejected_before_processing'],
  ])('sends nothing for %s', async (_name, changes, why) => {
    await expect(gateway.authorize({ ...REQUEST, ...changes })).resolves.toMatchObject({
      kind: 'not_sent',
      why,
    });
    expect(adyen.seen).toEqual([]);
  });

  it('never lets the API key into what is recorded', async () => {
    adyen.script = json(401, {
      status: 401,
      errorCode: '000',
      errorType: 'security',
      message: `Bad ${API_KEY}`,
    });
    const outcome = await gateway.authorize(REQUEST);
    expect(outcome).toMatchObject({ kind: 'not_sent' });
    expect(JSON.stringify(outcome)).not.toContain(API_KEY);
  });

  it('keeps the pspReference of an error: a webhook will name it', async () => {
    adyen.script = json(500, {
      status: 500,
      errorCode: '905',
      errorType: 'configuration',
      pspReference: 'PSP1',
    });
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'unknown',
      why: 'server_error',
      pspReference: 'PSP1',
      keyBurnt: false,
    });
  });

  it.each([
    ['a page', '<html>', 'unreadable_reply'],
    ['nothing', '', 'unreadable_reply'],
    ['JSON without a result', '{"ok":true}', 'unreadable_reply'],
    ['JSON that is no object', 'null', 'unreadable_reply'],
    ['errors of another API', '{"errors":[{"code":"x"}]}', 'unreadable_reply'],
  ])('200 with %s: unknown, and printed nowhere', async (_name, body, why) => {
    const printed = jest.spyOn(console, 'warn').mockImplementation();
    adyen.script = json(200, body);
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({ kind: 'unknown', why });
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });
});

describe('one call is one request', () => {
  it.each(BROKEN_REPLIES)('lesson 6: %s: unknown, and not sent again', async (_name, script) => {
    adyen.script = script;
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({
      kind: 'unknown',
      why: 'connection_lost',
    });
    expect(adyen.seen).toHaveLength(1);
  });

  it.each([308, 429, 500, 503])('HTTP %d is not followed and not sent again', async (status) => {
    const headers = { location: `${adyen.url}/elsewhere`, 'transient-error': 'true', 'retry-after': '0' };
    adyen.script = json(status, { status, errorCode: '703', errorType: 'validation' }, headers);
    await expect(gateway.authorize(REQUEST)).resolves.toMatchObject({ kind: 'unknown' });
    expect(adyen.seen).toHaveLength(1);
  });

  it('calls share a connection', async () => {
    const ports = new Set<number | undefined>();
    adyen.script = (request, response, socket) => {
      ports.add(socket.remotePort);
      json(200, payment())(request, response, socket);
    };
    for (let n = 0; n < 3; n += 1) await gateway.authorize(REQUEST);
    expect(ports.size).toBe(1);
  });
});

describe('the deadline holds over the whole call', () => {
  it.each(ENDLESS_REPLIES)('lesson 6: %s: unknown', async (_name, script) => {
    const hasty = gatewayAt(adyen.url, DEADLINE_MS);
    adyen.script = script;
    await expect(hasty.authorize(REQUEST)).resolves.toMatchObject({ kind: 'unknown', why: 'timeout' });
    hasty.close();
  });

  it('and is taken off the time in which a key is safe', () => {
    expect(gateway.keySafeForMs).toBe(ADYEN_KEY_SAFE_FOR_MS - PATIENT_MS);
  });
});

it('a refused connection was not sent', async () => {
  const nowhere = gatewayAt(`http://127.0.0.1:${await portNobodyListensOn()}`);
  await expect(nowhere.authorize(REQUEST)).resolves.toMatchObject({
    kind: 'not_sent',
    why: 'connection_refused',
  });
  nowhere.close();
});

it('a look-up is unavailable, always, and asks nobody', async () => {
  const { attemptId, amountMinor, currency } = REQUEST;
  const question = { attemptId, amountMinor, currency, startedAt: '2026-01-01T00:00:00.000Z' };
  for (const pspReference of [null, 'NC6HT9CRT65ZGN82']) {
    await expect(gateway.lookup({ ...question, pspReference })).resolves.toMatchObject({
      kind: 'unavailable',
    });
    await expect(
      gateway.lookupOperation({ ...OPERATION, pspReference, startedAt: question.startedAt }),
    ).resolves.toMatchObject({ kind: 'unavailable' });
  }
  expect(adyen.seen).toEqual([]);
});

it('an operation that was received is open until a webhook tells how it ended', async () => {
  adyen.script = json(201, received());
  for (const operate of [gateway.capture, gateway.cancel, gateway.reverse]) {
    await expect(operate(OPERATION)).resolves.toEqual({ kind: 'pending', pspReference: 'WNS7WQ756L2GWR82' });
  }
});

it('what the engine may count on: a way to end a payment by our reference', () => {
  expect(gateway.cancelsByOwnReference).toBe(true);
});

it.each(['ftp://adyen.test', 'http://adyen.test/?x=1'])('%s is no address of a PSP', (baseUrl) => {
  expect(() => gatewayAt(baseUrl)).toThrow('baseUrl');
});
