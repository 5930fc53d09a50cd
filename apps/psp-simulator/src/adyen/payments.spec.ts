import { Driven, errorOf, MANUAL, paymentOf } from './driven-by-sdk';
import { DEFAULT_MERCHANT_ACCOUNT } from './server';
import { RESULTS_AFTER_MS } from '../results-after.fixture';
import { AUTHORISATION_LIFE_MS } from './payment';
import { storedIds } from './test-cards';
import { DISPUTED_BY } from './disputed-by.fixture';

const ACCOUNT = { merchantAccount: DEFAULT_MERCHANT_ACCOUNT };
const LONG_MS = RESULTS_AFTER_MS * 10;

let driven: Driven;
beforeAll(async () => {
  driven = await Driven.start();
});
beforeEach(() => driven.control('POST', 'reset'));
afterAll(() => driven.simulator.stop());

describe('stored payment methods', () => {
  const cases: [string, object, string, string[]][] = [
    ['card_ok', { resultCode: 'Authorised' }, 'succeeded', ['AUTHORISATION true']],
    ['card_capture_fails', { resultCode: 'Authorised' }, 'succeeded', ['AUTHORISATION true']],
    ['card_refund_fails', { resultCode: 'Authorised' }, 'succeeded', ['AUTHORISATION true']],
    ['card_recaptured', { resultCode: 'Authorised' }, 'succeeded', ['AUTHORISATION true']],
    ['card_refund_returned', { resultCode: 'Authorised' }, 'succeeded', ['AUTHORISATION true']],
    ...Object.entries(DISPUTED_BY).map(([card, told]): [string, object, string, string[]] => [
      card,
      { resultCode: 'Authorised' },
      'succeeded',
      ['AUTHORISATION true', ...told.map((code) => `${code} true`)],
    ]),
    ['card_refused', { resultCode: 'Refused', refusalReasonCode: '2' }, 'failed', ['AUTHORISATION false']],
    [
      'card_insufficient',
      { resultCode: 'Refused', refusalReasonCode: '12' },
      'failed',
      ['AUTHORISATION false'],
    ],
    ['card_error', { resultCode: 'Error', refusalReasonCode: '4' }, 'failed', ['AUTHORISATION false']],
    ['card_pending', { resultCode: 'Received' }, 'pending', ['AUTHORISATION true']],
    ['card_3ds', { resultCode: 'RedirectShopper' }, 'requires_action', []],
  ];

  it.each(cases)('%s', async (card, answer, status, news) => {
    const paid = await driven.pay('k', {}, card);
    expect(paid).toMatchObject({
      ...answer,
      merchantReference: 'att_k',
      amount: { currency: 'EUR', value: 1099 },
    });
    expect(await driven.truth()).toMatchObject([
      { reference: paid.pspReference, our_reference: 'att_k', idempotency_key: 'k', kind: 'charge', status },
    ]);
    expect(await driven.news()).toEqual(news);
  });

  it('are all tested', () => {
    expect(cases.map(([card]) => card).toSorted()).toEqual(storedIds().toSorted());
  });

  it('card_pending is authorised a while later', async () => {
    await driven.pay('k', {}, 'card_pending');
    await driven.advance(LONG_MS);
    expect(await driven.truth()).toMatchObject([{ status: 'succeeded' }]);
  });
});

it.each([
  [{ additionalData: { RequestedTestAcquirerResponseCode: '6' } }, 'Refused', '6'],
  [{ additionalData: { RequestedTestAcquirerResponseCode: 'UNKNOWN' } }, 'Error', '4'],
  [{ additionalData: { RequestedTestAcquirerResponseCode: 'PENDING' } }, 'Received', undefined],
  [{ additionalData: { RequestedTestAcquirerResponseCode: '1' } }, 'Authorised', undefined],
  [{ paymentMethod: { type: 'scheme', holderName: 'DECLINED : 06 : ERROR' } }, 'Refused', '2'],
  [{ paymentMethod: { type: 'scheme', holderName: 'NOT_ENOUGH_BALANCE' } }, 'Refused', '12'],
  [{ paymentMethod: { type: 'scheme', holderName: 'CANCELLED' } }, 'Cancelled', '15'],
  [{ paymentMethod: { type: 'scheme', holderName: 'J. Smith' } }, 'Authorised', undefined],
])('the trigger in %j gives %s', async (more, resultCode, refusalReasonCode) => {
  const { status, body } = await post('/v72/payments', { ...paymentOf('att_k'), ...more });
  expect([status, body.resultCode, body.refusalReasonCode]).toEqual([200, resultCode, refusalReasonCode]);
});

