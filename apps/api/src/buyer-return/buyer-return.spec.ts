import type { PaymentJson } from '@tender/domain';
import { uuidOf } from '@tender/domain';
import { asPaymentEvent, paymentStream } from '@tender/engine';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';
import { VISA_CARD } from '../../spec/test-cards';

const CHALLENGED = { amount: 1099, currency: 'USD', payment_method: 'pm_card_3ds' };
const SHOP = 'https://shop.example/done?order=7#top';

let on: ApiOnMemory;
beforeAll(async () => {
  on = await apiOnMemory();
});
afterAll(() => on.close());

const waiting = async (more: object = {}): Promise<PaymentJson> =>
  (await on.post({ ...CHALLENGED, return_url: SHOP, ...more })).json();

const eventsOf = async ({ id }: PaymentJson) =>
  (await on.log.readStream(paymentStream(uuidOf('pay', id) ?? ''))).map(asPaymentEvent);

/** Path of the address that the PSP was given for the way back. */
const wayBack = async (payment: PaymentJson): Promise<string> => {
  const started = (await eventsOf(payment)).flatMap((event) =>
    event.type === 'AttemptStarted' ? [event.data.returnUrl ?? ''] : [],
  );
  return new URL(started[0] ?? '').pathname;
};
const returned = async (payment: PaymentJson) =>
  (await eventsOf(payment)).flatMap((event) => (event.type === 'ActionReturned' ? [event.data.result] : []));

const browse = (url: string, form?: string): Promise<LightMyRequestResponse> =>
  on.api.app.inject({
    method: form === undefined ? 'GET' : 'POST',
    url,
    ...(form === undefined
      ? {}
      : { payload: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  });

const expected = ({ id }: PaymentJson): [number, string] => [
  303,
  `https://shop.example/done?order=7&payment=${id}#top`,
];
const place = (answer: LightMyRequestResponse): unknown[] => [answer.statusCode, answer.headers.location];

describe('a buyer who comes back', () => {
  it('is sent on to the merchant, and what the PSP gave the browser is recorded and nothing else', async () => {
    const payment = await waiting();
    const path = await wayBack(payment);
    const query =
      'payment_intent=pi_3&payment_intent_client_secret=pi_3_secret_x&redirect_status=succeeded&utm=1';
    expect(place(await browse(`${path}?${query}`))).toStrictEqual(expected(payment));
    expect(await returned(payment)).toStrictEqual([
      [
        { name: 'payment_intent', value: 'pi_3' },
        { name: 'redirect_status', value: 'succeeded' },
      ],
    ]);
    expect(on.logged.join()).not.toContain('pi_3_secret_x');
  });

  it('is sent on as often as he comes, and returns once', async () => {
    const payment = await waiting();
    const path = await wayBack(payment);
    const answers = await Promise.all(Array.from({ length: 10 }, () => browse(path)));
    answers.push(await browse(path), await browse(path, 'redirect_status=failed'));
    for (const answer of answers) expect(place(answer)).toStrictEqual(expected(payment));
    expect(await returned(payment)).toHaveLength(1);
  });

  it('may be sent back by a form', async () => {
    const payment = await waiting();
    const form = 'redirect_status=succeeded&redirect_status=failed';
    expect(place(await browse(await wayBack(payment), form))).toStrictEqual(expected(payment));
    expect(await returned(payment)).toStrictEqual([[{ name: 'redirect_status', value: 'succeeded' }]]);
  });

  it('without what Adyen needs is sent on, and Adyen is not asked', async () => {
    const payment = await waiting({ payment_method: 'adyen_card_3ds' });
    const path = await wayBack(payment);
    expect(place(await browse(`${path}?redirectResult=`))).toStrictEqual(expected(payment));
    expect(await returned(payment)).toStrictEqual([]);
    expect(place(await browse(`${path}?redirectResult=X6XtfGC3%21Y`))).toStrictEqual(expected(payment));
    expect(await returned(payment)).toStrictEqual([[{ name: 'redirectResult', value: 'X6XtfGC3!Y' }]]);
  });

  it('reads a line of text where the merchant named no address', async () => {
    const payment = await waiting({ return_url: null });
    const answer = await browse(await wayBack(payment));
    expect([answer.statusCode, answer.headers['content-type']]).toStrictEqual([
      200,
      'text/plain; charset=utf-8',
    ]);
    expect(await returned(payment)).toHaveLength(1);
  });
});

describe('an address that we did not make', () => {
  it('is nowhere', async () => {
    const path = await wayBack(await waiting());
    const forged = [
      path.replace(/.\.1$/, '_.1'),
      path.replace(/\.1$/, '.2'),
      path.replace(/\.1$/, ''),
      '/v1/return/x.1',
    ];
    for (const url of forged) expect((await browse(url)).statusCode).toBe(404);
  });

  it('is nowhere where nobody configured one', async () => {
    const without = await apiOnMemory({ buyerReturn: null });
    const path = await wayBack(await waiting());
    expect((await without.api.app.inject({ method: 'GET', url: path })).statusCode).toBe(404);
    await without.close();
  });
});

it('card numbers and other bodies are refused, and nothing is recorded', async () => {
  const payment = await waiting();
  const path = await wayBack(payment);
  const recorded = on.recorded();
  const json = { 'content-type': 'text/plain' };
  const answers = [
    await browse(`${path}?redirect_status=${VISA_CARD}`),
    await browse(path, `redirect_status=${VISA_CARD}`),
    await on.api.app.inject({ method: 'POST', url: path, payload: 'x', headers: json }),
    await on.api.app.inject({
      method: 'POST',
      url: '/v1/payments',
      payload: 'amount=1',
      headers: {
        authorization: 'Bearer sk_demo_tender',
        'content-type': 'application/x-www-form-urlencoded',
      },
    }),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toStrictEqual([422, 422, 415, 415]);
  expect(on.recorded()).toBe(recorded);
});
