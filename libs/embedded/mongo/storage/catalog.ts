import { randomUUID } from 'node:crypto';
import { documentValue, fieldNamed, fieldsOf, numberOf, stringOf, Type, Value } from '../values/value';
import { encode, EncodableDocument } from '../values/encode';
import { compileFilter, Filter } from '../query/filter';
import { splitPath } from '../query/path';
import { Environment, put, remove, walk } from './environment';

export interface IndexField {
  readonly path: string;
  readonly root: string;
  readonly descending: boolean;
}

export interface Index {
  readonly id: number;
  readonly name: string;
  readonly keyPattern: Value;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: Filter | undefined;
  readonly partialSource: Value | undefined;
  /** First components of all paths that decide about entries. */
  readonly roots: ReadonlySet<string>;
  /** First components of the paths on which some document had an array, which makes the index multikey. Sticky. */
  readonly arrays: Set<string>;
  /** Change number at which the index was built; older snapshots do not contain its entries. */
  readonly bornAt: number;
}

export interface Collection {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  /** The `_id_` index comes first; its entries are the documents themselves. */
  readonly indexes: readonly Index[];
}

export interface IndexSpec {
  readonly name: string;
  readonly key: Value;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: Value | undefined;
}

const NEXT_ID = Buffer.from('next');
const ID_KEY = documentValue(encode({ _id: 1 }));
const collectionKey = (namespace: string): Buffer => Buffer.from(`c:${namespace}`);
const multikeyKey = (index: Index): Buffer => Buffer.from(`m:${index.id}`);

export const namespaceOf = ({ database, name }: Collection): string => `${database}.${name}`;
export const isIdIndex = (index: Index): boolean => index.name === '_id_';

export function makeIndex(id: number, spec: IndexSpec, bornAt: number): Index {
  const fields = fieldsOf(spec.key).map((field) => ({
    path: field.name,
    root: splitPath(field.name)[0] ?? '',
    descending: numberOf(field) < 0,
  }));
  const partial = spec.partial === undefined ? undefined : compileFilter(spec.partial);
  const roots = new Set(fields.map((field) => field.root));
  for (const condition of partial?.conditions ?? []) roots.add(splitPath(condition.path)[0] ?? '');
  return {
    id,
    name: spec.name,
    keyPattern: spec.key,
    fields,
    unique: spec.unique,
    sparse: spec.sparse,
    partial,
    partialSource: spec.partial,
    roots,
    arrays: new Set(),
    bornAt,
  };
}

/** What an index looks like to clients and on disk. */
export const describeIndex = (index: Index): EncodableDocument => ({
  v: 2,
  key: index.keyPattern,
  name: index.name,
  unique: index.unique && !isIdIndex(index) ? true : undefined,
  sparse: index.sparse ? true : undefined,
  partialFilterExpression: index.partialSource,
});

const idIndex = (collectionId: number): Index =>
  makeIndex(collectionId, { name: '_id_', key: ID_KEY, unique: true, sparse: false, partial: undefined }, 0);

/**
 * Databases, collections and indexes. Changes are written in a job of their own and reach this picture only after
 * the commit, so memory never knows of something the disk does not.
 */
export class Catalog {
  private readonly collections = new Map<string, Collection>();

  constructor(private readonly environment: Environment) {
    const all = { low: Buffer.from('c:'), high: Buffer.from('c;'), exact: false };
    for (const { key, value } of walk(environment.meta, all, false)) {
      this.collections.set(key.toString('utf8', 2), this.decode(key.toString('utf8', 2), value));
    }
  }

  find(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  list(): Collection[] {
    return [...this.collections.values()];
  }

  nextId(): number {
    const { meta } = this.environment;
    const id = (meta.get(NEXT_ID)?.readUInt32BE() ?? 0) + 1;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(id);
    put(meta, NEXT_ID, bytes);
    return id;
  }

  newCollection(namespace: string): Collection {
    const dot = namespace.indexOf('.');
    const id = this.nextId();
    return {
      id,
      database: namespace.slice(0, dot),
      name: namespace.slice(dot + 1),
      uuid: randomUUID(),
      indexes: [idIndex(id)],
    };
  }

  /** @returns what makes the change visible; to be called once the commit is durable. */
  save(collection: Collection): () => void {
    const namespace = namespaceOf(collection);
    const indexes = collection.indexes
      .filter((index) => !isIdIndex(index))
      .map((index) => ({ id: index.id, ...describeIndex(index) }));
    put(
      this.environment.meta,
      collectionKey(namespace),
      encode({ id: collection.id, uuid: collection.uuid, indexes }),
    );
    return () => this.collections.set(namespace, collection);
  }

  forget(collection: Collection): () => void {
    const namespace = namespaceOf(collection);
    remove(this.environment.meta, collectionKey(namespace));
    return () => this.collections.delete(namespace);
  }

  /**
   * The marks in memory may come early, never late: planning without two-sided bounds is always right. Written each
   * time, since the job that wrote them first may have been undone.
   */
  markArrays(index: Index, roots: readonly string[]): void {
    for (const root of roots) index.arrays.add(root);
    put(this.environment.meta, multikeyKey(index), encode({ roots: [...index.arrays] }));
  }

  private decode(namespace: string, bytes: Buffer): Collection {
    const fields = fieldsOf(documentValue(bytes));
    const dot = namespace.indexOf('.');
    const id = numberOf(required(fields, 'id'));
    const indexes = fieldsOf(required(fields, 'indexes')).map((element) =>
      this.decodeIndex(fieldsOf(element)),
    );
    return {
      id,
      database: namespace.slice(0, dot),
      name: namespace.slice(dot + 1),
      uuid: stringOf(required(fields, 'uuid')),
      indexes: [idIndex(id), ...indexes],
    };
  }

  private arraysOf(index: Index): readonly string[] {
    const mark = this.environment.meta.get(multikeyKey(index));
    if (mark === undefined) return [];
    // a directory of before paths were told apart holds one byte for all of them
    if (mark.length === 1) return [...index.roots];
    return fieldsOf(required(fieldsOf(documentValue(mark)), 'roots')).map(stringOf);
  }

  private decodeIndex(fields: readonly Value[]): Index {
    const spec: IndexSpec = {
      name: stringOf(required(fields, 'name')),
      key: required(fields, 'key'),
      unique: fieldNamed(fields, 'unique')?.type === Type.bool,
      sparse: fieldNamed(fields, 'sparse')?.type === Type.bool,
      partial: fieldNamed(fields, 'partialFilterExpression'),
    };
    const index = makeIndex(numberOf(required(fields, 'id')), spec, 0);
    for (const root of this.arraysOf(index)) index.arrays.add(root);
    return index;
  }
}

function required(fields: readonly Value[], name: string): Value {
  const field = fieldNamed(fields, name);
  if (field === undefined) throw new Error(`catalogue entry without ${name}`);
  return field;
}