it.each([
  [{ amount: undefined }, 422, '100'],
  [{ amount: { currency: 'EUR', value: 0 } }, 422, '137'],
  [{ amount: { currency: 'EUR', value: 1.5 } }, 422, '137'],
  [{ amount: { currency: 'CLP', value: 150 } }, 422, '137'],
  [{ amount: { currency: 'XXX', value: 100 } }, 422, '138'],
  [{ reference: undefined }, 422, '130'],
  [{ returnUrl: undefined }, 422, '14_030'],
  [{ shopperReference: undefined }, 422, '180'],
  [{ paymentMethod: { type: 'scheme', storedPaymentMethodId: 'card_unknown' } }, 422, '800'],
  [{ paymentMethod: { type: 'scheme', encryptedCardNumber: 'test_4111' } }, 422, '101'],
  [{ paymentMethod: { type: 'ideal' } }, 422, '14_007'],
  [{ merchantAccount: 'Another' }, 403, '901'],
])('refuses a payment with %j, stores nothing, and the key stays usable', async (more, status, errorCode) => {
  const error = await post('/v72/payments', { ...paymentOf('att_k'), ...more }, 'k');
  expect([error.status, error.body.errorCode]).toEqual([status, errorCode]);
  expect(await driven.truth()).toEqual([]);
  expect((await post('/v72/payments', { ...paymentOf('att_k') }, 'k')).status).toBe(200);
});

it('answers 401 without a key of the API, 400 to what is no JSON, 404 where there is no method', async () => {
  const { url } = driven.simulator;
  const bare = await fetch(`${url}/v72/payments`, { method: 'POST', body: '{}' });
  expect(bare.status).toBe(401);
  expect((await post('/v72/payments', '{')).status).toBe(400);
  expect((await post('/v72/payments/X/unknown', paymentOf('att_k'))).status).toBe(404);
  const lookup = await fetch(`${url}/v72/payments/X`, { headers: { 'x-api-key': 'AQE' } });
  expect(lookup.status).toBe(404);
});

it.each([
  ['CLP', 700, 7],
  ['ISK', 500, 5],
  ['IDR', 15_000, 1_500_000],
  ['CVE', 3, 300],
  ['JPY', 500, 500],
  ['KWD', 1_011, 1_011],
])('the truth about %s %d is %d in ISO minor units', async (currency, value, amount) => {
  await driven.pay('k', { amount: { currency, value } });
  expect(await driven.truth()).toMatchObject([{ currency, amount }]);
});

