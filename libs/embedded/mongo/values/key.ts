import { rankOf, remainderOf } from './compare';
import { fieldsOf, numberOf, Type, Value } from './value';

/** Bytes that memcmp in the order of `compare`. One scratch buffer: a key is made and copied out before the next. */
const INITIAL_BYTES = 4096;
let scratch = Buffer.allocUnsafe(INITIAL_BYTES);
let at = 0;

function room(bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const grown = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(grown, 0, 0, at);
  scratch = grown;
}

/** Strings end with 00 00 and escape their own NULs as 00 FF, so a prefix sorts first and descending keys still work. */
function putText(bytes: Buffer, from: number, to: number): void {
  room((to - from) * 2 + 2);
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    scratch[at++] = byte;
    if (byte === 0) scratch[at++] = 0xff;
  }
  scratch[at++] = 0;
  scratch[at++] = 0;
}

/** The nearest double in sortable form, then what it leaves out of an int64: keeps 2^53 and 2^53 + 1 apart. */
function putNumber(value: Value): void {
  const nearest = numberOf(value);
  const start = at;
  room(10);
  if (Number.isNaN(nearest)) {
    scratch.fill(0, at, at + 10);
    at += 10;
    return;
  }
  at = scratch.writeDoubleBE(nearest === 0 ? 0 : nearest, at);
  if (nearest < 0) for (let i = start; i < at; i++) scratch[i] = ~(scratch[i] ?? 0);
  else scratch[start] = (scratch[start] ?? 0) | 0x80;
  at = scratch.writeUInt16BE(0x8000 + remainderOf(value, nearest), at);
}

function putChildren(value: Value): void {
  for (const field of fieldsOf(value)) {
    if (value.type === Type.object) {
      room(1);
      scratch[at++] = rankOf(field);
      const name = Buffer.from(field.name);
      putText(name, 0, name.length);
    }
    put(field);
  }
  room(1);
  scratch[at++] = 0;
}

function putInt64(value: Value, signed: boolean): void {
  room(8);
  const start = at;
  at = scratch.writeBigUInt64BE(value.bytes.readBigUInt64LE(value.from), at);
  if (signed) scratch[start] = (scratch[start] ?? 0) ^ 0x80;
}

function putRaw(value: Value): void {
  const length = value.to - value.from;
  room(length);
  value.bytes.copy(scratch, at, value.from, value.to);
  at += length;
}

function put(value: Value): void {
  room(1);
  scratch[at++] = rankOf(value);
  switch (value.type) {
    case Type.double:
    case Type.int32:
    case Type.int64:
      putNumber(value);
      return;
    case Type.string:
      putText(value.bytes, value.from + 4, value.to - 1);
      return;
    case Type.object:
    case Type.array:
      putChildren(value);
      return;
    case Type.date:
    case Type.timestamp:
      putInt64(value, value.type === Type.date);
      return;
    case Type.binary:
      // by length, then subtype, then bytes: the order MongoDB documents for BinData
      room(4 + value.to - value.from);
      at = scratch.writeUInt32BE(value.bytes.readInt32LE(value.from), at);
      value.bytes.copy(scratch, at, value.from + 4, value.to);
      at += value.to - value.from - 4;
      return;
    default:
      putRaw(value);
  }
}

/** Starts a key with a 32-bit id (a collection or an index). */
export function keyOfParts(id: number, values: readonly Value[], descending: readonly boolean[]): Buffer {
  at = 0;
  room(4);
  at = scratch.writeUInt32BE(id, at);
  for (const [i, value] of values.entries()) {
    const start = at;
    put(value);
    if (descending[i] === true) for (let j = start; j < at; j++) scratch[j] = ~(scratch[j] ?? 0);
  }
  return copyOut();
}

export function keyOf(value: Value, descending = false): Buffer {
  at = 0;
  put(value);
  if (descending) for (let i = 0; i < at; i++) scratch[i] = ~(scratch[i] ?? 0);
  return copyOut();
}

function copyOut(): Buffer {
  const key = Buffer.allocUnsafe(at);
  scratch.copy(key, 0, 0, at);
  return key;
}
