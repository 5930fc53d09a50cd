import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Answer, ApiClient, DEMO_KEY, type HeaderValues, type Json } from '../stack/api-client';
import { CARDS_IN_TURN, filesWith, TEST_CARDS } from '../stack/card-numbers';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

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

const pay = (body: Json | string, headers: HeaderValues = {}): Promise<Answer> =>
  api.pay(`card-${randomUUID()}`, body, headers);

const escaped = (card: string): string => card.replace(/\d/g, (digit) => `\\u003${digit}`);

/** Where a card number may be put by a merchant who does not know better, or by one who does. */
const FORBIDDEN: readonly (readonly [place: string, send: (card: string) => Promise<Answer>])[] = [
  ['a text of the body', (card) => pay({ ...VISA, description: `card ${card}, please` })],
  ['a text of the body, escaped', (card) => pay(`{"description":"${escaped(card)}"}`)],
  ['a value of metadata', (card) => pay({ ...VISA, metadata: { card } })],
  ['a key of metadata', (card) => pay({ ...VISA, metadata: { [card]: 'x' } })],
  ['a field name', (card) => pay({ ...VISA, [card]: 1 })],
  ['the payment method', (card) => pay({ ...VISA, payment_method: card })],
  ["a PSP's payment method", (card) => pay({ ...VISA, payment_method: { stripe: card } })],
  ['the customer', (card) => pay({ ...VISA, customer_id: card })],
  ['the return URL', (card) => pay({ ...VISA, return_url: `https://shop.example/?card=${card}` })],
  ['deep inside of what is unknown', (card) => pay({ ...VISA, x: [[{ y: [{ card }] }]] })],
  ['the Idempotency-Key', (card) => api.pay(card, VISA)],
  ['the path', (card) => api.get(`/v1/payments/${encodeURIComponent(card)}`)],
  ['an unknown path', (card) => api.get(`/${encodeURIComponent(card)}/x`)],
  ['the query', (card) => api.get(`/v1/payments?customer_id=${encodeURIComponent(card)}`)],
  ['the name of a query parameter', (card) => api.get(`/v1/payments?${encodeURIComponent(card)}=1`)],
];

/** Where it is not looked for, or not reached: whatever the answer is, it must not be kept. */
const ELSEWHERE: readonly (readonly [place: string, send: (card: string) => Promise<Answer>])[] = [
  ['the user agent', (card) => pay(VISA, { 'User-Agent': card })],
  ['a request id', (card) => pay(VISA, { 'X-Request-Id': card, 'Request-Id': card, Traceparent: card })],
  [
    'the referrer',
    (card) => pay(VISA, { Referer: `https://shop.example/?card=${encodeURIComponent(card)}` }),
  ],
  ['a preference', (card) => pay(VISA, { Prefer: `wait=1, ${card}` })],
  ['the API key', (card) => pay(VISA, { Authorization: `Bearer ${card}` })],
  ['the content type', (card) => pay(VISA, { 'Content-Type': `application/${card.replaceAll(' ', '')}` })],
  ['a body that is no JSON', (card) => pay(`{"card": "${card}`)],
  ['a body of another type', (card) => pay(card, { 'Content-Type': 'text/plain' })],
  [
    'a number',
    (card) => pay(`{"amount":${card.replace(/\D/g, '')},"currency":"USD","payment_method":"pm_card_visa"}`),
  ],
  ['a request line that is none', (card) => api.raw(`${card}\r\n\r\n`)],
  [
    'a header line that is none',
    (card) =>
      api.raw(`GET /health/live HTTP/1.1\r\nHost: a\r\n${card}\r\nAuthorization: ${DEMO_KEY}\r\n\r\n`),
  ],
];

const tellsNone = (answer: Answer): boolean => {
  const told = [answer.text, ...answer.headers.values()].join('\n');
  return !TEST_CARDS.some((card) => told.includes(card));
};

describe('a card number', () => {
  it.each(FORBIDDEN)('in %s is refused, and not repeated', async (_, send) => {
    const before = [(await recorded.all()).length, (await psp.rows()).length];
    for (const card of CARDS_IN_TURN) {
      const answer = await send(card);
      expect([answer.status, answer.problem().code]).toStrictEqual([422, 'card_data_forbidden']);
      expect(tellsNone(answer)).toBe(true);
    }
    expect([(await recorded.all()).length, (await psp.rows()).length]).toStrictEqual(before);
  });

  it.each(ELSEWHERE)('in %s is not repeated', async (_, send) => {
    for (const card of CARDS_IN_TURN) expect(tellsNone(await send(card))).toBe(true);
  });

  it('stands in no file of the stores, of the simulator, or of any log', async () => {
    // what is stored and logged is found: were it hidden from this search, so would be the numbers
    const canary = `canary-${randomUUID()}`;
    const answer = await pay({ ...VISA, description: canary });
    await api.paymentWhen(answer.payment().id, ({ status }) => status === 'succeeded');
    const requestId = answer.headers.get('request-id') ?? '';
    const reference = answer.payment().attempts[0]?.psp_reference ?? '';
    await recorded.close();
    await stack.stop();
    const holders = (text: string): string => filesWith(stack.dataPath, [text]).join('\n');
    expect(holders(canary)).toContain(join(stack.dataPath, 'eventstore'));
    expect(holders(canary)).toContain(join(stack.dataPath, 'readstore'));
    expect(holders(reference)).toContain(join(stack.dataPath, 'simulator'));
    expect(holders(requestId)).toContain(join(stack.dataPath, 'logs'));

    expect(filesWith(stack.dataPath, [...TEST_CARDS, ...TEST_CARDS.map(escaped)])).toStrictEqual([]);
    expect(TEST_CARDS.filter((card) => stack.output.includes(card))).toStrictEqual([]);
    expect(holders(DEMO_KEY)).toBe('');
  }, 60_000);
});
