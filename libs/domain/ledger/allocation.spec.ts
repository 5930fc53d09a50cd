import fc from 'fast-check';
import { allocate } from './allocation';

const weight = fc.bigInt({ min: 0n, max: 10n ** 12n });
const weights = fc
  .array(weight, { minLength: 1, maxLength: 20 })
  .filter((some) => some.some((one) => one > 0n));
const total = fc.bigInt({ min: 0n, max: 10n ** 15n });

const sum = (some: readonly bigint[]): bigint => some.reduce((all, one) => all + one, 0n);

describe('an allocation', () => {
  it('leaves nothing and adds nothing, and no share is a whole unit off its quota', () => {
    fc.assert(
      fc.property(total, weights, (amount, by) => {
        const shares = allocate(amount, by);
        expect(sum(shares)).toBe(amount);
        for (const [index, share] of shares.entries()) {
          const off = share * sum(by) - amount * (by[index] ?? 0n);
          expect(off < sum(by) && -off < sum(by)).toBe(true);
        }
      }),
    );
  });

  it('gives nothing to a weight of nothing, and equal shares but for one unit to equal weights', () => {
    fc.assert(
      fc.property(total, weights, (amount, by) => {
        const shares = allocate(amount, by);
        for (const [index, share] of shares.entries()) {
          expect(by[index] !== 0n || share === 0n).toBe(true);
          const twins = shares.filter((_, other) => by[other] === by[index]);
          expect(twins.every((twin) => twin - share <= 1n && share - twin <= 1n)).toBe(true);
        }
      }),
    );
  });

  it('gives the larger remainder its unit first, and of equal ones the earlier', () => {
    expect(allocate(2_000n, [12_000n, 6_000n])).toEqual([1_333n, 667n]);
    expect(allocate(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(allocate(1n, [1n, 2n])).toEqual([0n, 1n]);
  });

  it.each([
    [-1n, [1n]],
    [1n, []],
    [1n, [0n]],
    [1n, [2n, -1n]],
  ])('of %s by %s is none', (amount, by) => {
    expect(() => allocate(amount, by)).toThrow('alloca');
  });
});
