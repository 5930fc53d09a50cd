import { createHash } from 'node:crypto';
import { Database, open, RootDatabase } from 'lmdb';
import { LogRecord, positionAfter, TOMBSTONE_REVISION } from './record';

/** `fsync`: an answered append survives power loss. `none`: it survives the end of the process, not of the machine. */
export type Durability = 'fsync' | 'none';

/** LMDB allows keys of 1978 bytes; a longer stream name is keyed by its hash. */
export const MAX_PLAIN_NAME_BYTES = 1_900;

/** A subscription from {0,0} is exclusive and would skip an event at 0. */
const FIRST_POSITION = 64;
const FORMAT_VERSION = 1;
const INDEX_KEY_BYTES = 12;
const TWO_POW_32 = 2 ** 32;
/** The revision half of an index key that sorts behind every event: the tombstone. */
const LAST_REVISION_HIGH = 0x7fff_ffff;
const LAST_REVISION_LOW = 0xffff_ffff;

export interface StreamTail {
  readonly last: number;
  readonly tombstoned: boolean;
}

/**
 * The events on disk: `log` maps position to record, `idx` maps stream number and revision to position, `streams` maps a name
 * to its number. Nothing else is stored: last revisions, the next stream number and the end of the log are read from the keys.
 */
export class EventFile {
  private readonly root: RootDatabase<Buffer, string>;
  private readonly log: Database<Buffer, number>;
  private readonly index: Database<Buffer, Buffer>;
  private readonly streams: Database<Buffer, Buffer>;
  private commits: Promise<unknown>[] = [];

  constructor(directory: string, durability: Durability) {
    this.root = open<Buffer, string>({
      path: directory,
      encoding: 'binary',
      maxDbs: 4,
      // with overlapping syncs a put resolves when visible, not when durable
      overlappingSync: false,
      noSync: durability === 'none',
    });
    this.log = this.root.openDB<Buffer, number>('log', { encoding: 'binary' });
    this.index = this.root.openDB<Buffer, Buffer>('idx', { encoding: 'binary', keyEncoding: 'binary' });
    this.streams = this.root.openDB<Buffer, Buffer>('streams', { encoding: 'binary', keyEncoding: 'binary' });
  }

  /** Refuses a directory written by another format rather than misread it. */
  async checkFormat(): Promise<void> {
    const stored = this.root.get('format');
    if (stored === undefined) await this.root.put('format', Buffer.from([FORMAT_VERSION]));
    else if (stored[0] !== FORMAT_VERSION) {
      throw new Error(`event data has format ${stored[0] ?? 'none'}, this server reads ${FORMAT_VERSION}`);
    }
  }

  /** Position of the newest record (0 when empty) and the one the next record will get. */
  end(): { readonly last: number; readonly next: number } {
    for (const { key, value } of this.log.getRange({ reverse: true, limit: 1 })) {
      return { last: key, next: positionAfter(key, value.length) };
    }
    return { last: 0, next: FIRST_POSITION };
  }

  nextStreamNumber(): number {
    for (const key of this.index.getKeys({ reverse: true, limit: 1 })) return key.readUInt32BE(0) + 1;
    return 1;
  }

  streamNumber(name: string): number | undefined {
    return this.streams.get(nameKey(name))?.readUInt32BE(0);
  }

  streamTail(streamNumber: number): StreamTail {
    let tombstoned = false;
    const newest = {
      start: lastIndexKey(streamNumber),
      end: indexKey(streamNumber, 0),
      reverse: true,
      limit: 2,
    };
    for (const key of this.index.getKeys({ ...newest, inclusiveEnd: true })) {
      const revision = indexedRevision(key);
      if (revision !== TOMBSTONE_REVISION) return { last: revision, tombstoned };
      tombstoned = true;
    }
    return { last: -1, tombstoned };
  }

  record(position: number): LogRecord | undefined {
    const stored = this.log.get(position);
    return stored === undefined ? undefined : new LogRecord(position, stored);
  }

  recordAt(streamNumber: number, revision: number): LogRecord | undefined {
    const key =
      revision === TOMBSTONE_REVISION ? lastIndexKey(streamNumber) : indexKey(streamNumber, revision);
    const position = this.index.get(key);
    return position === undefined ? undefined : this.record(position.readDoubleBE(0));
  }

