import { randomBytes } from 'node:crypto';
import { badValue, Code, CommandError } from '../errors';
import { execute, ReadRules } from '../query/execute';
import type { Query } from '../query/query';
import { Condition, Filter } from '../query/filter';
import { splitPath, StoredDocument } from '../query/path';
import { Tree } from '../query/tree';
import { modify, Update } from '../query/update';
import type { Collection } from '../storage/catalog';
import { documentKey } from '../storage/index-entries';
import { Found, View } from '../storage/view';
import { equal } from '../values/compare';
import { depthOf, fieldNamed, fieldsOf, MAX_DEPTH, Type, Value } from '../values/value';

export const MAX_DOCUMENT_BYTES = 16 * 2 ** 20;

const processPart = randomBytes(5);
let objectIdCounter = randomBytes(3).readUIntBE(0, 3);

/** An ObjectId as the BSON specification lays it out: seconds, process, counter. */
function newObjectId(): Value {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  processPart.copy(bytes, 4);
  objectIdCounter = (objectIdCounter + 1) & 0xffffff;
  bytes.writeUIntBE(objectIdCounter, 9, 3);
  return new Value('_id', Type.objectId, bytes, 0, 0, 12);
}

function assertStorable(bytes: Buffer, id: Value): void {
  if (id.type === Type.array || id.type === Type.regex || id.type === Type.undefined) {
    throw badValue('The _id field cannot be an array, a regular expression or undefined');
  }
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      Code.BSONObjectTooLarge,
      `object to insert too large: ${bytes.length} bytes, the limit is ${MAX_DOCUMENT_BYTES}`,
    );
  }
}

function assertPlainNames(source: Value): void {
  for (const { name } of fieldsOf(source)) {
    if (name.startsWith('$')) {
      throw new CommandError(
        Code.DollarPrefixedFieldName,
        `Document can't have $-prefixed field names: ${name}`,
      );
    }
  }
  if (depthOf(source) > MAX_DEPTH) {
    throw new CommandError(Code.Overflow, `Document exceeds maximum nested object depth: ${MAX_DEPTH}`);
  }
}

export function insertOne(view: View, collection: Collection, source: Value): void {
  assertPlainNames(source);
  const fields = fieldsOf(source);
  let bytes = source.bytes.subarray(source.from, source.to);
  let id = fields[0];
  if (id?.name !== '_id') {
    id = fieldNamed(fields, '_id') ?? newObjectId();
    const tree = Tree.of(fields);
    tree.putIdFirst(id);
    bytes = tree.toBuffer();
  }
  assertStorable(bytes, id);
  view.write(collection, documentKey(collection, id), undefined, new StoredDocument(bytes));
}

export interface Changed {
  /** Bytes differ, which is what MongoDB counts as modified. */
  readonly modified: boolean;
  readonly after: StoredDocument;
}

export function updateOne(view: View, collection: Collection, found: Found, update: Update): Changed {
  const before = found.document;
  const id = before.field('_id');
  if (id === undefined) throw new Error('a stored document without _id');
  let bytes: Buffer;
  if (update.kind === 'modify') {
    const tree = Tree.of(before.fields);
    modify(tree, update.changes, false);
    bytes = tree.toBuffer();
    if (update.roots.has('_id')) assertSameId(id, tree.at('_id'));
  } else bytes = replacement(update.document, id);
  if (bytes.equals(before.bytes)) return { modified: false, after: before };
  assertStorable(bytes, id);
  const after = new StoredDocument(bytes);
  view.write(collection, found.key, before, after, update.kind === 'modify' ? update.roots : undefined);
  return { modified: true, after };
}

function assertSameId(before: Value, after: Value | Tree | undefined): void {
  if (after instanceof Value && equal(before, after)) return;
  throw new CommandError(
    Code.ImmutableField,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

function replacement(source: Value, id: Value): Buffer {
  assertPlainNames(source);
  const fields = fieldsOf(source);
  const given = fieldNamed(fields, '_id');
  if (given !== undefined) assertSameId(id, given);
  const tree = Tree.of(fields);
  tree.putIdFirst(id);
  return tree.toBuffer();
}

/** The document of an upsert that matched nothing: equalities of the filter, then the update. */
export function upsert(view: View, collection: Collection, filter: Filter, update: Update): StoredDocument {
  const tree = Tree.of([]);
  const seeds = filter.conditions.filter(isSeed);
  if (update.kind === 'modify') {
    for (const { path, values } of seeds) {
      const [value] = values;
      if (value) tree.change(splitPath(path), () => value);
    }
    modify(tree, update.changes, true);
  } else {
    assertPlainNames(update.document);
    for (const field of fieldsOf(update.document)) tree.change([field.name], () => field);
  }
  const seeded = seeds.find(({ path }) => path === '_id')?.values[0];
  const given = tree.at('_id') ?? seeded;
  if (seeded !== undefined) assertSameId(seeded, given);
  const id = given instanceof Tree ? given.toValue() : (given ?? newObjectId());
  tree.putIdFirst(id);
  const bytes = tree.toBuffer();
  assertStorable(bytes, id);
  const after = new StoredDocument(bytes);
  view.write(collection, documentKey(collection, id), undefined, after);
  return after;
}

const isSeed = ({ operator, values }: Condition): boolean =>
  operator === 'eq' || (operator === 'in' && values.length === 1);

export function deleteOne(view: View, collection: Collection, found: Found): void {
  view.write(collection, found.key, found.document, undefined);
}

/** Found before anything changes, so that a document does not meet its own update again further on in an index. */
export function findForChange(view: View, collection: Collection, query: Query, rules: ReadRules): Found[] {
  return [...execute(view, collection, query, rules)];
}
