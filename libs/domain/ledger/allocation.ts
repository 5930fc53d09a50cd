import { LedgerError } from './journals';

/**
 * Divides an amount in proportion to weights, exactly: the shares sum to the total, and each is its exact quota rounded
 * down or up. The units that rounding down leaves go to the largest remainders, and of equal ones to the earlier, so
 * that the same input is always divided in the same way.
 *
 * @param total minor units, ≥ 0
 * @param weights whole, ≥ 0, at least one of them > 0: amounts, or basis points
 * @throws LedgerError for anything else
 */
export function allocate(total: bigint, weights: readonly bigint[]): readonly bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total < 0n) throw new LedgerError(`${total} cannot be allocated`);
  if (whole <= 0n || weights.some((weight) => weight < 0n)) {
    throw new LedgerError('an allocation needs weights that are not negative, and one above zero');
  }
  const shares = weights.map((weight) => (total * weight) / whole);
  const left = total - shares.reduce((sum, share) => sum + share, 0n);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % whole }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  const rounded = new Set(byRemainder.slice(0, Number(left)).map(({ index }) => index));
  return shares.map((share, index) => (rounded.has(index) ? share + 1n : share));
}
