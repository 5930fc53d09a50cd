import { createHash, randomUUID } from 'node:crypto';
import { type Answer, ApiClient, DEMO_KEY, type HeaderValues, type Json } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const READ_ONLY_KEY = 'sk_test_read_only';
const KEYS = [
  {
    id: 'key_reader',
    merchant: 'reader',
    scopes: ['payments:read'],
    sha256: createHash('sha256').update(READ_ONLY_KEY).digest('hex'),
  },
];
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const REQUESTS_IN_FLIGHT = 20;

export const BAD_INPUT_VARIABLES = {
  TENDER_API_KEYS: JSON.stringify(KEYS),
  TENDER_MAX_AMOUNT_MINOR: '1000000',
  TENDER_KEY_REQUESTS_IN_FLIGHT: String(REQUESTS_IN_FLIGHT),
};

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;
let recorded: RecordedEvents;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
  recorded = new RecordedEvents(stack.running.eventStoreUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(async () => {
  await recorded.close();
}, STACK_HOOK_TIMEOUT_MS);

const newKey = (): string => `bad-${randomUUID()}`;
const pay = (body: Json | string, headers: HeaderValues = {}): Promise<Answer> =>
  api.pay(newKey(), body, headers);
const withField = (more: Json): Promise<Answer> => pay({ ...VISA, ...more });

const extent = async (): Promise<{ events: number; charges: number }> => ({
  events: (await recorded.all()).length,
  charges: (await psp.rows()).length,
});

type Case = readonly [name: string, send: () => Promise<Answer>, status: number, code: string];

/** What every problem owes its reader, and that nothing came of the request. */
async function expectProblem(send: () => Promise<Answer>, status: number, code: string): Promise<Answer> {
  const before = await extent();
  const answer = await send();
  expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([
    status,
    'application/problem+json',
  ]);
  const problem = answer.json() as Json;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^\S+$/) as string,
    title: expect.stringMatching(/\w/) as string,
    detail: expect.stringMatching(/\w/) as string,
    status,
    code,
    request_id: answer.headers.get('request-id'),
  });
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+|node_modules/);
  expect(await extent()).toStrictEqual(before);
  return answer;
}

