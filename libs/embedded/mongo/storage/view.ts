import { documentValue } from '../values/value';
import { StoredDocument } from '../query/path';
import type { Plan } from '../query/plan';
import { Catalog, Collection, Index, isIdIndex } from './catalog';
import { Entry, Environment, put, remove, Snapshot, Store, walk } from './environment';
import { duplicateKey, indexChanges } from './index-entries';

export interface Found {
  readonly key: Buffer;
  readonly document: StoredDocument;
}

/** One way to see and change the data: what is committed, or a transaction's own picture of it. */
export interface View {
  get(key: Buffer): StoredDocument | undefined;
  /** Candidates of a plan, each document once; the caller matches them. */
  scan(collection: Collection, plan: Plan): Iterable<Found>;
  /** False while own writes have to be merged in, which breaks an index's order. */
  keepsOrder(collection: Collection): boolean;
  sees(index: Index): boolean;
  /** Adds, replaces or removes one document. Checks everything first: on an exception nothing was written. */
  write(
    collection: Collection,
    key: Buffer,
    before: StoredDocument | undefined,
    after: StoredDocument | undefined,
    roots?: ReadonlySet<string>,
  ): void;
}

/** Who may not be overtaken, and who wants to know about changes. */
export interface WriteGuard {
  /** @throws Blocked when a transaction intends to write this document or unique key. */
  check(key: Buffer): void;
  changed(key: Buffer): void;
}

export const storedDocument = (bytes: Buffer | undefined): StoredDocument | undefined =>
  bytes === undefined ? undefined : new StoredDocument(bytes);

export const idOf = (document: StoredDocument): ReturnType<typeof documentValue> => {
  const id = document.field('_id');
  if (id === undefined) throw new Error('a stored document without _id');
  return id;
};

export function* scanPlan(
  environment: Environment,
  plan: Plan,
  snapshot: Snapshot | undefined,
): Generator<Found> {
  const { index } = plan;
  const transaction = snapshot === undefined ? {} : { transaction: snapshot };
  const fromDocs = index === undefined || isIdIndex(index);
  const seen = index !== undefined && index.arrays.size > 0 ? new Set<string>() : undefined;
  for (const entry of entries(fromDocs ? environment.docs : environment.idx, plan, snapshot)) {
    const key = fromDocs ? entry.key : entry.value;
    if (seen !== undefined) {
      const id = key.toString('latin1');
      if (seen.has(id)) continue;
      seen.add(id);
    }
    const bytes = fromDocs ? entry.value : environment.docs.get(key, transaction);
    // between two chunks of a resting cursor a document may go
    if (bytes !== undefined) yield { key, document: new StoredDocument(bytes) };
  }
}

function* entries(store: Store, plan: Plan, snapshot: Snapshot | undefined): Generator<Entry> {
  const ranges = plan.reverse ? plan.ranges.toReversed() : plan.ranges;
  const transaction = snapshot === undefined ? {} : { transaction: snapshot };
  for (const range of ranges) {
    if (range.exact) {
      const value = store.get(range.low, transaction);
      if (value !== undefined) yield { key: range.low, value };
    } else yield* walk(store, range, plan.reverse, snapshot);
  }
}

/** The committed state; inside a write job also what the job's batch wrote so far. */
export class CommittedView implements View {
  constructor(
    private readonly environment: Environment,
    private readonly catalog: Catalog,
    private readonly guard: WriteGuard,
  ) {}

  get(key: Buffer): StoredDocument | undefined {
    return storedDocument(this.environment.docs.get(key));
  }

  scan(_collection: Collection, plan: Plan): Iterable<Found> {
    return scanPlan(this.environment, plan, undefined);
  }

  keepsOrder(): boolean {
    return true;
  }

  sees(): boolean {
    return true;
  }

  write(
    collection: Collection,
    key: Buffer,
    before: StoredDocument | undefined,
    after: StoredDocument | undefined,
    roots?: ReadonlySet<string>,
  ): void {
    const { docs, idx } = this.environment;
    this.guard.check(key);
    const [idIndex] = collection.indexes;
    if (before === undefined && after && idIndex && docs.doesExist(key)) {
      throw duplicateKey(collection, idIndex, [idOf(after)]);
    }
    const changes = indexChanges(collection, key, before, after, roots);
    for (const { index, added } of changes) {
      if (!index.unique) continue;
      for (const entry of added) {
        this.guard.check(entry.key);
        const owner = idx.get(entry.key);
        if (owner !== undefined && !owner.equals(key)) throw duplicateKey(collection, index, entry.values);
      }
    }
    for (const { index, removed, added, arrays } of changes) {
      for (const old of removed) {
        remove(idx, old);
        if (index.unique) this.guard.changed(old);
      }
      for (const entry of added) {
        put(idx, entry.key, key);
        if (index.unique) this.guard.changed(entry.key);
      }
      if (arrays.length > 0) this.catalog.markArrays(index, arrays);
    }
    if (after) put(docs, key, after.bytes);
    else remove(docs, key);
    this.guard.changed(key);
  }
}
