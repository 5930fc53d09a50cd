import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, READ_ONLY_KEY } from '../../spec/api-on-memory';
import { TEST_CARDS, VISA_CARD, VISA_CARD_GROUPS } from '../../spec/test-cards';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_PATH_PARAMETER_CHARACTERS } from '../config/limits';
import { SECURITY_HEADERS } from './security-headers';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
}

let on: ApiOnMemory;
beforeAll(async () => {
  on = await apiOnMemory();
});
afterAll(() => on.close());

/** Everything that a problem owes its reader, whoever noticed it. */
const expectProblem = (answer: LightMyRequestResponse, status: number, code: string): void => {
  expect([answer.statusCode, answer.headers['content-type']]).toStrictEqual([
    status,
    'application/problem+json',
  ]);
  const problem = answer.json<ProblemJson>();
  expect(problem).toMatchObject({ status, code, type: `urn:tender:problem:${code}` });
  expect(problem.title.length * problem.detail.length).toBeGreaterThan(0);
  expect(problem.request_id).toMatch(UUID_7);
  expect(answer.headers).toMatchObject({ ...SECURITY_HEADERS, 'request-id': problem.request_id });
  expect(answer.body).not.toMatch(/\bat .*:\d+:\d+|node_modules/);
};

const padded = (bytes: number): string => {
  const body = JSON.stringify(VISA);
  return `${body.slice(0, -1)}${' '.repeat(bytes - body.length)}}`;
};

