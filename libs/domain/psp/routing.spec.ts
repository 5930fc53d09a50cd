import type { PspName } from './outcome';
import { route, type PspFacts, type RoutingRequest } from './routing';
import { pspOfToken, tokensOf } from './tokens';

const takesAll: PspFacts = { requestVersion: 1, accepts: () => true };
const takesNone: PspFacts = { requestVersion: 1, accepts: () => false };
const both: Record<PspName, PspFacts> = { stripe: takesAll, adyen: takesAll };

const request = (change: Partial<RoutingRequest> = {}): RoutingRequest => ({
  amountMinor: 1099n,
  currency: 'USD',
  tokens: { stripe: 'pm_1', adyen: 'adyen_1' },
  wish: null,
  ...change,
});
const order = (...found: [RoutingRequest, Parameters<typeof route>[1]]): unknown => {
  const routed = route(...found);
  return 'candidates' in routed ? routed.candidates.map(({ psp }) => psp) : routed.refusal;
};

describe('routing', () => {
  it('prefers Stripe where nobody asks for anything', () => {
    expect(order(request(), both)).toEqual(['stripe', 'adyen']);
  });

  it('keeps to the order that the merchant gives, each PSP once', () => {
    expect(order(request({ wish: { kind: 'order', psps: ['adyen', 'stripe', 'adyen'] } }), both)).toEqual([
      'adyen',
      'stripe',
    ]);
  });

  it('asks a pinned PSP and no other', () => {
    expect(order(request({ wish: { kind: 'pinned', psp: 'adyen' } }), both)).toEqual(['adyen']);
  });

  it('asks nobody whom the payment has no token for, or who is not connected', () => {
    expect(order(request({ tokens: { adyen: 'adyen_1' } }), both)).toEqual(['adyen']);
    expect(order(request(), { adyen: takesAll })).toEqual(['adyen']);
    expect(order(request({ tokens: {} }), both)).toBe('no_usable_payment_method');
    expect(order(request({ wish: { kind: 'pinned', psp: 'adyen' } }), { stripe: takesAll })).toBe(
      'no_usable_payment_method',
    );
  });

  it('asks nobody who cannot charge exactly this amount', () => {
    expect(order(request(), { stripe: takesNone, adyen: takesAll })).toEqual(['adyen']);
    expect(order(request(), { stripe: takesNone })).toBe('currency_not_supported');
  });
});

describe('tokens', () => {
  it('tell their PSP by their prefix', () => {
    expect(pspOfToken('pm_card_visa')).toBe('stripe');
    expect(pspOfToken('adyen_card_ok')).toBe('adyen');
    expect(tokensOf('tok_visa')).toEqual({});
    expect(tokensOf('pm_1')).toEqual({ stripe: 'pm_1' });
  });
});
