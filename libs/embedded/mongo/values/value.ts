import { ProtocolFailure, notBuilt } from '../errors';

/** BSON type bytes of the closed list (bsonspec.org); Decimal128, code, symbols and DBPointer are refused at the door. */
export const Type = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  bool: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/** MongoDB's limit for stored documents. */
export const MAX_DEPTH = 180;
const MAX_INTERNED_NAMES = 4096;

/**
 * One BSON value where it lies in its buffer. Nothing is decoded to JavaScript: that would lose the difference
 * between int32, int64 and double, and it costs more than all the rest of a statement.
 */
export class Value {
  constructor(
    readonly name: string,
    readonly type: number,
    readonly bytes: Buffer,
    /** Offset of the element's type byte; equals `from` for a value that is not an element. */
    readonly head: number,
    readonly from: number,
    readonly to: number,
  ) {}
}

export const NULL = new Value('', Type.null, Buffer.alloc(0), 0, 0, 0);
export const UNDEFINED = new Value('', Type.undefined, Buffer.alloc(0), 0, 0, 0);

export const documentValue = (bytes: Buffer): Value => new Value('', Type.object, bytes, 0, 0, bytes.length);

const interned = new Map<number, string>();

/** Field names repeat without end; finding the known string by hash is several times cheaper than decoding it. */
function readName(bytes: Buffer, from: number, to: number, hash: number): string {
  const known = interned.get(hash);
  if (known?.length === to - from) {
    let i = 0;
    while (i < known.length && known.charCodeAt(i) === bytes[from + i]) i++;
    if (i === known.length) return known;
  }
  const name = bytes.toString('utf8', from, to);
  if (name.length === to - from && interned.size < MAX_INTERNED_NAMES) interned.set(hash, name);
  return name;
}

function cstringEnd(bytes: Buffer, from: number, limit: number): number {
  const end = bytes.indexOf(0, from);
  if (end < 0 || end >= limit) throw new ProtocolFailure('unterminated string in BSON');
  return end;
}

function valueEnd(type: number, bytes: Buffer, from: number, limit: number): number {
  switch (type) {
    case Type.double:
    case Type.date:
    case Type.timestamp:
    case Type.int64:
      return from + 8;
    case Type.string:
      return from + 4 + bytes.readInt32LE(from);
    case Type.object:
    case Type.array:
      return from + bytes.readInt32LE(from);
    case Type.binary:
      return from + 5 + bytes.readInt32LE(from);
    case Type.undefined:
    case Type.null:
    case Type.minKey:
    case Type.maxKey:
      return from;
    case Type.objectId:
      return from + 12;
    case Type.bool:
      return from + 1;
    case Type.int32:
      return from + 4;
    case Type.regex:
      return cstringEnd(bytes, cstringEnd(bytes, from, limit) + 1, limit) + 1;
    default:
      throw notBuilt(`BSON type 0x${type.toString(16)}`);
  }
}

/** The elements of an object or array, in order. The bytes were checked by {@link assertWellFormed} on arrival. */
export function fieldsOf(parent: Value): Value[] {
  const { bytes } = parent;
  const limit = parent.to - 1;
  const fields: Value[] = [];
  let at = parent.from + 4;
  while (at < limit) {
    const head = at;
    const type = bytes[at++] ?? 0;
    const nameFrom = at;
    let hash = 0;
    for (let c = bytes[at] ?? 0; c !== 0; c = bytes[++at] ?? 0) hash = (Math.imul(hash, 31) + c) | 0;
    const name = readName(bytes, nameFrom, at, hash);
    const end = valueEnd(type, bytes, at + 1, limit);
    fields.push(new Value(name, type, bytes, head, at + 1, end));
    at = end;
  }
  return fields;
}

export function fieldNamed(fields: readonly Value[], name: string): Value | undefined {
  for (const field of fields) if (field.name === name) return field;
  return undefined;
}

/**
 * Checks a received document once, so that nothing behind the wire needs bounds checks.
 * @throws ProtocolFailure for bytes that are not BSON; CommandError 238 for a type outside the closed list.
 */
export function assertWellFormed(bytes: Buffer, from: number, limit: number, depth = 0): number {
  if (depth > MAX_DEPTH) throw new ProtocolFailure('BSON nested too deeply');
  const length = from + 5 <= limit ? bytes.readInt32LE(from) : 0;
  const to = from + length;
  if (length < 5 || to > limit || bytes[to - 1] !== 0) throw new ProtocolFailure('BSON length is wrong');
  let at = from + 4;
  while (at < to - 1) {
    const type = bytes[at] ?? 0;
    const start = cstringEnd(bytes, at + 1, to) + 1;
    if (type === Type.object || type === Type.array) {
      at = assertWellFormed(bytes, start, to - 1, depth + 1);
      continue;
    }
    const sized = type === Type.string || type === Type.binary;
    if (sized && start + 4 > to) throw new ProtocolFailure('BSON value is cut off');
    const end = valueEnd(type, bytes, start, to);
    const tooShort = sized && end < start + (type === Type.string ? 5 : 5);
    if (end > to - 1 || tooShort) throw new ProtocolFailure('BSON value is cut off');
    if (type === Type.string && bytes[end - 1] !== 0) throw new ProtocolFailure('BSON string is not ended');
    at = end;
  }
  return to;
}

/** Levels of nesting in a value: a scalar is 0. */
export function depthOf(value: Value): number {
  if (value.type !== Type.object && value.type !== Type.array) return 0;
  let deepest = 0;
  for (const field of fieldsOf(value)) deepest = Math.max(deepest, depthOf(field));
  return deepest + 1;
}

export const isNumber = (value: Value): boolean =>
  value.type === Type.int32 || value.type === Type.int64 || value.type === Type.double;

export const stringOf = (value: Value): string => value.bytes.toString('utf8', value.from + 4, value.to - 1);

/** The number nearest to a numeric value; int64 beyond 2^53 is rounded. */
export function numberOf(value: Value): number {
  if (value.type === Type.int32) return value.bytes.readInt32LE(value.from);
  if (value.type === Type.double) return value.bytes.readDoubleLE(value.from);
  return value.bytes.readInt32LE(value.from + 4) * 4294967296 + value.bytes.readUInt32LE(value.from);
}
