import { MalformedEvent, UnencodableValue, UnknownEventType, UnknownSchemaVersion } from './failures';
import { EventMetadata, NewEvent, Position, RecordedEvent } from './log';
import { reviveMinorFields, toJsonData } from './minor-fields';

type EventData = Record<string, unknown>;

/**
 * What the program knows of one event type. `upcast[n]` turns data of schema version n into version n + 1, so a version
 * that was ever stored stays readable as long as its step is kept.
 */
export interface CatalogEntry {
  readonly version: number;
  readonly upcast?: Readonly<Record<number, (data: EventData) => EventData>>;
}

export type Catalog = Readonly<Record<string, CatalogEntry>>;

/** Free of bigints: `JSON.stringify` and back gives the same. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: EventData;
  readonly metadata: EventMetadata;
}

/** Fresh from `JSON.parse`: decoding takes the tree over and changes it. */
export interface StoredEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: Position;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
}

export interface Codec {
  /** Throws `UnknownEventType`, `UnknownSchemaVersion` or `UnencodableValue`. */
  encode(event: NewEvent): EncodedEvent;
  /** Throws `UnknownEventType`, `UnknownSchemaVersion` or `MalformedEvent`. */
  decode(stored: StoredEvent): RecordedEvent;
}

export function createCodec(catalog: Catalog): Codec {
  // a Map, so that an event type called "constructor" is unknown rather than inherited
  const entries = new Map(Object.entries(catalog));
  for (const [type, entry] of entries) assertComplete(type, entry);
  return {
    encode: (event) => encode(entries, event),
    decode: (stored) => decode(entries, stored),
  };
}

/** A gap in the steps would surface years later, on the first old event: find it at start instead. */
function assertComplete(type: string, entry: CatalogEntry): void {
  if (!Number.isInteger(entry.version) || entry.version < 1) {
    throw new RangeError(`${type}: schema versions are integers from 1`);
  }
  for (let version = 1; version < entry.version; version += 1) {
    if (entry.upcast?.[version] === undefined)
      throw new RangeError(`${type}: no upcaster from version ${version}`);
  }
}

function encode(entries: ReadonlyMap<string, CatalogEntry>, event: NewEvent): EncodedEvent {
  const entry = entries.get(event.type);
  if (entry === undefined) throw new UnknownEventType(event.type, 'encode');
  const { schemaVersion } = event.metadata;
  if (schemaVersion !== entry.version) {
    throw new UnknownSchemaVersion(event.type, schemaVersion, entry.version, 'encode');
  }
  const malformed = malformedMetadata(event.metadata);
  if (malformed !== undefined) throw new UnencodableValue('metadata', malformed);
  return { id: event.id, type: event.type, data: toJsonData(event.data), metadata: event.metadata };
}

function decode(entries: ReadonlyMap<string, CatalogEntry>, stored: StoredEvent): RecordedEvent {
  const entry = entries.get(stored.type);
  if (entry === undefined) throw new UnknownEventType(stored.type, placeOf(stored));
  const { metadata: read } = stored;
  const malformed = malformedMetadata(read);
  if (malformed !== undefined) throw new MalformedEvent(placeOf(stored), `metadata: ${malformed}`);
  const metadata = read as EventMetadata;
  if (metadata.schemaVersion > entry.version) {
    throw new UnknownSchemaVersion(stored.type, metadata.schemaVersion, entry.version, placeOf(stored));
  }
  return {
    id: stored.id,
    type: stored.type,
    data: currentData(entry, metadata.schemaVersion, stored),
    // the version of the data in hand, which an upcaster may have brought forward
    metadata:
      metadata.schemaVersion === entry.version ? metadata : { ...metadata, schemaVersion: entry.version },
    stream: stored.stream,
    revision: stored.revision,
    position: stored.position,
  };
}

function currentData(entry: CatalogEntry, storedVersion: number, stored: StoredEvent): EventData {
  const { data: read } = stored;
  if (!isObject(read)) throw new MalformedEvent(placeOf(stored), 'data is not a JSON object');
  let data = read;
  reviveMinorFields(data, () => placeOf(stored));
  for (let version = storedVersion; version < entry.version; version += 1) {
    const step = entry.upcast?.[version];
    if (step === undefined) throw new MalformedEvent(placeOf(stored), `no upcaster from version ${version}`);
    data = step(data);
  }
  return data;
}

const isObject = (value: unknown): value is EventData =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS = ['correlationId', 'causationId', 'commandId', 'actor', 'recordedAt'] as const;

function malformedMetadata(metadata: unknown): string | undefined {
  if (!isObject(metadata)) return 'not a JSON object';
  const version = metadata.schemaVersion;
  if (!Number.isInteger(version) || (version as number) < 1) return 'schemaVersion is not an integer from 1';
  for (const key of TEXTS) if (typeof metadata[key] !== 'string') return `${key} is not a string`;
  return undefined;
}

const placeOf = (stored: StoredEvent): string => `${stored.stream} at revision ${stored.revision.toString()}`;
