import { BSON } from 'mongodb';
import { MalformedDocument } from './failures';
import { fromInt64, toInt64 } from './int64';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

const stored = (value: unknown): unknown =>
  BSON.deserialize(BSON.serialize({ value }), { useBigInt64: true }).value;

describe('int64', () => {
  it.each([0n, 1n, -1n, 2n ** 53n + 1n, MAX, MIN])('keeps %s through the encoder', (value) => {
    expect(fromInt64(stored(toInt64(value, 'here')), 'here')).toBe(value);
  });

  it.each([MAX + 1n, MIN - 1n, 2n ** 64n - 1n])('refuses %s, which the encoder would wrap', (value) => {
    expect(stored(value)).not.toBe(value);
    expect(() => toInt64(value, 'payment x amountMinor')).toThrow('payment x amountMinor');
  });

  it.each([1, 1.5, '1', null, undefined])('refuses to read %s as an amount', (value) => {
    expect(() => fromInt64(value, 'here')).toThrow(MalformedDocument);
  });
});
