import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { writeGuarded } from './guarded-writes';
import type { PaymentDocument } from './payment-document';
import { changeOf, mustReplace, toDocument } from './payment-document';
import type { FoldedPayment } from './payment-fold';

/** One payment's way from what is stored to what shall be. */
export interface PaymentWrite {
  readonly id: string;
  readonly before: FoldedPayment;
  readonly after: FoldedPayment;
}

/** Writes a batch, and gives back those that were not applied. @throws as `writeGuarded` */
export async function writeAll(
  collection: Collection<PaymentDocument>,
  writes: readonly PaymentWrite[],
): Promise<readonly PaymentWrite[]> {
  const missed = new Set(
    await writeGuarded(
      collection,
      writes.map((write) => ({
        id: write.id,
        isNew: write.before.payment === null,
        revision: write.after.revision,
        operation: operationOf(write),
      })),
    ),
  );
  return writes.filter(({ id }) => missed.has(id));
}

function operationOf({ id, before, after }: PaymentWrite): AnyBulkWriteOperation<PaymentDocument> {
  if (after.payment === null) throw new Error(`nothing to write for payment ${id}`);
  if (before.payment === null) return { insertOne: { document: toDocument(after.payment, after) } };
  const filter = { _id: id, ver: before.revision };
  return mustReplace(before, after)
    ? { replaceOne: { filter, replacement: toDocument(after.payment, after) } }
    : { updateOne: { filter, update: changeOf(before, after.payment, after) } };
}
