import { StoredDocument } from '../query/path';
import type { Range } from './environment';
import { keyOfParts } from '../values/key';
import type { Transactions } from '../sessions/transactions';
import type { Catalog, Collection, Index } from './catalog';
import { Environment, put, remove, Store, walk } from './environment';
import { duplicateKey, entriesOf } from './index-entries';

/** What the changes of collections and indexes work on; each runs as a job that commits alone. */
export interface Definitions {
  readonly environment: Environment;
  readonly catalog: Catalog;
  readonly transactions: Transactions;
}

function everythingUnder(id: number): Range {
  const low = keyOfParts(id, [], []);
  return { low, high: Buffer.concat([low, Buffer.from([0xff])]), exact: false };
}

function clear(store: Store, id: number): void {
  for (const { key } of walk(store, everythingUnder(id), false)) remove(store, key);
}

/** @throws CommandError 11000 when the data already holds duplicates; the job is undone as a whole. */
export function fillIndex({ environment, catalog }: Definitions, collection: Collection, index: Index): void {
  for (const { key: docKey, value } of walk(environment.docs, everythingUnder(collection.id), false)) {
    const { entries, arrays } = entriesOf(index, new StoredDocument(value), docKey);
    for (const entry of entries) {
      if (index.unique && environment.idx.doesExist(entry.key))
        throw duplicateKey(collection, index, entry.values);
      put(environment.idx, entry.key, docKey);
    }
    if (arrays.length > 0) catalog.markArrays(index, arrays);
  }
}

export function dropIndex({ environment }: Definitions, index: Index): void {
  clear(environment.idx, index.id);
}

/** @returns what makes the change visible after the commit. */
export function dropCollection(definitions: Definitions, collection: Collection): () => void {
  const { environment, catalog, transactions } = definitions;
  transactions.blockIfIntended(keyOfParts(collection.id, [], []));
  for (const index of collection.indexes) clear(environment.idx, index.id);
  clear(environment.docs, collection.id);
  return catalog.forget(collection);
}