  /** Records with `from <= position`, ascending; stops behind `maxBytes`. */
  forward(from: number, limit: number, maxBytes: number): LogRecord[] {
    return this.collect(this.log.getRange({ start: from, limit }), maxBytes);
  }

  /** Records with `position < before`, descending. */
  backward(before: number, limit: number, maxBytes: number): LogRecord[] {
    return this.collect(
      this.log.getRange({ start: before, exclusiveStart: true, reverse: true, limit }),
      maxBytes,
    );
  }

  /** Records of one stream from `revision` on, up or down, the tombstone left out. */
  streamPage(
    streamNumber: number,
    revision: number,
    limit: number,
    maxBytes: number,
    reverse: boolean,
  ): LogRecord[] {
    const start = indexKey(streamNumber, revision);
    const end = reverse ? indexKey(streamNumber, 0) : lastIndexKey(streamNumber);
    const found: LogRecord[] = [];
    let bytes = 0;
    for (const { value } of this.index.getRange({ start, end, inclusiveEnd: reverse, reverse, limit })) {
      const record = this.record(value.readDoubleBE(0));
      if (record === undefined) throw new Error(`index of stream ${streamNumber} points at no record`);
      found.push(record);
      bytes += record.stored.length;
      if (bytes >= maxBytes) break;
    }
    return found;
  }

  putStream(name: string, streamNumber: number): void {
    const value = Buffer.allocUnsafe(4);
    value.writeUInt32BE(streamNumber, 0);
    this.track(this.streams.put(nameKey(name), value));
  }

  putRecord(streamNumber: number, record: LogRecord): void {
    const key = record.isTombstone ? lastIndexKey(streamNumber) : indexKey(streamNumber, record.revision);
    const position = Buffer.allocUnsafe(8);
    position.writeDoubleBE(record.position, 0);
    this.track(this.log.put(record.position, record.stored));
    this.track(this.index.put(key, position));
  }

  /**
   * Resolves when every put since the last call is durable. The puts must have been issued in one turn of the event loop:
   * lmdb makes exactly one transaction of them.
   */
  async committed(): Promise<void> {
    const commits = this.commits;
    this.commits = [];
    await Promise.all(commits);
    // a read transaction opened before the commit would not see it
    this.root.resetReadTxn();
  }

  close(): Promise<void> {
    return this.root.close();
  }

  private track(commit: Promise<unknown>): void {
    // puts of one turn share their promise
    if (this.commits.at(-1) !== commit) this.commits.push(commit);
  }

  private collect(range: Iterable<{ key: number; value: Buffer }>, maxBytes: number): LogRecord[] {
    const found: LogRecord[] = [];
    let bytes = 0;
    for (const { key, value } of range) {
      found.push(new LogRecord(key, value));
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return found;
  }
}

/** A leading byte keeps hashed names apart from plain ones. */
function nameKey(name: string): Buffer {
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_PLAIN_NAME_BYTES) {
    return Buffer.concat([Buffer.from([2]), createHash('sha256').update(name).digest()]);
  }
  const key = Buffer.allocUnsafe(bytes + 1);
  key[0] = 1;
  key.write(name, 1);
  return key;
}

function indexKey(streamNumber: number, revision: number): Buffer {
  const key = Buffer.allocUnsafe(INDEX_KEY_BYTES);
  key.writeUInt32BE(streamNumber, 0);
  key.writeUInt32BE(Math.floor(revision / TWO_POW_32), 4);
  key.writeUInt32BE(revision % TWO_POW_32, 8);
  return key;
}

function lastIndexKey(streamNumber: number): Buffer {
  const key = indexKey(streamNumber, 0);
  key.writeUInt32BE(LAST_REVISION_HIGH, 4);
  key.writeUInt32BE(LAST_REVISION_LOW, 8);
  return key;
}

function indexedRevision(key: Buffer): number {
  const high = key.readUInt32BE(4);
  return high === LAST_REVISION_HIGH ? TOMBSTONE_REVISION : high * TWO_POW_32 + key.readUInt32BE(8);
}
