/** An amount in minor units of its ISO 4217 currency (1099 USD is $10.99). Never a float, never mixed. */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Stores keep amounts as int64; nothing outside may ever be computed. */
export const MAX_INT64 = 2n ** 63n - 1n;
export const MIN_INT64 = -(2n ** 63n);

export class MoneyError extends Error {
  override readonly name = 'MoneyError';
}

export function money(amountMinor: bigint, currency: string): Money {
  if (amountMinor > MAX_INT64 || amountMinor < MIN_INT64) {
    throw new MoneyError(`amount ${amountMinor} is outside int64`);
  }
  return { amountMinor, currency };
}

export function plus(a: Money, b: Money): Money {
  assertSameCurrency(a, b);
  return money(a.amountMinor + b.amountMinor, a.currency);
}

export function minus(a: Money, b: Money): Money {
  assertSameCurrency(a, b);
  return money(a.amountMinor - b.amountMinor, a.currency);
}

/**
 * The JSON integer of an amount. Above 2^53 a JSON reader would round silently, so that is an error here.
 */
export function jsonInteger(amountMinor: bigint): number {
  if (amountMinor > BigInt(Number.MAX_SAFE_INTEGER) || amountMinor < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new MoneyError(`amount ${amountMinor} does not fit a JSON integer exactly`);
  }
  return Number(amountMinor);
}

function assertSameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new MoneyError(`${a.currency} and ${b.currency} have no sum`);
}
