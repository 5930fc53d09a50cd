import { open, type Database, type RootDatabase } from 'lmdb';
import { StorageFailure } from '../errors';

/** Keys from `low` (inclusive) up to `high` (exclusive). */
export interface Range {
  readonly low: Buffer;
  readonly high: Buffer;
  /** The range is this one key of a unique index. */
  readonly exact: boolean;
}

export type Store = Database<Buffer, Buffer>;
/** A read transaction of LMDB: an unchanging picture of all stores. */
export type Snapshot = ReturnType<RootDatabase['useReadTransaction']>;

const FIRST_CHUNK = 32;
const NEXT_CHUNK = 256;
const MAP_SIZE_BYTES = 64 * 2 ** 30;

/**
 * The LMDB environment. `overlappingSync` is off: with it recovery depends on the machine's boot id. Without it a
 * commit is plain LMDB: data pages, fdatasync, meta page, and only then does the call return.
 */
export class Environment {
  private readonly root: RootDatabase<Buffer, Buffer>;
  /** Collection id + key of `_id` to BSON. */
  readonly docs: Store;
  /** Index id + field keys (+ key of `_id` unless unique) to the key in `docs`. */
  readonly idx: Store;
  /** Catalogue, counters and the last retryable write of each session. */
  readonly meta: Store;

  constructor(directory: string, durable: boolean) {
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.root = open<Buffer, Buffer>({
      path: directory,
      ...binary,
      maxDbs: 4,
      compression: false,
      overlappingSync: false,
      noSubdir: false,
      mapSize: MAP_SIZE_BYTES,
      noSync: !durable,
    });
    this.docs = this.root.openDB({ name: 'docs', ...binary });
    this.idx = this.root.openDB({ name: 'idx', ...binary });
    this.meta = this.root.openDB({ name: 'meta', ...binary });
  }

  /** One durable commit; an exception in `run` undoes everything. Nested, it is a child transaction. */
  commit<T>(run: () => T): T {
    return this.root.transactionSync(run);
  }

  snapshot(): Snapshot {
    this.root.resetReadTxn();
    return this.root.useReadTransaction();
  }

  close(): Promise<void> {
    return this.root.close();
  }
}

/** Key lengths are checked long before, so whatever LMDB refuses here is the disk's fault. */
export function put(store: Store, key: Buffer, value: Buffer): void {
  try {
    store.putSync(key, value);
  } catch (error) {
    throw new StorageFailure('the store refused a write', { cause: error });
  }
}

export function remove(store: Store, key: Buffer): void {
  try {
    store.removeSync(key);
  } catch (error) {
    throw new StorageFailure('the store refused a delete', { cause: error });
  }
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/**
 * Walks a range in chunks and seeks anew for each, so that a walk may rest between two requests without holding a
 * read transaction open, and sees what was written meanwhile.
 */
export function* walk(store: Store, range: Range, reverse: boolean, snapshot?: Snapshot): Generator<Entry> {
  let last: Buffer | undefined;
  for (let size = FIRST_CHUNK; ; size = NEXT_CHUNK) {
    // one more than asked: after a seek the entry sought comes first again
    const limit = last === undefined ? size : size + 1;
    const entries = readChunk(store, range, reverse, last, limit, snapshot);
    for (const entry of entries) {
      if (last?.equals(entry.key) !== true) yield entry;
    }
    if (entries.length < limit) return;
    last = entries.at(-1)?.key;
  }
}

function readChunk(
  store: Store,
  range: Range,
  reverse: boolean,
  last: Buffer | undefined,
  limit: number,
  snapshot: Snapshot | undefined,
): Entry[] {
  const entries: Entry[] = [];
  const bounds = reverse
    ? // backwards the low end is the last entry wanted, so it has to be included
      { start: last ?? range.high, end: range.low, reverse: true, inclusiveEnd: true }
    : { start: last ?? range.low, end: range.high };
  const transaction = snapshot === undefined ? {} : { transaction: snapshot };
  for (const entry of store.getRange({ ...bounds, ...transaction, limit })) entries.push(entry);
  return entries;
}
