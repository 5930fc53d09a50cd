import Stripe from 'stripe';
import { declineOf, type DeclineName } from './declines';
import { Driven, errorOf } from './driven-by-sdk';
import { testPaymentMethods } from './test-payment-methods';

describe('test payment methods', () => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await Driven.start();
  });
  afterAll(() => driven.simulator.stop());

  /** The tokens a caller may rely on. Source: Stripe docs, "Test your integration". */
  const declines: [string, DeclineName][] = [
    ['pm_card_chargeDeclined', 'generic_decline'],
    ['pm_card_visa_chargeDeclined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'lost_card'],
    ['pm_card_chargeDeclinedLostCard', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'stolen_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_velocity_exceeded'],
    ['pm_card_chargeDeclinedFraudulent', 'fraudulent'],
    ['pm_card_chargeCustomerFail', 'generic_decline'],
  ];

  it.each(declines)('%s is declined as %s, and the intent asks for another method', async (token, name) => {
    const error = await errorOf(driven.charge(`decline-${token}`, { payment_method: token }));
    const { code, declineCode } = declineOf(name);
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
    expect(error.requestId).toMatch(/^req_/);
    const intent = await driven.stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', {
      expand: ['latest_charge'],
    });
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      amount_received: 0,
      last_payment_error: { code, decline_code: declineCode, payment_method: { id: token } },
      latest_charge: { status: 'failed', paid: false, captured: false },
    });
    expect(await rowOf(intent.id)).toMatchObject({ status: 'failed' });
  });

  it('a declined intent can be confirmed with another method: one charge row, now succeeded', async () => {
    const error = await errorOf(driven.charge('second-try', { payment_method: 'pm_card_chargeDeclined' }));
    const id = error.payment_intent?.id ?? '';
    const intent = await driven.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    expect(intent).toMatchObject({ status: 'succeeded', last_payment_error: null });
    expect(await rowOf(id)).toMatchObject({ status: 'succeeded' });
  });

  it('each that approves succeeds at once, each that challenges asks the payer', async () => {
    const wrong: string[] = [];
    for (const { id, behaviour } of testPaymentMethods()) {
      if (behaviour.kind === 'decline') continue;
      const intent = await driven.charge(`any-${id}`, { payment_method: id });
      const expected = behaviour.kind === 'approve' ? 'succeeded' : 'requires_action';
      if (intent.status !== expected) wrong.push(id);
    }
    expect(wrong).toEqual([]);
  });

  it('refuses one that does not exist, and stores nothing', async () => {
    const error = await errorOf(driven.charge('ghost', { payment_method: 'pm_card_ghost' }));
    expect(error).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'payment_method' });
    expect((await driven.charge('ghost')).status).toBe('succeeded');
  });

  describe('with a challenge', () => {
    const challenge = async (
      key: string,
      payment_method: string,
      result: 'pass' | 'fail',
      return_url?: string,
    ): Promise<{ id: string; page: Response }> => {
      const intent = await driven.charge(key, {
        payment_method,
        ...(return_url === undefined ? {} : { return_url }),
      });
      expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } });
      expect(await rowOf(intent.id)).toMatchObject({ status: 'requires_action' });
      const url = intent.next_action?.redirect_to_url?.url ?? '';
      expect(await (await fetch(url)).text()).toContain(intent.id);
      const page = await fetch(url, { method: 'POST', body: `result=${result}`, redirect: 'manual' });
      return { id: intent.id, page };
    };

    it.each(['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required'])(
      '%s succeeds when the payer passes, who is sent back',
      async (token) => {
        const { id, page } = await challenge(`pass-${token}`, token, 'pass', 'https://shop.test/done?x=1');
        expect(page.status).toBe(303);
        const back = new URL(page.headers.get('location') ?? '');
        expect(back.origin).toBe('https://shop.test');
        expect(Object.fromEntries(back.searchParams)).toMatchObject({
          x: '1',
          payment_intent: id,
          redirect_status: 'succeeded',
        });
        expect((await driven.stripe.paymentIntents.retrieve(id)).status).toBe('succeeded');
        expect(await rowOf(id)).toMatchObject({ status: 'succeeded' });
      },
    );

    it('ends in requires_payment_method when the payer fails it, and cannot be passed afterwards', async () => {
      const { id, page } = await challenge('fail', 'pm_card_authenticationRequired', 'fail');
      expect(page.status).toBe(200);
      expect(await driven.stripe.paymentIntents.retrieve(id)).toMatchObject({
        status: 'requires_payment_method',
        last_payment_error: { code: 'payment_intent_authentication_failure' },
        latest_charge: null,
      });
      const late = await fetch(`${driven.simulator.url}/_sim/3ds/${id}`, {
        method: 'POST',
        body: 'result=pass',
      });
      expect(late.status).toBe(409);
      expect(await rowOf(id)).toMatchObject({ status: 'failed' });
    });

    it.each([
      ['pm_card_threeDSecureRequiredChargeDeclined', 'generic_decline'],
      ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', 'insufficient_funds'],
      ['pm_card_threeDSecureRequiredProcessingError', 'processing_error'],
    ])('%s is declined (%s) after the payer passed', async (token, declineCode) => {
      const { id } = await challenge(`after-${token}`, token, 'pass');
      expect(await driven.stripe.paymentIntents.retrieve(id)).toMatchObject({
        status: 'requires_payment_method',
        last_payment_error: { decline_code: declineCode },
      });
    });

    it.each([{ off_session: true }, { error_on_requires_action: true }])(
      'is a decline when nobody is there to ask: %j',
      async (absent) => {
        const declined = { payment_method: 'pm_card_authenticationRequired', ...absent };
        const error = await errorOf(driven.charge(JSON.stringify(absent), declined));
        expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' });
      },
    );

    it('is spared off session for a card that was set up for it', async () => {
      const payment_method = 'pm_card_authenticationRequiredSetupForOffSession';
      expect((await driven.charge('off', { payment_method, off_session: true })).status).toBe('succeeded');
      expect((await driven.charge('on', { payment_method })).status).toBe('requires_action');
    });
  });

  const rowOf = async (id: string): Promise<object | undefined> =>
    (await driven.truth()).find((row) => row.reference === id && row.kind === 'charge');
});
