import {
  delimitedLength,
  INT64_MAX,
  INT64_MAX_TEXT,
  varintLength,
  writeDelimiter,
  writeVarint,
} from './wire';

/** An event as a writer proposes it. `id` is a lower-case UUID. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
}

/** The revision of a `$streamDeleted` event (EventStoreDB gives a tombstone the last possible one). */
export const TOMBSTONE_REVISION = INT64_MAX;

const FORMAT = 1;
const JSON_FLAG = 1;
const HEADER_BYTES = 56;
const UUID_CHARACTERS = 36;
/** Tag and length of the UUID message, tag and length of its string. */
const ID_FIELD_BYTES = 4 + UUID_CHARACTERS;

const CREATED_KEY = mapKey('created');
const TYPE_KEY = mapKey('type');
const CONTENT_TYPE_KEY = mapKey('content-type');
const JSON_CONTENT = Buffer.from('application/json');
const BINARY_CONTENT = Buffer.from('application/octet-stream');

/** `metadata` is a protobuf map: each entry is a message whose field 1 is the key. */
function mapKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]);
}

/**
 * A stored event. Its bytes hold a short header and behind it the finished `ReadResp` protobuf message, so that delivering
 * an event, to one reader or to many, encodes nothing: the bytes on disk are the bytes on the wire.
 */
export class LogRecord {
  private streamText: string | undefined;
  private typeText: string | undefined;
  private idText: string | undefined;

  constructor(
    /** Place in `$all`: grows with every record, is not contiguous. */
    readonly position: number,
    /** As stored in the log. */
    readonly stored: Buffer,
    stream?: string,
    event?: ProposedEvent,
  ) {
    this.streamText = stream;
    this.typeText = event?.type;
    this.idText = event?.id;
  }

  get revision(): number {
    return this.stored.readDoubleLE(8);
  }

  get createdMs(): number {
    return this.stored.readDoubleLE(16);
  }

  get isJson(): boolean {
    return (this.stored.readUInt8(1) & JSON_FLAG) !== 0;
  }

  get isTombstone(): boolean {
    return this.revision === TOMBSTONE_REVISION;
  }

  get stream(): string {
    return (this.streamText ??= this.part(24).toString('utf8'));
  }

  get type(): string {
    return (this.typeText ??= this.part(32).toString('utf8'));
  }

  get metadata(): Buffer {
    return this.part(40);
  }

  get data(): Buffer {
    return this.part(48);
  }

  get id(): string {
    return (this.idText ??= this.recorded.toString('latin1', 4, ID_FIELD_BYTES));
  }

  /** The `ReadResp` message that carries this event unresolved. */
  get response(): Buffer {
    return this.stored.subarray(HEADER_BYTES);
  }

  /** The `RecordedEvent` inside it: the same message for plain reads, links and persistent subscriptions. */
  get recorded(): Buffer {
    const start = HEADER_BYTES + this.stored.readUInt8(2);
    return this.stored.subarray(start, start + this.stored.readUInt32LE(4));
  }

  private part(at: number): Buffer {
    const start = this.stored.readUInt32LE(at);
    return this.stored.subarray(start, start + this.stored.readUInt32LE(at + 4));
  }
}

/** Like the byte offsets of a real log: monotonic with gaps, so that no application comes to rely on +1. */
export function positionAfter(position: number, storedBytes: number): number {
  return Math.ceil((position + storedBytes + 8) / 8) * 8;
}

export function revisionText(revision: number): string {
  return revision === TOMBSTONE_REVISION ? INT64_MAX_TEXT : String(revision);
}

