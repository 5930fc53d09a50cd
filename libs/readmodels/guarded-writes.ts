import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { MongoBulkWriteError } from 'mongodb';
import { isDuplicateId } from './duplicate-key';
import { definedFilter } from './filters';

/** A document that stands at a revision of its stream. */
export interface Versioned {
  readonly _id: string;
  readonly ver: bigint;
}

/** One document's way from what is stored to what shall be, guarded by the revision that it was made from. */
export interface GuardedWrite<Document extends Versioned> {
  readonly id: string;
  readonly isNew: boolean;
  /** Where the document stands afterwards. */
  readonly revision: bigint;
  readonly operation: AnyBulkWriteOperation<Document>;
}

/**
 * Writes a batch with one bulk and gives back the ids of those that were not applied, because the document was not (or no
 * longer) as the write takes it to be. Unordered is right only because no document occurs twice.
 *
 * New documents are inserted and others updated under a guard, never upserted: an upsert that misses its guard ends in
 * E11000 both for "already applied" and for "created by another a moment ago and yours is lost".
 * @throws on every other failure; then nothing is known about any of them
 */
export async function writeGuarded<Document extends Versioned>(
  collection: Collection<Document>,
  writes: readonly GuardedWrite<Document>[],
): Promise<readonly string[]> {
  if (writes.length === 0) return [];
  const { matched, refused } = await bulk(collection, writes);
  const updates = writes.filter(({ isNew }) => !isNew);
  // the reply counts matches but does not say whose: only a miss is worth asking
  if (matched === updates.length) return refused;
  return [...refused, ...(await behind(collection, updates))];
}

async function bulk<Document extends Versioned>(
  collection: Collection<Document>,
  writes: readonly GuardedWrite<Document>[],
): Promise<{ matched: number; refused: string[] }> {
  try {
    const operations = writes.map(({ operation }) => operation);
    const result = await collection.bulkWrite(operations, { ordered: false });
    return { matched: result.matchedCount, refused: [] };
  } catch (failure) {
    if (!(failure instanceof MongoBulkWriteError)) throw failure;
    return { matched: failure.result.matchedCount, refused: refusedInserts(failure, writes) };
  }
}

/** @throws the failure itself unless all of it is E11000 on `_id` */
function refusedInserts(failure: MongoBulkWriteError, writes: readonly { readonly id: string }[]): string[] {
  // written, but perhaps not on a majority: an unknown outcome, so the batch comes again
  if (failure.result.getWriteConcernError() !== undefined) throw failure;
  const errors = [failure.writeErrors].flat();
  if (errors.length === 0) throw failure;
  return errors.map((error) => {
    const write = writes[error.index];
    if (write === undefined || !isDuplicateId(error.code, error.errmsg)) throw failure;
    return write.id;
  });
}

/** Those whose document does not stand where the update would have brought it. */
async function behind<Document extends Versioned>(
  collection: Collection<Document>,
  updates: readonly GuardedWrite<Document>[],
): Promise<readonly string[]> {
  const filter = definedFilter({ _id: { $in: updates.map(({ id }) => id) } });
  const versions = await (collection as unknown as Collection<Versioned>)
    .find(filter, { projection: { ver: 1 }, batchSize: updates.length + 1 })
    .map(({ _id, ver }) => [_id, ver] as const)
    .toArray();
  const stored = new Map(versions);
  return updates.filter(({ id, revision }) => (stored.get(id) ?? -1n) < revision).map(({ id }) => id);
}
