import { Type, Value } from './value';

/** What a reply can hold; a `Buffer` is a whole document that is copied as it is. */
export type Encodable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Value
  | Buffer
  | readonly Encodable[]
  | EncodableDocument;
export interface EncodableDocument {
  readonly [name: string]: Encodable | undefined;
}

const INITIAL_BYTES = 1 << 16;
const KEEP_BYTES = 1 << 22;

/** Appends BSON to one growing buffer; the finished document is copied out. */
export class Writer {
  private buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  private at = 0;

  private room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }

  begin(): number {
    this.room(4);
    this.at += 4;
    return this.at - 4;
  }

  end(mark: number): void {
    this.room(1);
    this.buffer[this.at++] = 0;
    this.buffer.writeInt32LE(this.at - mark, mark);
  }

  head(type: number, name: string): void {
    this.room(2 + name.length * 3);
    this.buffer[this.at++] = type;
    for (let i = 0; i < name.length; i++) {
      const c = name.charCodeAt(i);
      if (c > 127) {
        this.at += this.buffer.write(name.slice(i), this.at);
        break;
      }
      this.buffer[this.at++] = c;
    }
    this.buffer[this.at++] = 0;
  }

  bytes(source: Buffer, from: number, to: number): void {
    this.room(to - from);
    source.copy(this.buffer, this.at, from, to);
    this.at += to - from;
  }

  /** An element under its own name, copied head and all. */
  element(value: Value): void {
    this.bytes(value.bytes, value.head, value.to);
  }

  value(name: string, value: Value): void {
    this.head(value.type, name);
    this.bytes(value.bytes, value.from, value.to);
  }

  int32(name: string, value: number): void {
    this.head(Type.int32, name);
    this.room(4);
    this.at = this.buffer.writeInt32LE(value, this.at);
  }

  double(name: string, value: number): void {
    this.head(Type.double, name);
    this.room(8);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  int64(name: string, value: bigint, type: number = Type.int64): void {
    this.head(type, name);
    this.room(8);
    this.at = this.buffer.writeBigInt64LE(value, this.at);
  }

  string(name: string, value: string): void {
    this.head(Type.string, name);
    this.room(5 + value.length * 3);
    const length = this.buffer.write(value, this.at + 4);
    this.buffer.writeInt32LE(length + 1, this.at);
    this.at += 4 + length;
    this.buffer[this.at++] = 0;
  }

  any(name: string, value: Encodable): void {
    if (value === null) this.head(Type.null, name);
    else if (typeof value === 'string') this.string(name, value);
    else if (typeof value === 'bigint') this.int64(name, value);
    else if (typeof value === 'boolean') {
      this.head(Type.bool, name);
      this.room(1);
      this.buffer[this.at++] = value ? 1 : 0;
    } else if (typeof value === 'number') {
      if (Object.is(value | 0, value)) this.int32(name, value);
      else this.double(name, value);
    } else if (value instanceof Value) this.value(name, value);
    else if (value instanceof Date) this.int64(name, BigInt(value.getTime()), Type.date);
    else if (Buffer.isBuffer(value)) {
      this.head(Type.object, name);
      this.bytes(value, 0, value.length);
    } else {
      const list = Array.isArray(value);
      this.head(list ? Type.array : Type.object, name);
      this.fields(value as EncodableDocument);
    }
  }

  fields(document: EncodableDocument): void {
    const mark = this.begin();
    for (const name of Object.keys(document)) {
      const value = document[name];
      if (value !== undefined) this.any(name, value);
    }
    this.end(mark);
  }

  take(): Buffer {
    const out = Buffer.allocUnsafe(this.at);
    this.buffer.copy(out, 0, 0, this.at);
    this.at = 0;
    if (this.buffer.length > KEEP_BYTES) this.buffer = Buffer.allocUnsafe(INITIAL_BYTES);
    return out;
  }
}

const writer = new Writer();

/** Runs `write` on the one scratch writer; the server is a single thread and writing never yields. */
export function written(write: (to: Writer) => void): Buffer {
  try {
    write(writer);
  } catch (error) {
    writer.take();
    throw error;
  }
  return writer.take();
}

export const encode = (document: EncodableDocument): Buffer =>
  written((to) => {
    to.fields(document);
  });

/** One JavaScript value as a BSON value, for operands that the server makes itself. */
export function valueOf(plain: Encodable): Value {
  const bytes = encode({ v: plain });
  return new Value('v', bytes[4] ?? 0, bytes, 4, 7, bytes.length - 1);
}
