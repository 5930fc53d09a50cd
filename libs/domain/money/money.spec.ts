import fc from 'fast-check';
import { exponentOf, isCurrency } from './currency';
import { jsonInteger, MAX_INT64, MIN_INT64, minus, money, plus } from './money';
import { rescaleExactly } from './rescale';

const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

describe('amounts', () => {
  it('add and take away exactly', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        expect(minus(plus(money(a, 'USD'), money(b, 'USD')), money(b, 'USD'))).toEqual(money(a, 'USD'));
      }),
    );
  });

  it('of two currencies have no sum', () => {
    expect(() => plus(money(1n, 'USD'), money(1n, 'EUR'))).toThrow('USD and EUR');
  });

  it.each([MAX_INT64, MIN_INT64])('reach to the edge of int64: %s', (edge) => {
    expect(money(edge, 'USD').amountMinor).toBe(edge);
    expect(() => money(edge + (edge > 0n ? 1n : -1n), 'USD')).toThrow('int64');
  });

  it.each([BigInt(Number.MAX_SAFE_INTEGER), BigInt(Number.MIN_SAFE_INTEGER)])(
    'leave as JSON integers exactly or not at all: %s',
    (edge) => {
      expect(BigInt(jsonInteger(edge))).toBe(edge);
      expect(() => jsonInteger(edge + (edge > 0n ? 1n : -1n))).toThrow('exactly');
    },
  );
});

describe('currencies', () => {
  it.each([
    ['USD', 2],
    ['JPY', 0],
    ['BHD', 3],
    ['CLP', 0],
    ['ISK', 0],
    ['UGX', 0],
  ])('%s has %i digits by ISO 4217', (currency, digits) => {
    expect(exponentOf(currency)).toBe(digits);
  });

  it.each(['usd', 'US', 'XXX', 'XAU', 'ABC', '', 'USDX'])(
    '%s is nothing that anybody is charged in',
    (currency) => {
      expect(isCurrency(currency)).toBe(false);
    },
  );
});

describe('rescaling', () => {
  const digits = fc.integer({ min: 0, max: 4 });

  it('comes back to the same amount, or is refused: it never rounds', () => {
    fc.assert(
      fc.property(amounts, digits, digits, (amount, from, to) => {
        const there = rescaleExactly(amount, from, to);
        const isExact = to >= from || amount % 10n ** BigInt(from - to) === 0n;
        expect(there !== undefined).toBe(isExact);
        expect(there === undefined ? amount : rescaleExactly(there, to, from)).toBe(amount);
      }),
    );
  });
});