describe('a request that cannot be answered', () => {
  it.each<[string, () => Promise<LightMyRequestResponse>, number, string]>([
    ['an unknown path', () => on.get('/nothing'), 404, 'not_found'],
    ['an unknown path below /v1', () => on.get('/v1/nothing'), 404, 'not_found'],
    ['another method', () => on.api.app.inject({ method: 'DELETE', url: '/v1/payments' }), 404, 'not_found'],
    [
      'an unusual method',
      () => on.api.app.inject({ method: 'PROPFIND' as 'GET', url: '/' }),
      404,
      'not_found',
    ],
    ['a malformed escape in the path', () => on.get('/v1/payments/%zz'), 400, 'malformed_request'],
    [
      'a path parameter over the limit',
      () => on.get(`/v1/payments/${'a'.repeat(MAX_PATH_PARAMETER_CHARACTERS + 1)}`),
      414,
      'path_too_long',
    ],
    [
      'a path parameter at the limit',
      () => on.get(`/v1/payments/${'a'.repeat(MAX_PATH_PARAMETER_CHARACTERS)}`),
      404,
      'not_found',
    ],
    ['no key', () => on.get('/v1/payments', { authorization: '' }), 401, 'unauthenticated'],
    [
      'an unknown key',
      () => on.get('/v1/payments', { authorization: 'Bearer sk_other' }),
      401,
      'unauthenticated',
    ],
    [
      'a key without the scope',
      () => on.post(VISA, { authorization: `Bearer ${READ_ONLY_KEY}` }),
      403,
      'forbidden',
    ],
    ['no body', () => on.post(''), 400, 'malformed_body'],
    ['broken JSON', () => on.post('{'), 400, 'malformed_body'],
    ['a body that is not UTF-8', () => on.post(Buffer.from('{"a":"\xff"}', 'latin1')), 400, 'malformed_body'],
    [
      'a body of another type',
      () => on.post('a=1', { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    ],
    [
      'a form',
      () => on.post('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    ],
    [
      'JSON of another kind',
      () => on.post(VISA, { 'content-type': 'application/vnd.x+json' }),
      415,
      'unsupported_media_type',
    ],
    [
      'JSON in another charset',
      () => on.post(VISA, { 'content-type': 'application/json; charset=latin1' }),
      415,
      'unsupported_media_type',
    ],
    ['a body over the limit', () => on.post(padded(MAX_BODY_BYTES + 1)), 413, 'body_too_large'],
    ['an invalid key', () => on.post(VISA, { 'idempotency-key': 'a b' }), 400, 'idempotency_key_invalid'],
    ['JSON that is no object', () => on.post('[]'), 422, 'validation_failed'],
    ['a broken field', () => on.post({ ...VISA, amount: 0 }), 422, 'validation_failed'],
    ['a card number in the path', () => on.get(`/v1/payments/${VISA_CARD}`), 422, 'card_data_forbidden'],
    [
      'a card number in an unknown path',
      () => on.get(`/${VISA_CARD_GROUPS.join('-')}`),
      422,
      'card_data_forbidden',
    ],
    [
      'a card number in the query',
      () => on.get(`/v1/payments?customer_id=${VISA_CARD}`),
      422,
      'card_data_forbidden',
    ],
    [
      'a card number as Idempotency-Key',
      () => on.post(VISA, { 'idempotency-key': VISA_CARD }),
      422,
      'card_data_forbidden',
    ],
    [
      'a card number as payment method',
      () => on.post({ ...VISA, payment_method: VISA_CARD }),
      422,
      'card_data_forbidden',
    ],
    [
      'a card number as a field',
      () => on.post({ ...VISA, [VISA_CARD_GROUPS.join(' ')]: 1 }),
      422,
      'card_data_forbidden',
    ],
  ])('for %s', async (_, send, status, code) => {
    const before = on.recorded();
    expectProblem(await send(), status, code);
    expect(on.recorded()).toBe(before);
  });

  it('for no Idempotency-Key', async () => {
    const answer = await on.api.app.inject({
      method: 'POST',
      url: '/v1/payments',
      headers: { authorization: 'Bearer sk_demo_tender' },
      payload: VISA,
    });
    expectProblem(answer, 400, 'idempotency_key_missing');
  });

  it('says how to authenticate', async () => {
    expect((await on.get('/v1/payments', { authorization: '' })).headers['www-authenticate']).toMatch(
      /^Bearer/,
    );
  });
});

describe('what is accepted at the edge', () => {
  it('a body of exactly the limit', async () => {
    expect((await on.post(padded(MAX_BODY_BYTES))).statusCode).toBe(201);
  });

  it('JSON that names its charset', async () => {
    expect((await on.post(VISA, { 'content-type': 'application/json; charset="UTF-8"' })).statusCode).toBe(
      201,
    );
  });
});

describe('the request id', () => {
  it('is ours, whatever the caller sends', async () => {
    const answer = await on.get('/health/live', { 'request-id': 'theirs', 'x-request-id': 'theirs' });
    expect(answer.headers['request-id']).toMatch(UUID_7);
  });
});

describe('the log', () => {
  it('has one line a request and nothing that the caller wrote', async () => {
    const secret = 'never-to-be-logged';
    const [, card = ''] = TEST_CARDS;
    await on.post({ ...VISA, description: secret }, { 'idempotency-key': secret, 'user-agent': secret });
    await on.post({ ...VISA, [secret]: secret });
    await on.post(`{"${secret}`);
    await on.post({ ...VISA, description: `my card ${card}` });
    await on.get(`/${secret}/${card}?${secret}`);
    await on.get(`/v1/payments/${secret}?${secret}=%zz`, { authorization: `Bearer ${secret}` });
    const lines = on.logged.join('');
    expect(lines).not.toContain(secret);
    expect(lines).not.toContain(card);
    expect(lines).not.toContain('sk_demo_tender');
  });

  it('tells route, status, time, request and key', async () => {
    const answer = await on.get('/v1/payments/pay_x');
    const line: unknown = JSON.parse(on.logged.at(-1) ?? '');
    expect(line).toMatchObject({
      method: 'GET',
      route: '/v1/payments/:id',
      status: 404,
      ms: expect.any(Number) as number,
      request_id: answer.headers['request-id'],
      key_id: 'key_demo',
    });
  });
});

describe('on a socket', () => {
  let port: number;
  beforeAll(async () => {
    await on.api.app.listen(0, '127.0.0.1');
    ({ port } = on.api.app.getHttpServer().address() as AddressInfo);
  });

  /** What comes back until the server closes the connection. */
  const exchange = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.setEncoding('utf8').on('data', (part: string) => (received += part));
      socket.on('close', () => {
        resolve(received);
      });
    });

  it.each<[string, string, number, string]>([
    ['something else than HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
    [
      'headers over the limit',
      `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(MAX_HEADER_BYTES)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['no Host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
  ])('%s is answered with a problem', async (_, request, status, code) => {
    const [head = '', body = ''] = (await exchange(request)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    const problem = JSON.parse(body) as ProblemJson;
    expect(problem).toMatchObject({ status, code });
    expect(head.toLowerCase()).toContain(`request-id: ${problem.request_id}`);
  });

  it('an Idempotency-Key sent twice is refused', async () => {
    const body = JSON.stringify(VISA);
    const request = [
      'POST /v1/payments HTTP/1.1',
      'Host: a',
      'Connection: close',
      'Authorization: Bearer sk_demo_tender',
      'Content-Type: application/json',
      'Idempotency-Key: a',
      'Idempotency-Key: a',
      `Content-Length: ${body.length}`,
    ];
    expect(await exchange(`${request.join('\r\n')}\r\n\r\n${body}`)).toContain('idempotency_key_invalid');
  });

  it('a caller who leaves is in flight until the work is done, and not longer', async () => {
    const inFlight = async (): Promise<number> =>
      Number(/requests_in_flight (\d+)/.exec((await on.get('/metrics')).body)?.[1]) - 1;
    const body = JSON.stringify({ ...VISA, payment_method: 'pm_card_silent' });
    const request = [
      'POST /v1/payments HTTP/1.1',
      'Host: a',
      'Authorization: Bearer sk_demo_tender',
      'Content-Type: application/json',
      'Prefer: wait=1',
      'Idempotency-Key: leaver',
      `Content-Length: ${body.length}`,
    ];
    const before = on.recorded();
    const socket = connect(port, '127.0.0.1', () => socket.write(`${request.join('\r\n')}\r\n\r\n${body}`));
    while (on.recorded() === before) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await inFlight()).toBe(1);
    while ((await inFlight()) !== 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(on.logged.some((line) => line.includes('"status":499'))).toBe(true);
  });
});
