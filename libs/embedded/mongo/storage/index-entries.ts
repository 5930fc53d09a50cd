import { Code, CommandError } from '../errors';
import { expand } from '../query/expand';
import { matches } from '../query/filter';
import type { StoredDocument } from '../query/path';
import { encode } from '../values/encode';
import { keyOf, keyOfParts } from '../values/key';
import { NULL, Type, Value } from '../values/value';
import { Collection, Index, isIdIndex, namespaceOf } from './catalog';

/** LMDB takes 1,978 bytes; MongoDB has no such limit since 4.2, so this is stricter and says so. */
export const MAX_KEY_BYTES = 1900;

const PREFIX_BYTES = 4;

export function documentKey(collection: Collection, id: Value): Buffer {
  return checked(keyOfParts(collection.id, [id], []), '_id_');
}

function checked(key: Buffer, index: string): Buffer {
  if (key.length <= MAX_KEY_BYTES) return key;
  throw new CommandError(
    Code.KeyTooLong,
    `embedded-mongo: key of index ${index} is longer than ${MAX_KEY_BYTES} bytes`,
  );
}

export interface IndexEntry {
  readonly key: Buffer;
  readonly values: readonly Value[];
}

/** The entries one document has in one index; `key` of `_id` is appended where values may repeat. */
export function entriesOf(
  index: Index,
  document: StoredDocument,
  docKey: Buffer,
): { readonly entries: readonly IndexEntry[]; readonly arrays: readonly string[] } {
  if (index.partial !== undefined && !matches(index.partial, document)) return { entries: [], arrays: [] };
  const { rows, arrays, present } = expand(
    document,
    index.fields.map((field) => field.path),
  );
  if (index.sparse && !present) return { entries: [], arrays: [] };
  const descending = index.fields.map((field) => field.descending);
  const entries = new Map<string, IndexEntry>();
  for (const values of rows) {
    const fieldsKey = keyOfParts(index.id, values, descending);
    const key = index.unique ? fieldsKey : Buffer.concat([fieldsKey, docKey.subarray(PREFIX_BYTES)]);
    checked(key, index.name);
    if (rows.length === 1) return { entries: [{ key, values }], arrays };
    entries.set(key.toString('latin1'), { key, values });
  }
  return { entries: [...entries.values()], arrays };
}

export interface IndexChange {
  readonly index: Index;
  readonly removed: readonly Buffer[];
  readonly added: readonly IndexEntry[];
  readonly arrays: readonly string[];
}

/**
 * What a document's change does to the secondary indexes, all lengths checked, nothing written yet.
 * @param roots first components of the changed paths; `undefined` = anything may have changed.
 */
export function indexChanges(
  collection: Collection,
  docKey: Buffer,
  before: StoredDocument | undefined,
  after: StoredDocument | undefined,
  roots: ReadonlySet<string> | undefined,
): IndexChange[] {
  const changes: IndexChange[] = [];
  for (const index of collection.indexes) {
    if (isIdIndex(index) || (roots !== undefined && !intersects(index.roots, roots))) continue;
    const old = before ? entriesOf(index, before, docKey).entries : [];
    const next = after ? entriesOf(index, after, docKey) : { entries: [], arrays: [] };
    const removed = old.filter((one) => !next.entries.some((other) => other.key.equals(one.key)));
    const added = next.entries.filter((one) => !old.some((other) => other.key.equals(one.key)));
    if (removed.length + added.length > 0 || next.arrays.length > 0) {
      changes.push({ index, removed: removed.map((one) => one.key), added, arrays: next.arrays });
    }
  }
  return changes;
}

function intersects(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) if (b.has(one)) return true;
  return false;
}

/** The answer every unique index gives, word for word where our services parse it (`index: name dup key`). */
export function duplicateKey(collection: Collection, index: Index, values: readonly Value[]): CommandError {
  const keyValue = Object.fromEntries(index.fields.map(({ path }, i) => [path, values[i] ?? NULL]));
  const shown = index.fields.map(({ path }, i) => `${path}: ${show(values[i] ?? NULL)}`).join(', ');
  return new CommandError(
    Code.DuplicateKey,
    `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name} dup key: { ${shown} }`,
    { keyPattern: index.keyPattern, keyValue: encode(keyValue) },
  );
}

function show(value: Value): string {
  if (value.type === Type.string)
    return JSON.stringify(value.bytes.toString('utf8', value.from + 4, value.to - 1));
  if (value.type === Type.int64) return value.bytes.readBigInt64LE(value.from).toString();
  if (value.type === Type.int32) return String(value.bytes.readInt32LE(value.from));
  if (value.type === Type.null) return 'null';
  return `0x${keyOf(value).toString('hex')}`;
}
