import { exponentOf } from '@tender/domain';
import * as fc from 'fast-check';
import {
  ADYEN_CURRENCIES,
  adyenAccepts,
  fromAdyenAmount,
  MAX_ADYEN_AMOUNT,
  toAdyenAmount,
} from './adyen-amount';

const oneMajorUnit = (currency: string) => 10n ** BigInt(exponentOf(currency) ?? NaN);

// Adyen docs, "Currency codes": the codes without two decimals
const NO_DECIMALS = 'CVE DJF GNF IDR JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

describe('one major unit in Adyen’s counting', () => {
  it.each(NO_DECIMALS)('%s is 1', (currency) => {
    expect(toAdyenAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(1);
  });

  it.each(THREE_DECIMALS)('%s is 1000', (currency) => {
    expect(toAdyenAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(1000);
  });

  const special = new Set([...NO_DECIMALS, ...THREE_DECIMALS]);
  it.each(ADYEN_CURRENCIES.filter((currency) => !special.has(currency)))('%s is 100', (currency) => {
    expect(toAdyenAmount({ amountMinor: oneMajorUnit(currency), currency })).toBe(100);
  });
});

it('every currency in the table is one of ours', () => {
  expect(ADYEN_CURRENCIES.filter((currency) => exponentOf(currency) === undefined)).toEqual([]);
  expect(ADYEN_CURRENCIES.length).toBeGreaterThan(120);
});

describe('what Adyen cannot be asked for exactly is refused', () => {
  it.each([
    ['sen of a rupiah', 'IDR', 150n],
    ['centavos of an escudo', 'CVE', 1n],
    ['nothing', 'USD', 0n],
    ['less than nothing', 'USD', -1n],
    ['a currency that Adyen does not charge', 'IRR', 100n],
    ['no currency', 'usd', 100n],
    ['one more than a JSON number carries', 'USD', MAX_ADYEN_AMOUNT + 1n],
  ])('%s', (_name, currency, amountMinor) => {
    expect(adyenAccepts({ amountMinor, currency })).toBe(false);
  });

  it.each([
    ['USD', MAX_ADYEN_AMOUNT],
    ['USD', 1n],
    ['IDR', 200n],
    ['CLP', 1n],
  ])('but not %s %d', (currency, amountMinor) => {
    expect(adyenAccepts({ amountMinor, currency })).toBe(true);
  });
});

it('there and back is the same money', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ADYEN_CURRENCIES), fc.bigInt(1n, 10n ** 12n), (currency, amountMinor) => {
      const sent = toAdyenAmount({ amountMinor, currency });
      fc.pre(sent !== undefined);
      expect(fromAdyenAmount(sent, currency)).toEqual({ amountMinor, currency });
    }),
  );
});

it.each([
  ['USD', 10.5],
  ['USD', Number.MAX_SAFE_INTEGER + 1],
  ['ISK', 150],
  ['CLP', 99],
  ['XXX', 100],
  ['', 100],
])('a reply of %s %d is no amount of ours', (currency, value) => {
  expect(fromAdyenAmount(value, currency)).toBeUndefined();
});