/** @param createdMs milliseconds since the Unix epoch; clients read it as 100 ns ticks */
export function encodeRecord(
  stream: string,
  revision: number,
  position: number,
  createdMs: number,
  event: ProposedEvent,
): LogRecord {
  const created = `${createdMs}0000`;
  const contentType = event.isJson ? JSON_CONTENT : BINARY_CONTENT;
  const streamBytes = Buffer.byteLength(stream);
  const typeBytes = Buffer.byteLength(event.type);
  const positionBytes = varintLength(position);

  const identifier = delimitedLength(streamBytes);
  const createdEntry = CREATED_KEY.length + delimitedLength(created.length);
  const typeEntry = TYPE_KEY.length + delimitedLength(typeBytes);
  const contentEntry = CONTENT_TYPE_KEY.length + delimitedLength(contentType.length);
  const recordedBytes =
    ID_FIELD_BYTES +
    delimitedLength(identifier) +
    (1 + varintLength(revision)) +
    2 * (1 + positionBytes) +
    delimitedLength(createdEntry) +
    delimitedLength(typeEntry) +
    delimitedLength(contentEntry) +
    delimitedLength(event.metadata.length) +
    delimitedLength(event.data.length);
  const readEventBytes = delimitedLength(recordedBytes) + 1 + positionBytes;

  const out = Buffer.allocUnsafe(HEADER_BYTES + delimitedLength(readEventBytes));
  let at = writeDelimiter(out, HEADER_BYTES, 0x0a, readEventBytes);
  at = writeDelimiter(out, at, 0x0a, recordedBytes);
  const recordedAt = at;

  at = writeDelimiter(out, at, 0x0a, ID_FIELD_BYTES - 2);
  at = writeDelimiter(out, at, 0x12, UUID_CHARACTERS);
  at += out.write(event.id, at, 'latin1');
  at = writeDelimiter(out, at, 0x12, identifier);
  at = writeDelimiter(out, at, 0x1a, streamBytes);
  const streamAt = at;
  at += out.write(stream, at, 'utf8');
  out[at++] = 0x18;
  at = writeVarint(out, at, revision);
  out[at++] = 0x20;
  at = writeVarint(out, at, position);
  out[at++] = 0x28;
  at = writeVarint(out, at, position);

  at = writeMapEntry(out, at, createdEntry, CREATED_KEY, created.length);
  at += out.write(created, at, 'latin1');
  at = writeMapEntry(out, at, typeEntry, TYPE_KEY, typeBytes);
  const typeAt = at;
  at += out.write(event.type, at, 'utf8');
  at = writeMapEntry(out, at, contentEntry, CONTENT_TYPE_KEY, contentType.length);
  at += contentType.copy(out, at);

  at = writeDelimiter(out, at, 0x3a, event.metadata.length);
  const metadataAt = at;
  out.set(event.metadata, at);
  at = writeDelimiter(out, at + event.metadata.length, 0x42, event.data.length);
  const dataAt = at;
  out.set(event.data, at);
  at += event.data.length;
  out[at++] = 0x18;
  writeVarint(out, at, position);

  out[0] = FORMAT;
  out[1] = event.isJson ? JSON_FLAG : 0;
  out[2] = recordedAt - HEADER_BYTES;
  out[3] = 0;
  out.writeUInt32LE(recordedBytes, 4);
  out.writeDoubleLE(revision, 8);
  out.writeDoubleLE(createdMs, 16);
  writeSpan(out, 24, streamAt, streamBytes);
  writeSpan(out, 32, typeAt, typeBytes);
  writeSpan(out, 40, metadataAt, event.metadata.length);
  writeSpan(out, 48, dataAt, event.data.length);
  return new LogRecord(position, out, stream, event);
}

function writeMapEntry(
  out: Buffer,
  offset: number,
  entryBytes: number,
  key: Buffer,
  valueBytes: number,
): number {
  let at = writeDelimiter(out, offset, 0x32, entryBytes);
  at += key.copy(out, at);
  return writeDelimiter(out, at, 0x12, valueBytes);
}

function writeSpan(out: Buffer, at: number, start: number, length: number): void {
  out.writeUInt32LE(start, at);
  out.writeUInt32LE(length, at + 4);
}