/** A POST as it goes over the wire, its last header lines as given. */
const rawPost = (lines: readonly string[], body: string): string =>
  [
    'POST /v1/payments HTTP/1.1',
    'Host: tender',
    'Connection: close',
    `Authorization: Bearer ${DEMO_KEY}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...lines,
    '',
    body,
  ].join('\r\n');

const BODY = JSON.stringify(VISA);
const padded = (bytes: number): string => `${BODY.slice(0, -1)}${' '.repeat(bytes - BODY.length)}}`;
const asJson = { 'Content-Type': 'application/json' };

const CASES: readonly Case[] = [
  // the wire
  ['something else than HTTP', () => api.raw('hello\r\n\r\n'), 400, 'malformed_request'],
  [
    'no Host',
    () => api.raw('GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'),
    400,
    'malformed_request',
  ],
  ['a malformed escape in the path', () => api.get('/v1/payments/%zz'), 400, 'malformed_request'],
  [
    'headers over the limit',
    () => api.raw(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(MAX_HEADER_BYTES)}\r\n\r\n`),
    431,
    'headers_too_large',
  ],
  // the place
  ['an unknown path', () => api.get('/v1/nothing'), 404, 'not_found'],
  ['an unknown payment', () => api.get(`/v1/payments/pay_${'0'.repeat(32)}`), 404, 'not_found'],
  ['an id of the wrong form', () => api.get('/v1/payments/re_1'), 404, 'not_found'],
  [
    'events of an unknown payment',
    () => api.get(`/v1/payments/pay_${'0'.repeat(32)}/events`),
    404,
    'not_found',
  ],
  ['another method', () => api.send('DELETE', '/v1/payments', {}), 404, 'not_found'],
  // the caller
  ['no key', () => pay(VISA, { Authorization: '' }), 401, 'unauthenticated'],
  ['an unknown key', () => pay(VISA, { Authorization: 'Bearer sk_other' }), 401, 'unauthenticated'],
  [
    'a key in another scheme',
    () => pay(VISA, { Authorization: `Basic ${DEMO_KEY}` }),
    401,
    'unauthenticated',
  ],
  [
    'a key without the scope',
    () => pay(VISA, { Authorization: `Bearer ${READ_ONLY_KEY}` }),
    403,
    'forbidden',
  ],
  // the idempotency key
  [
    'no Idempotency-Key',
    () => api.send('POST', '/v1/payments', asJson, BODY),
    400,
    'idempotency_key_missing',
  ],
  [
    'an empty Idempotency-Key',
    () => api.raw(rawPost(['Idempotency-Key:'], BODY)),
    400,
    'idempotency_key_invalid',
  ],
  ['an Idempotency-Key with a blank', () => api.pay('a b', VISA), 400, 'idempotency_key_invalid'],
  ['an Idempotency-Key beyond ASCII', () => api.pay('caf\u00e9', VISA), 400, 'idempotency_key_invalid'],
  [
    'an Idempotency-Key of 256 characters',
    () => api.pay('k'.repeat(256), VISA),
    400,
    'idempotency_key_invalid',
  ],
  [
    'an Idempotency-Key sent twice',
    () => api.raw(rawPost(['Idempotency-Key: a', 'Idempotency-Key: a'], BODY)),
    400,
    'idempotency_key_invalid',
  ],
  // the body
  ['no body', () => pay(''), 400, 'malformed_body'],
  ['broken JSON', () => pay('{'), 400, 'malformed_body'],
  [
    'a body that is not UTF-8',
    () =>
      api.send(
        'POST',
        '/v1/payments',
        { ...asJson, 'Idempotency-Key': newKey() },
        Buffer.from('{"a":"\xff"}', 'latin1'),
      ),
    400,
    'malformed_body',
  ],
  ['a text', () => pay('a', { 'Content-Type': 'text/plain' }), 415, 'unsupported_media_type'],
  [
    'a form',
    () => pay('a=1', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported_media_type',
  ],
  [
    'JSON in another charset',
    () => pay(VISA, { 'Content-Type': 'application/json; charset=latin1' }),
    415,
    'unsupported_media_type',
  ],
  ['a body over 64 KiB', () => pay(padded(MAX_BODY_BYTES + 1)), 413, 'body_too_large'],
  ['an array', () => pay('[]'), 422, 'validation_failed'],
  ['a text in JSON', () => pay('"text"'), 422, 'validation_failed'],
  // what the domain refuses
  [
    'a PSP that it has no token of',
    () => withField({ routing: { psp: 'adyen' } }),
    422,
    'no_usable_payment_method',
  ],
  [
    'a pin to a PSP without a token',
    () => withField({ routing: { psp: 'adyen' } }),
    422,
    'no_usable_payment_method',
  ],
  [
    'an amount that no PSP can charge',
    () => withField({ amount: 1001, currency: 'BHD' }),
    422,
    'currency_not_supported',
  ],
];

describe('a request that cannot be answered gets its problem, and nothing is recorded:', () => {
  it.each(CASES)('%s', async (_, send, status, code) => {
    await expectProblem(send, status, code);
  });
});

