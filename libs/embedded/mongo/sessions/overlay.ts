import { Code, CommandError } from '../errors';
import { StoredDocument } from '../query/path';
import type { Plan } from '../query/plan';
import { Catalog, Collection, Index, namespaceOf } from '../storage/catalog';
import { Environment, Snapshot } from '../storage/environment';
import { duplicateKey, indexChanges } from '../storage/index-entries';
import { CommittedView, Found, idOf, scanPlan, storedDocument, View } from '../storage/view';

/** A caution of this server, not a limit of MongoDB: a transaction's writes stay in memory until it commits. */
export const MAX_OVERLAY_BYTES = 64 * 2 ** 20;

interface Written {
  readonly collection: Collection;
  readonly key: Buffer;
  /** As the snapshot has it. */
  readonly before: StoredDocument | undefined;
  /** `undefined`: removed. */
  after: StoredDocument | undefined;
}

/** A transaction's picture: the snapshot it began with, and its own writes on top. */
export class Overlay implements View {
  private readonly written = new Map<string, Written>();
  /** Unique keys of the written documents, to the document that has them now. */
  private readonly uniqueKeys = new Map<string, string>();
  private readonly intended = new Set<string>();
  private bytes = 0;
  startedAt = 0;

  constructor(
    private readonly environment: Environment,
    private readonly snapshot: Snapshot,
    /** @throws CommandError 112 when somebody else writes or wrote the key. */
    private readonly register: (key: Buffer) => void,
  ) {}

  intendedKeys(): Iterable<string> {
    return this.intended;
  }

  get(key: Buffer): StoredDocument | undefined {
    const own = this.written.get(key.toString('latin1'));
    if (own !== undefined) return own.after;
    return storedDocument(this.environment.docs.get(key, { transaction: this.snapshot }));
  }

  *scan(collection: Collection, plan: Plan): Iterable<Found> {
    for (const found of scanPlan(this.environment, plan, this.snapshot)) {
      if (!this.written.has(found.key.toString('latin1'))) yield found;
    }
    for (const { collection: owner, key, after } of [...this.written.values()]) {
      if (owner.id === collection.id && after !== undefined) yield { key, document: after };
    }
  }

  keepsOrder(collection: Collection): boolean {
    for (const one of this.written.values()) if (one.collection.id === collection.id) return false;
    return true;
  }

  sees(index: Index): boolean {
    return index.bornAt <= this.startedAt;
  }

  write(
    collection: Collection,
    key: Buffer,
    before: StoredDocument | undefined,
    after: StoredDocument | undefined,
  ): void {
    const id = key.toString('latin1');
    const [idIndex] = collection.indexes;
    if (before === undefined && after && idIndex && this.get(key) !== undefined) {
      throw duplicateKey(collection, idIndex, [idOf(after)]);
    }
    this.intend(key);
    const changes = indexChanges(collection, key, before, after, undefined);
    for (const { index, added, removed } of changes) {
      if (!index.unique) continue;
      for (const old of removed) this.intend(old);
      for (const entry of added) {
        this.assertFree(collection, index, id, entry.key, entry.values);
        this.intend(entry.key);
      }
    }
    this.bytes += after?.bytes.length ?? 0;
    if (this.bytes > MAX_OVERLAY_BYTES) {
      throw new CommandError(
        Code.BSONObjectTooLarge,
        `embedded-mongo: a transaction wrote more than ${MAX_OVERLAY_BYTES} bytes`,
      );
    }
    for (const { index, added, removed } of changes) {
      if (!index.unique) continue;
      for (const old of removed) this.uniqueKeys.delete(old.toString('latin1'));
      for (const entry of added) this.uniqueKeys.set(entry.key.toString('latin1'), id);
    }
    const own = this.written.get(id);
    if (own === undefined) this.written.set(id, { collection, key, before, after });
    else own.after = after;
  }

  /** Takes all old entries out before any new one goes in, so that documents may swap unique values. */
  applyTo(view: CommittedView, catalog: Catalog): void {
    for (const { collection, key, before } of this.written.values()) {
      if (before !== undefined) view.write(this.current(catalog, collection), key, before, undefined);
    }
    for (const { collection, key, after } of this.written.values()) {
      if (after !== undefined) view.write(this.current(catalog, collection), key, undefined, after);
    }
  }

  /** An index may have been built since; its entries belong to the commit as well. */
  private current(catalog: Catalog, collection: Collection): Collection {
    const current = catalog.find(namespaceOf(collection));
    if (current?.id === collection.id) return current;
    throw new CommandError(Code.WriteConflict, `collection ${namespaceOf(collection)} was dropped meanwhile`);
  }

  private intend(key: Buffer): void {
    this.register(key);
    this.intended.add(key.toString('latin1'));
  }

  private assertFree(
    collection: Collection,
    index: Index,
    id: string,
    key: Buffer,
    values: Parameters<typeof duplicateKey>[2],
  ): void {
    const ownHolder = this.uniqueKeys.get(key.toString('latin1'));
    const holder = this.environment.idx.get(key, { transaction: this.snapshot })?.toString('latin1');
    // a document written here left its old key, or stands in uniqueKeys
    const taken = ownHolder ?? (holder !== undefined && this.written.has(holder) ? undefined : holder);
    if (taken !== undefined && taken !== id) throw duplicateKey(collection, index, values);
  }
}
