import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { MongoBulkWriteError } from 'mongodb';
import { isDuplicateId } from './duplicate-key';
import { definedFilter } from './filters';
import type { PaymentDocument } from './payment-document';
import { changeOf, toDocument } from './payment-document';
import type { FoldedPayment } from './payment-fold';

/** One payment's way from what is stored to what shall be. */
export interface PaymentWrite {
  readonly id: string;
  readonly before: FoldedPayment;
  readonly after: FoldedPayment;
}

/**
 * Writes a batch with one bulk and gives back those that were not applied, because the document was not (or no longer)
 * as `before` says. Unordered is right only because no document occurs twice.
 *
 * New documents are inserted and others updated under a guard, never upserted: an upsert that misses its guard ends in
 * E11000 both for "already applied" and for "created by another a moment ago and yours is lost".
 * @throws on every other failure; then nothing is known about any of them
 */
export async function writeAll(
  collection: Collection<PaymentDocument>,
  writes: readonly PaymentWrite[],
): Promise<readonly PaymentWrite[]> {
  if (writes.length === 0) return [];
  const { matched, refused } = await bulk(collection, writes);
  const updates = writes.filter(isUpdate);
  // the reply counts matches but does not say whose: only a miss is worth asking
  if (matched === updates.length) return refused;
  return [...refused, ...(await behind(collection, updates))];
}

const isUpdate = ({ before }: PaymentWrite): boolean => before.payment !== null;

async function bulk(
  collection: Collection<PaymentDocument>,
  writes: readonly PaymentWrite[],
): Promise<{ matched: number; refused: PaymentWrite[] }> {
  try {
    const result = await collection.bulkWrite(writes.map(operationOf), { ordered: false });
    return { matched: result.matchedCount, refused: [] };
  } catch (failure) {
    if (!(failure instanceof MongoBulkWriteError)) throw failure;
    return { matched: failure.result.matchedCount, refused: refusedInserts(failure, writes) };
  }
}

function operationOf({ id, before, after }: PaymentWrite): AnyBulkWriteOperation<PaymentDocument> {
  if (after.payment === null) throw new Error(`nothing to write for payment ${id}`);
  if (before.payment === null) return { insertOne: { document: toDocument(after.payment, after) } };
  return {
    updateOne: {
      filter: { _id: id, ver: before.revision },
      update: changeOf(before, after.payment, after),
    },
  };
}

/** @throws the failure itself unless all of it is E11000 on `_id` */
function refusedInserts(failure: MongoBulkWriteError, writes: readonly PaymentWrite[]): PaymentWrite[] {
  // written, but perhaps not on a majority: an unknown outcome, so the batch comes again
  if (failure.result.getWriteConcernError() !== undefined) throw failure;
  const errors = [failure.writeErrors].flat();
  if (errors.length === 0) throw failure;
  return errors.map((error) => {
    const write = writes[error.index];
    if (write === undefined || !isDuplicateId(error.code, error.errmsg)) throw failure;
    return write;
  });
}

/** Those whose document does not stand where the update would have brought it. */
async function behind(
  collection: Collection<PaymentDocument>,
  updates: readonly PaymentWrite[],
): Promise<readonly PaymentWrite[]> {
  const filter = definedFilter({ _id: { $in: updates.map(({ id }) => id) } });
  const versions = await collection
    .find(filter, { projection: { ver: 1 }, batchSize: updates.length + 1 })
    .map(({ _id, ver }) => [_id, ver] as const)
    .toArray();
  const stored = new Map(versions);
  return updates.filter(({ id, after }) => (stored.get(id) ?? -1n) < after.revision);
}
