import { MalformedDocument } from './failures';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * A bigint that int64 can hold. The BSON encoder takes any and keeps the low 64 bits: 2^64 - 1 would be stored as -1.
 * @throws RangeError
 */
export function toInt64(value: bigint, place: string): bigint {
  if (value < MIN_INT64 || value > MAX_INT64) throw new RangeError(`${place}: ${value} does not fit int64`);
  return value;
}

/**
 * A value that must have been stored as int64. A number here was written by somebody who let an amount become int32
 * or double, and a double is not money.
 * @throws MalformedDocument
 */
export function fromInt64(value: unknown, place: string): bigint {
  if (typeof value !== 'bigint') throw new MalformedDocument(place, `int64 expected, found ${typeof value}`);
  return value;
}
