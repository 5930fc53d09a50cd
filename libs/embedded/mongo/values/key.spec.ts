import { Double, Int32, Long, MaxKey, MinKey, ObjectId, serialize, Timestamp, Binary } from 'bson';
import { mulberry32, pick } from '../generators';
import { compare } from './compare';
import { keyOf } from './key';
import { documentValue, fieldsOf, Value } from './value';

const PAIRS = 40_000;
const SEEDS = [1, 2, 3];

const valueOf = (plain: unknown): Value => {
  const [field] = fieldsOf(documentValue(Buffer.from(serialize({ v: plain }, { ignoreUndefined: false }))));
  if (field === undefined) throw new Error('nothing to compare');
  return field;
};

const INTEGERS = [
  0n,
  1n,
  -1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 53n - 1n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const DOUBLES = [
  0,
  -0,
  0.1,
  -0.1,
  1,
  1.5,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  Infinity,
  -Infinity,
  NaN,
  5e-324,
  1e300,
];
const STRINGS = ['', 'a', 'ab', 'a\0', 'a\0b', 'b', 'é', '日本', 'ÿ', '\0', 'a\u0001'];

function randomPlain(random: () => number, depth = 0): unknown {
  const kind = Math.floor(random() * (depth < 2 ? 14 : 12));
  switch (kind) {
    case 0:
      return null;
    case 1:
      return new Int32(Math.floor(random() * 5) - 2);
    case 2:
      return Long.fromBigInt(pick(random, INTEGERS));
    case 3:
      return new Double(pick(random, DOUBLES));
    case 4:
    case 5:
      return pick(random, STRINGS);
    case 6:
      return new Binary(
        Buffer.alloc(Math.floor(random() * 4), Math.floor(random() * 256)),
        pick(random, [0, 4, 128]),
      );
    case 7:
      return new ObjectId(Buffer.alloc(12, Math.floor(random() * 3)));
    case 8:
      return random() < 0.5;
    case 9:
      return new Date(pick(random, [0, 1, -1, 1e12, -1e12]));
    case 10:
      return Timestamp.fromBits(Math.floor(random() * 3), Math.floor(random() * 3));
    case 11:
      return pick(random, [new MinKey(), new MaxKey()]);
    case 12:
      return Array.from({ length: Math.floor(random() * 3) }, () => randomPlain(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: Math.floor(random() * 3) }, () => [
          pick(random, ['a', 'b', 'aa']),
          randomPlain(random, depth + 1),
        ]),
      );
  }
}

describe('keyOf', () => {
  it.each(SEEDS)('orders bytes as compare orders values, ascending and descending (seed %i)', (seed) => {
    const random = mulberry32(seed);
    const wrong: string[] = [];
    for (let i = 0; i < PAIRS; i++) {
      const a = valueOf(randomPlain(random));
      const b = valueOf(randomPlain(random));
      const order = compare(a, b);
      if (Math.sign(keyOf(a).compare(keyOf(b))) !== order) wrong.push(`ascending pair ${i}`);
      if (Math.sign(keyOf(a, true).compare(keyOf(b, true))) !== -order + 0)
        wrong.push(`descending pair ${i}`);
    }
    expect(wrong).toEqual([]);
  });

  it('keeps integers apart that share their nearest double', () => {
    const wide = (value: bigint): Value => valueOf(Long.fromBigInt(value));
    expect(keyOf(wide(2n ** 53n)).equals(keyOf(wide(2n ** 53n + 1n)))).toBe(false);
    expect(keyOf(wide(2n ** 53n)).equals(keyOf(valueOf(new Double(2 ** 53))))).toBe(true);
    expect(compare(wide(2n ** 63n - 1n), valueOf(new Double(2 ** 63)))).toBe(-1);
  });
});
