import type { PspName } from './outcome';
import fc from 'fast-check';
import { route, type PspFacts, type RoutingPolicy, type RoutingRequest } from './routing';
import { shareOf, type RoutingRule } from './routing-rules';
import { pspOfToken, tokensOf } from './tokens';

const takesAll: PspFacts = { requestVersion: 1, accepts: () => true };
const takesNone: PspFacts = { requestVersion: 1, accepts: () => false };
const both: Record<PspName, PspFacts> = { stripe: takesAll, adyen: takesAll };

const request = (change: Partial<RoutingRequest> = {}): RoutingRequest => ({
  amountMinor: 1099n,
  currency: 'USD',
  merchant: 'shop',
  cardBrand: null,
  share: 0,
  tokens: { stripe: 'pm_1', adyen: 'adyen_1' },
  wish: null,
  ...change,
});
const NO_RULES: RoutingPolicy = { rules: [] };

const order = (
  asked: RoutingRequest,
  facts: Parameters<typeof route>[1],
  policy: RoutingPolicy = NO_RULES,
): unknown => {
  const routed = route(asked, facts, policy);
  return 'candidates' in routed ? routed.candidates.map(({ psp }) => psp) : routed.refusal;
};
const reasons = (asked: RoutingRequest, policy: RoutingPolicy): readonly string[] => {
  const routed = route(asked, both, policy);
  return 'candidates' in routed ? routed.candidates.map(({ reason }) => reason) : [];
};
const adyenFirst = (when: RoutingRule['when']): RoutingPolicy => ({
  rules: [{ name: 'to-adyen', when, prefer: { kind: 'order', psps: ['adyen', 'stripe'] } }],
});
const split = (stripe: number, adyen: number): RoutingPolicy => ({
  rules: [
    {
      name: 'split',
      when: {},
      prefer: {
        kind: 'weights',
        weights: [
          { psp: 'stripe', weight: stripe },
          { psp: 'adyen', weight: adyen },
        ],
      },
    },
  ],
});

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

describe('a rule', () => {
  it.each<[string, RoutingRule['when'], Partial<RoutingRequest>, boolean]>([
    ['without conditions', {}, {}, true],
    ['by merchant', { merchants: ['other', 'shop'] }, {}, true],
    ['by another merchant', { merchants: ['other'] }, {}, false],
    ['by currency', { currencies: ['USD'] }, {}, true],
    ['by another currency', { currencies: ['EUR'] }, {}, false],
    ['from exactly this amount', { amountFromMinor: 1099n }, {}, true],
    ['from a greater amount', { amountFromMinor: 1100n }, {}, false],
    ['up to exactly this amount', { amountToMinor: 1099n }, {}, true],
    ['up to a smaller amount', { amountToMinor: 1098n }, {}, false],
    ['by brand', { cardBrands: ['visa'] }, { cardBrand: 'visa' }, true],
    ['by another brand', { cardBrands: ['visa'] }, { cardBrand: 'mc' }, false],
    ['by brand, while nobody has said it', { cardBrands: ['visa'] }, {}, false],
    ['whose conditions hold but for one', { merchants: ['shop'], currencies: ['EUR'] }, {}, false],
  ])('%s', (_what, when, change, does) => {
    expect(order(request(change), both, adyenFirst(when))).toEqual(
      does ? ['adyen', 'stripe'] : ['stripe', 'adyen'],
    );
  });

  it('that comes first decides alone, and asks nobody whom it does not name', () => {
    const rules: readonly RoutingRule[] = [
      { name: 'one', when: {}, prefer: { kind: 'order', psps: ['adyen'] } },
      ...adyenFirst({}).rules,
    ];
    expect(order(request(), both, { rules })).toEqual(['adyen']);
    expect(reasons(request(), { rules })).toEqual(['rule one']);
    expect(order(request({ tokens: { stripe: 'pm_1' } }), both, { rules })).toBe('no_usable_payment_method');
  });

  it('gives way to the wish of the merchant', () => {
    expect(order(request({ wish: { kind: 'pinned', psp: 'stripe' } }), both, adyenFirst({}))).toEqual([
      'stripe',
    ]);
    const wish = { kind: 'order', psps: ['stripe', 'adyen'] } as const;
    expect(order(request({ wish }), both, adyenFirst({}))).toEqual(['stripe', 'adyen']);
  });
});

describe('weights', () => {
  it.each<[number, readonly PspName[]]>([
    [0, ['stripe', 'adyen']],
    [0.699, ['stripe', 'adyen']],
    [0.7, ['adyen', 'stripe']],
    [0.999, ['adyen', 'stripe']],
  ])('of 70 to 30 send the share %d first to %j', (share, psps) => {
    expect(order(request({ share }), both, split(70, 30))).toEqual(psps);
  });

  it('of nothing leave a PSP for later', () => {
    expect(order(request({ share: 0 }), both, split(0, 1))).toEqual(['adyen', 'stripe']);
    expect(order(request({ share: 0.999 }), both, split(1, 0))).toEqual(['stripe', 'adyen']);
  });

  it('are recorded with the choice', () => {
    expect(reasons(request({ share: 0.5 }), split(70, 30))).toEqual([
      'rule split, weight 70 of 100',
      'rule split, not drawn',
    ]);
  });

  it('divide many payments as they say, each always alike', () => {
    const share = fc.uuid({ version: 5 }).map(shareOf);
    fc.assert(
      fc.property(share, (of) => {
        expect(of).toBeGreaterThanOrEqual(0);
        expect(of).toBeLessThan(1);
        expect(order(request({ share: of }), both, split(70, 30))).toEqual(
          of < 0.7 ? ['stripe', 'adyen'] : ['adyen', 'stripe'],
        );
      }),
    );
    expect(shareOf('80000000-0000-5000-8000-000000000000')).toBe(0.5);
    expect(() => shareOf('no id')).toThrow('uuid');
  });
});

describe('a PSP whose circuit is open', () => {
  const health = { stripe: 'circuit_open' } as const;

  it('stands behind those that are well, and the reason says so', () => {
    expect(order(request(), both, { rules: [], health })).toEqual(['adyen', 'stripe']);
    expect(reasons(request(), { rules: [], health })).toEqual([
      'default order',
      'default order, behind: circuit open',
    ]);
    expect(order(request(), both, { ...split(100, 0), health })).toEqual(['adyen', 'stripe']);
  });

  it('is asked when there is nobody else, or when the merchant wants it', () => {
    expect(order(request(), { stripe: takesAll }, { rules: [], health })).toEqual(['stripe']);
    const all = { stripe: 'circuit_open', adyen: 'circuit_open' } as const;
    expect(order(request(), both, { rules: [], health: all })).toEqual(['stripe', 'adyen']);
    const wish = { kind: 'order', psps: ['stripe', 'adyen'] } as const;
    expect(order(request({ wish }), both, { rules: [], health })).toEqual(['stripe', 'adyen']);
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
