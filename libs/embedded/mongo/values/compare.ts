import { fieldsOf, isNumber, numberOf, Type, Value } from './value';

/** MongoDB's comparison order of BSON types; equal ranks compare by value. */
const RANK: ReadonlyMap<number, number> = new Map([
  [Type.minKey, 1],
  [Type.undefined, 2],
  [Type.null, 3],
  [Type.double, 4],
  [Type.int32, 4],
  [Type.int64, 4],
  [Type.string, 5],
  [Type.object, 6],
  [Type.array, 7],
  [Type.binary, 8],
  [Type.objectId, 9],
  [Type.bool, 10],
  [Type.date, 11],
  [Type.timestamp, 12],
  [Type.regex, 13],
  [Type.maxKey, 15],
]);

const rankByType = new Uint8Array(256);
for (const [type, rank] of RANK) rankByType[type] = rank;

export const rankOf = (value: Value): number => rankByType[value.type] ?? 0;

/** What the nearest double leaves out of an int64; 0 for the rest. At most 512 either way. */
export function remainderOf(value: Value, nearest: number): number {
  if (value.type !== Type.int64 || Number.isSafeInteger(nearest)) return 0;
  return Number(value.bytes.readBigInt64LE(value.from) - BigInt(nearest));
}

/** Exact across int32, int64 and double: rounding keeps order, and the remainder settles ties. NaN is lowest. */
function compareNumbers(a: Value, b: Value): number {
  const x = numberOf(a);
  const y = numberOf(b);
  if (x < y) return -1;
  if (x > y) return 1;
  if (x !== y) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  return Math.sign(remainderOf(a, x) - remainderOf(b, y));
}

const compareBytes = (a: Value, b: Value, skip: number, tail: number): number =>
  a.bytes.compare(b.bytes, b.from + skip, b.to - tail, a.from + skip, a.to - tail);

function compareFields(a: Value, b: Value): number {
  const left = fieldsOf(a);
  const right = fieldsOf(b);
  for (const [i, x] of left.entries()) {
    const y = right[i];
    if (y === undefined) return 1;
    const order =
      Math.sign(rankOf(x) - rankOf(y)) ||
      (a.type === Type.object ? Buffer.compare(Buffer.from(x.name), Buffer.from(y.name)) : 0) ||
      compare(x, y);
    if (order !== 0) return order;
  }
  return left.length < right.length ? -1 : 0;
}

/** The total order that sorting, ranges and indexes share; -1, 0 or 1. */
export function compare(a: Value, b: Value): number {
  const rank = rankOf(a);
  const ranks = rank - rankOf(b);
  if (ranks !== 0) return Math.sign(ranks);
  if (rank === 4) return compareNumbers(a, b);
  switch (a.type) {
    case Type.string:
      return compareBytes(a, b, 4, 1);
    case Type.object:
    case Type.array:
      return compareFields(a, b);
    case Type.binary:
      return Math.sign(a.bytes.readInt32LE(a.from) - b.bytes.readInt32LE(b.from)) || compareBytes(a, b, 4, 0);
    case Type.date:
      return order(a.bytes.readBigInt64LE(a.from), b.bytes.readBigInt64LE(b.from));
    case Type.timestamp:
      return order(a.bytes.readBigUInt64LE(a.from), b.bytes.readBigUInt64LE(b.from));
    default:
      return compareBytes(a, b, 0, 0);
  }
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Equality in MongoDB's sense: 1, 1.0 and int64 1 are one value. */
export function equal(a: Value, b: Value): boolean {
  if (a.type === b.type && !isNumber(a)) {
    if (a.type !== Type.object && a.type !== Type.array) return compareBytes(a, b, 0, 0) === 0;
    return compareBytes(a, b, 0, 0) === 0 || compareFields(a, b) === 0;
  }
  return rankOf(a) === rankOf(b) && compare(a, b) === 0;
}

export const isNaNValue = (value: Value): boolean =>
  value.type === Type.double && Number.isNaN(value.bytes.readDoubleLE(value.from));