describe('what is done to a payment is received, and its result told later', () => {
  const amount = (value = 1099) => ({ ...ACCOUNT, amount: { currency: 'EUR', value } });
  const rows = async () => (await driven.truth()).map(({ kind, status }) => `${kind} ${status}`);
  const newsAfterwards = async () => (await driven.news()).filter((one) => !one.startsWith('AUTHORISATION'));

  it('a capture, full or partial, once', async () => {
    const { pspReference } = await driven.pay('k', MANUAL);
    expect(await rows()).toEqual(['charge requires_capture']);
    const received = await driven.modifications.captureAuthorisedPayment(pspReference!, amount(99), {
      idempotencyKey: 'c',
    });
    expect(received).toMatchObject({ status: 'received', paymentPspReference: pspReference });
    expect(await rows()).toEqual(['charge requires_capture', 'capture pending']);
    await driven.modifications.captureAuthorisedPayment(pspReference!, amount(99));
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual(['charge succeeded', 'capture succeeded', 'capture failed']);
    expect(await newsAfterwards()).toEqual(['CAPTURE true', 'CAPTURE false']);
    const { item } = (await driven.outbox())[1]!;
    expect(item).toMatchObject({ originalReference: pspReference, amount: { value: 99 } });
  });

  it('an authorisation can be captured for 28 days, and not a millisecond longer', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const frozen = await Driven.start({ clock: () => nowMs });
    const [kept, lost] = [await frozen.pay('a', MANUAL), await frozen.pay('b', MANUAL)];
    const capture = (pspReference = '') =>
      frozen.modifications.captureAuthorisedPayment(pspReference, amount());
    nowMs += AUTHORISATION_LIFE_MS - 1;
    await capture(kept.pspReference);
    nowMs += 1;
    expect((await frozen.truth()).map(({ status }) => status)).toEqual([
      'requires_capture',
      'pending',
      'canceled',
    ]);
    expect((await capture(lost.pspReference)).status).toBe('received');
    expect(await frozen.news()).toEqual([
      'AUTHORISATION true',
      'AUTHORISATION true',
      'CAPTURE true',
      'CAPTURE false',
    ]);
    await frozen.simulator.stop();
  });

  it('more than was authorised is not captured', async () => {
    const { pspReference } = await driven.pay('k', MANUAL);
    await driven.modifications.captureAuthorisedPayment(pspReference!, amount(1100));
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual(['charge requires_capture', 'capture failed']);
  });

  it('a cancel ends an authorisation, and after that nothing is captured', async () => {
    const { pspReference } = await driven.pay('k', MANUAL);
    await driven.modifications.cancelAuthorisedPaymentByPspReference(pspReference!, ACCOUNT);
    await driven.modifications.captureAuthorisedPayment(pspReference!, amount());
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual(['charge canceled', 'void succeeded', 'capture failed']);
    expect(await newsAfterwards()).toEqual(['CANCELLATION true', 'CAPTURE false']);
  });

  it('a captured payment is not canceled', async () => {
    const { pspReference } = await driven.pay('k');
    await driven.modifications.cancelAuthorisedPaymentByPspReference(pspReference!, ACCOUNT);
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual(['charge succeeded', 'void failed']);
    expect(await newsAfterwards()).toEqual(['CANCELLATION false']);
  });

  it('refunds take no more than was captured, however many are on their way', async () => {
    const { pspReference } = await driven.pay('k');
    for (const [n, value] of [600, 400, 100, 99].entries()) {
      await driven.modifications.refundCapturedPayment(pspReference!, {
        ...amount(value),
        reference: `re_${n}`,
      });
    }
    await driven.advance(LONG_MS);
    expect((await driven.truth()).slice(1)).toMatchObject([
      { kind: 'refund', our_reference: 're_0', amount: 600, status: 'succeeded' },
      { kind: 'refund', our_reference: 're_1', amount: 400, status: 'succeeded' },
      { kind: 'refund', our_reference: 're_2', amount: 100, status: 'failed' },
      { kind: 'refund', our_reference: 're_3', amount: 99, status: 'succeeded' },
    ]);
    expect((await driven.outbox())[1]?.item).toMatchObject({
      eventCode: 'REFUND',
      merchantReference: 're_0',
    });
  });

  it('a reversal is a cancel while there is time for one, then a refund of what is left', async () => {
    const held = await driven.pay('a', MANUAL);
    const taken = await driven.pay('b');
    await driven.modifications.refundOrCancelPayment(held.pspReference!, ACCOUNT);
    await driven.modifications.refundCapturedPayment(taken.pspReference!, amount(99));
    await driven.modifications.refundOrCancelPayment(taken.pspReference!, ACCOUNT);
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual([
      'charge canceled',
      'void succeeded',
      'charge succeeded',
      'refund succeeded',
      'refund succeeded',
    ]);
    expect((await driven.truth())[4]?.amount).toBe(1000);
    const actions = (await driven.outbox()).map(({ item }) => item.additionalData['modification.action']);
    expect(actions.filter((one) => one !== undefined)).toEqual(['cancel', 'refund']);
  });

  it('a technical cancel finds a payment by our own reference', async () => {
    await driven.pay('lost', MANUAL);
    const received = await driven.modifications.cancelAuthorisedPayment({
      ...ACCOUNT,
      paymentReference: 'att_lost',
      reference: 'void-1',
    });
    expect(received).toMatchObject({ status: 'received', paymentReference: 'att_lost', reference: 'void-1' });
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual(['charge canceled', 'void succeeded']);
    expect((await driven.outbox())[1]?.item).toMatchObject({
      eventCode: 'TECHNICAL_CANCEL',
      success: 'true',
      merchantReference: 'void-1',
    });
  });

  it('that there is nothing to cancel is also only told later', async () => {
    await driven.modifications.cancelAuthorisedPayment({ ...ACCOUNT, paymentReference: 'att_never' });
    expect(await driven.truth()).toEqual([]);
    expect(await driven.news()).toEqual(['TECHNICAL_CANCEL false']);
  });

  it('a capture or a refund that fails late is told as success first', async () => {
    const one = await driven.pay('a', MANUAL, 'card_capture_fails');
    await driven.modifications.captureAuthorisedPayment(one.pspReference!, amount());
    const other = await driven.pay('b', {}, 'card_refund_fails');
    await driven.modifications.refundCapturedPayment(other.pspReference!, amount());
    await driven.advance(LONG_MS);
    expect(await rows()).toEqual([
      'charge requires_capture',
      'capture failed',
      'charge succeeded',
      'refund failed',
    ]);
    expect((await newsAfterwards()).toSorted()).toEqual([
      'CAPTURE true',
      'CAPTURE_FAILED true',
      'REFUND true',
      'REFUND_FAILED true',
    ]);
  });

  it('a capture that failed late may be taken up again, under the same reference', async () => {
    const { pspReference } = await driven.pay('a', MANUAL, 'card_recaptured');
    await driven.modifications.captureAuthorisedPayment(pspReference!, amount());
    const statuses: (string | undefined)[] = [];
    for (let n = 0; n < 3; n += 1) {
      await driven.advance(RESULTS_AFTER_MS);
      statuses.push((await rows()).at(-1));
    }
    expect(statuses).toEqual(['capture succeeded', 'capture failed', 'capture succeeded']);
    const told = (await driven.outbox()).map(({ item }) => item).slice(1);
    expect(told.map(({ eventCode, reason }) => [eventCode, reason])).toEqual([
      ['CAPTURE', ''],
      ['CAPTURE_FAILED', 'Failed'],
      ['CAPTURE', 'Transaction Recaptured'],
    ]);
    expect(new Set(told.map((item) => item.pspReference)).size).toBe(1);
  });

  it('a refund that comes back from the buyer’s bank is told as such, and may be made again', async () => {
    const { pspReference } = await driven.pay('a', {}, 'card_refund_returned');
    const refund = () => driven.modifications.refundCapturedPayment(pspReference!, amount());
    await refund();
    await driven.advance(LONG_MS);
    expect(await newsAfterwards()).toEqual(['REFUND true', 'REFUNDED_REVERSED true']);
    await refund();
    await driven.advance(RESULTS_AFTER_MS);
    expect(await rows()).toEqual(['charge succeeded', 'refund failed', 'refund succeeded']);
  });

  it('of a refund the truth tells the refund’s own id, without the number of the try', async () => {
    const { pspReference } = await driven.pay('a');
    const reference = 're_0a1b2c3d4e5f50608a90a0b0c0d0e0f0';
    await driven.modifications.refundCapturedPayment(pspReference!, {
      ...amount(),
      reference: `${reference}-2`,
    });
    expect((await driven.truth()).at(-1)).toMatchObject({ kind: 'refund', our_reference: reference });
  });

  it('nothing is done to a payment that does not exist, or in another currency', async () => {
    const missing = await errorOf(driven.modifications.refundCapturedPayment('NOSUCHPAYMENT', amount()));
    expect(missing).toMatchObject({ statusCode: 422, errorCode: '167' });
    const { pspReference } = await driven.pay('k');
    const dollars = { ...ACCOUNT, amount: { currency: 'USD', value: 1 } };
    const wrong = await errorOf(driven.modifications.refundCapturedPayment(pspReference!, dollars));
    expect(wrong).toMatchObject({ statusCode: 422, errorCode: '138' });
  });
});

