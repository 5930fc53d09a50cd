/** Protobuf varints for the messages that are too hot for the generated codec: appends coming in, events going out. */

const TWO_POW_31 = 0x8000_0000;

/** The largest signed 64-bit integer as the nearest double; EventStoreDB gives it to tombstones and to `$tb` of a soft delete. */
export const INT64_MAX = 2 ** 63;
export const INT64_MAX_TEXT = '9223372036854775807';

const INT64_MAX_VARINT_BYTES = 9;

/** Bytes that {@link writeVarint} will need; `value` is a whole number below 2^53, or {@link INT64_MAX}. */
export function varintLength(value: number): number {
  if (value >= INT64_MAX) return INT64_MAX_VARINT_BYTES;
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest /= 0x80) bytes += 1;
  return bytes;
}

/** Writes at `offset` and returns the offset behind the number. */
export function writeVarint(target: Buffer, offset: number, value: number): number {
  let at = offset;
  if (value >= INT64_MAX) {
    target.fill(0xff, at, at + INT64_MAX_VARINT_BYTES - 1);
    target[at + INT64_MAX_VARINT_BYTES - 1] = 0x7f;
    return at + INT64_MAX_VARINT_BYTES;
  }
  let rest = value;
  // bit operators work on 32 bits only
  while (rest >= TWO_POW_31) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** A length-delimited field with a one-byte tag. */
export function delimitedLength(bytes: number): number {
  return 1 + varintLength(bytes) + bytes;
}

/** Tag and length of a length-delimited field; the content follows at the returned offset. */
export function writeDelimiter(target: Buffer, offset: number, tag: number, bytes: number): number {
  target[offset] = tag;
  return writeVarint(target, offset + 1, bytes);
}

/** Walks the fields of one message; a malformed message throws, which gRPC answers as INTERNAL. */
export class WireReader {
  private at: number;
  field = 0;
  wireType = 0;

  constructor(
    private readonly bytes: Buffer,
    start = 0,
    private readonly end = bytes.length,
  ) {
    this.at = start;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.varint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    return true;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || this.at > this.end) throw new Error('truncated protobuf varint');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  /** The content of a length-delimited field, without copying. */
  content(): Buffer {
    const length = this.varint();
    const start = this.at;
    this.at = start + length;
    if (this.at > this.end) throw new Error('truncated protobuf field');
    return this.bytes.subarray(start, this.at);
  }

  message(): WireReader {
    return new WireReader(this.content());
  }

  text(): string {
    return this.content().toString('utf8');
  }

  skip(): void {
    if (this.wireType === 0) this.varint();
    else if (this.wireType === 2) this.content();
    else if (this.wireType === 1) this.at += 8;
    else if (this.wireType === 5) this.at += 4;
    else throw new Error(`unsupported protobuf wire type ${this.wireType}`);
  }
}
