import { Code, CommandError } from '../errors';
import { numberOf, Type, Value } from './value';
import { valueOf, written } from './encode';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

const integerOf = (value: Value): bigint =>
  value.type === Type.int64
    ? value.bytes.readBigInt64LE(value.from)
    : BigInt(value.bytes.readInt32LE(value.from));

const doubleOf = (value: number): Value => {
  const bytes = written((to) => {
    to.double('', value);
  });
  return new Value('', Type.double, bytes, 0, 2, bytes.length);
};

/**
 * Sum with MongoDB's widening: int32 grows to int64, a double makes a double.
 * @param onOverflow `$inc` refuses what an int64 cannot hold; `$sum` goes on as a double.
 */
export function add(a: Value, b: Value, onOverflow: 'refuse' | 'double'): Value {
  if (a.type === Type.double || b.type === Type.double) return doubleOf(numberOf(a) + numberOf(b));
  if (a.type === Type.int32 && b.type === Type.int32) {
    const sum = numberOf(a) + numberOf(b);
    return valueOf(Object.is(sum | 0, sum) ? sum : BigInt(sum));
  }
  const sum = integerOf(a) + integerOf(b);
  if (sum >= INT64_MIN && sum <= INT64_MAX) return valueOf(sum);
  if (onOverflow === 'double') return doubleOf(Number(sum));
  throw new CommandError(Code.BadValue, 'Failed to apply $inc operations to current value: int64 overflow');
}