describe('3-D Secure by redirect', () => {
  const challenge = async (result: string) => {
    const { action } = await driven.pay('k', {}, 'card_3ds');
    const { url } = action as { url: string };
    expect((await fetch(url)).status).toBe(200);
    const back = await fetch(url, { method: 'POST', body: `result=${result}`, redirect: 'manual' });
    expect(back.status).toBe(303);
    return new URL(back.headers.get('location') ?? '').searchParams.get('redirectResult') ?? '';
  };

  it.each([
    ['pass', 'Authorised', 'succeeded', 'AUTHORISATION true'],
    ['fail', 'Refused', 'failed', 'AUTHORISATION false'],
  ])(
    'a challenge that ends with %s leaves it %s, once the merchant has handed it in',
    async (result, resultCode, status, news) => {
      const redirectResult = await challenge(result);
      expect(await driven.truth()).toMatchObject([{ status: 'requires_action' }]);
      const paid = await driven.payments.paymentsDetails({
        details: { redirectResult },
        ...ACCOUNT,
      });
      expect(paid).toMatchObject({ resultCode, merchantReference: 'att_k' });
      const again = await driven.payments.paymentsDetails({
        details: { redirectResult },
        ...ACCOUNT,
      });
      expect(again).toEqual(paid);
      expect(await driven.truth()).toMatchObject([{ status }]);
      expect(await driven.news()).toEqual([news]);
    },
  );

  it('a result that nobody brought back is none', async () => {
    const { pspReference = '' } = await driven.pay('k', {}, 'card_3ds');
    for (const redirectResult of [`SIM.${pspReference}.pass`, 'SIM..pass', 'x']) {
      const details = { details: { redirectResult } };
      expect((await errorOf(driven.payments.paymentsDetails(details))).statusCode).toBe(422);
    }
    expect(await driven.truth()).toMatchObject([{ status: 'requires_action' }]);
  });
});

async function post(
  path: string,
  body: object | string,
  key?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(driven.simulator.url + path, {
    method: 'POST',
    headers: { 'x-api-key': 'AQE_simulator', ...(key !== undefined && { 'idempotency-key': key }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