const FIELDS: readonly (readonly [field: string, value: unknown])[] = [
  ['amount', undefined],
  ['amount', 0],
  ['amount', -1],
  ['amount', 10.5],
  ['amount', '1099'],
  ['amount', null],
  ['amount', 1_000_001],
  ['amount', 1e21],
  ['currency', undefined],
  ['currency', 'usd'],
  ['currency', 'US'],
  ['currency', 'XXZ'],
  ['currency', 840],
  ['payment_method', undefined],
  ['payment_method', ''],
  ['payment_method', 'card_visa'],
  ['payment_method', {}],
  ['payment_method', []],
  ['capture_method', 'later'],
  ['customer_id', ''],
  ['customer_id', 'c'.repeat(256)],
  ['description', 'd'.repeat(501)],
  ['description', 'a\u0000b'],
  ['description', '\ud800'],
  ['description', 7],
  ['statement_descriptor', '12345'],
  ['statement_descriptor', 'a<b'],
  ['statement_descriptor', 's'.repeat(23)],
  ['return_url', 'http://shop.example/'],
  ['return_url', 'javascript:alert(1)'],
  ['return_url', 'https://user:secret@shop.example/'],
  ['return_url', '/return'],
  ['metadata', []],
  ['metadata', 'order'],
  ['metadata', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']))],
  ['metadata', { ['k'.repeat(41)]: 'v' }],
  ['metadata', { '': 'v' }],
  ['metadata.order', { order: 7 }],
  ['metadata.order', { order: 'v'.repeat(501) }],
  ['metadata.order', { order: null }],
  ['routing', {}],
  ['routing', { psp: 'stripe', order: ['stripe'] }],
  ['routing.psp', { psp: 'paypal' }],
  ['routing.order', { order: [] }],
  ['routing.order', { order: ['stripe', 'stripe'] }],
  ['unknown', 1],
  ['Amount', 1099],
  ['constructor', 1],
  ['toString', 'x'],
];

describe('a field that breaks its rule is named, and nothing is recorded:', () => {
  it.each(FIELDS)('%s: %j', async (field, value) => {
    const [name = ''] = field.split('.');
    const answer = await expectProblem(() => withField({ [name]: value }), 422, 'validation_failed');
    expect(answer.problem().errors?.map((error) => error.field)).toStrictEqual([field]);
  });

  it('every one of them', async () => {
    const answer = await expectProblem(
      () => pay({ amount: 0, currency: 'x', payment_method: 'x', other: 1 }),
      422,
      'validation_failed',
    );
    expect(
      answer
        .problem()
        .errors?.map(({ field }) => field)
        .sort(),
    ).toStrictEqual(['amount', 'currency', 'other', 'payment_method']);
  });

  it('__proto__', async () => {
    const body = `${BODY.slice(0, -1)},"__proto__":{"amount":1}}`;
    await expectProblem(() => pay(body), 422, 'validation_failed');
  });

  it.each([
    'status=unknown',
    'psp=paypal',
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=x',
    'created_after=x',
    'page=2',
  ])('of the list, too: %s', async (query) => {
    const answer = await expectProblem(() => api.get(`/v1/payments?${query}`), 422, 'validation_failed');
    expect(answer.problem().errors?.map(({ field }) => field)).toStrictEqual([query.split('=')[0]]);
  });
});

describe('what is right at the edge is accepted', () => {
  it.each([
    ['the longest Idempotency-Key', () => api.pay(`${newKey()}${'k'.repeat(255)}`.slice(0, 255), VISA)],
    ['the longest body', () => pay(padded(MAX_BODY_BYTES))],
    ['the least amount', () => withField({ amount: 1 })],
    ['the greatest amount', () => withField({ amount: 1_000_000 })],
    [
      'the largest metadata',
      () =>
        withField({
          metadata: Object.fromEntries(
            Array.from({ length: 50 }, (_, index) => [`${index}`.padEnd(40, 'k'), 'v'.repeat(500)]),
          ),
        }),
    ],
  ])('%s', async (_, send) => {
    const answer = await send();
    expect([answer.status, answer.text.slice(0, 20)]).toStrictEqual([201, '{"object":"payment",']);
  });
});

describe('a key that has as many requests in flight as it may', () => {
  afterEach(() => psp.heal());

  it('is told when to come again (429), and what it sent too much is not recorded', async () => {
    await psp.failNext('authorize', 'slow:3000', REQUESTS_IN_FLIGHT);
    const before = await recorded.streams();
    const keys = Array.from({ length: REQUESTS_IN_FLIGHT + 10 }, newKey);
    const answers = await Promise.all(keys.map((key) => api.pay(key, VISA, { Prefer: 'wait=30' })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(REQUESTS_IN_FLIGHT);
    expect(refused.map((answer) => answer.problem().code)).toStrictEqual(refused.map(() => 'rate_limited'));
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await recorded.streams()).size).toBe(before.size + REQUESTS_IN_FLIGHT);
    const again = keys[answers.findIndex(({ status }) => status === 429)] ?? '';
    expect(await api.pay(again, VISA)).toMatchObject({ status: 201, replayed: false });
  }, 60_000);
});
