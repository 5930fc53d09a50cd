import { exponentOf } from '@tender/domain';
import * as fc from 'fast-check';
import {
  fromStripeAmount,
  MAX_STRIPE_AMOUNT,
  MAX_STRIPE_AMOUNT_IDR,
  STRIPE_CURRENCIES,
  stripeAccepts,
  toStripeAmount,
} from './stripe-amount';

// Stripe docs, "Supported currencies", zero-decimal list without UGX, which has its own rule
const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMAL = 'BHD JOD KWD OMR TND'.split(' ');
const TWO_DECIMAL_WITHOUT_MINOR_UNIT = ['ISK', 'UGX'];

/** One major unit, as Stripe counts it and as ISO 4217 does. */
const oneMajorUnit = (currency: string) => 10n ** BigInt(exponentOf(currency) ?? NaN);

describe('one major unit in Stripe’s counting', () => {
  it.each(ZERO_DECIMAL)('%s is 1', (currency) => {
    expect(toStripeAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(1);
  });

  it.each(THREE_DECIMAL)('%s is 1000', (currency) => {
    expect(toStripeAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(1000);
  });

  const special = new Set([...ZERO_DECIMAL, ...THREE_DECIMAL]);
  it.each(STRIPE_CURRENCIES.filter((currency) => !special.has(currency)))('%s is 100', (currency) => {
    expect(toStripeAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(100);
  });
});

it('every currency in the table is one of ours', () => {
  expect(STRIPE_CURRENCIES.filter((currency) => exponentOf(currency) === undefined)).toEqual([]);
  expect(STRIPE_CURRENCIES.length).toBeGreaterThan(130);
});

describe('what Stripe cannot be asked for exactly is refused', () => {
  it.each([
    ['a three-digit amount that does not end in 0', 'KWD', 1001n],
    ['a part of an ariary', 'MGA', 150n],
    ['nothing', 'USD', 0n],
    ['less than nothing', 'USD', -1n],
    ['a currency that Stripe does not charge', 'IRR', 100n],
    ['no currency', 'usd', 100n],
    ['one more than the limit', 'USD', MAX_STRIPE_AMOUNT + 1n],
    ['one more than the limit of rupiah', 'IDR', MAX_STRIPE_AMOUNT_IDR + 1n],
  ])('%s', (_name, currency, amountMinor) => {
    expect(stripeAccepts({ amountMinor, currency })).toBe(false);
  });

  it.each([
    ['USD', MAX_STRIPE_AMOUNT],
    ['IDR', MAX_STRIPE_AMOUNT_IDR],
    ['USD', 1n],
    ['KWD', 1010n],
  ])('but not %s %d', (currency, amountMinor) => {
    expect(stripeAccepts({ amountMinor, currency })).toBe(true);
  });
});

it.each(TWO_DECIMAL_WITHOUT_MINOR_UNIT)('%s is always sent in hundreds', (currency) => {
  fc.assert(
    fc.property(fc.bigInt(1n, 999_999n), (units) => {
      const sent = toStripeAmount({ amountMinor: units * oneMajorUnit(currency), currency });
      expect((sent ?? 1) % 100).toBe(0);
    }),
  );
});

it('there and back is the same money', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STRIPE_CURRENCIES),
      fc.bigInt(1n, MAX_STRIPE_AMOUNT),
      (currency, amountMinor) => {
        const sent = toStripeAmount({ amountMinor, currency });
        fc.pre(sent !== undefined);
        expect(fromStripeAmount(sent, currency.toLowerCase())).toEqual({ amountMinor, currency });
      },
    ),
  );
});

it.each([
  ['usd', 10.5],
  ['usd', Number.MAX_SAFE_INTEGER + 1],
  ['isk', 150],
  ['xxx', 100],
  ['', 100],
])('a reply of %s %d is no amount of ours', (currency, amount) => {
  expect(fromStripeAmount(amount, currency)).toBeUndefined();
});
