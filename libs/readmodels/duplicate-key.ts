import type { Collection, Document, Filter, UpdateFilter } from 'mongodb';
import { MongoServerError } from 'mongodb';

export const DUPLICATE_KEY = 11_000;

/** The message is the only place that names the index in a bulk: the driver drops `keyPattern` there. */
const INDEX_IN_MESSAGE = / index: (\S+) dup key/;

/** Whether a refused write met its own `_id`. Any other unique index would be a conflict of meaning and must surface. */
export const isDuplicateId = (code: unknown, message: string | undefined): boolean =>
  code === DUPLICATE_KEY && INDEX_IN_MESSAGE.exec(message ?? '')?.[1] === '_id_';

/**
 * An upsert by `_id` alone, repeated once after E11000: two first upserts can both decide to insert, and the loser has
 * then not been applied. The server repeats it by itself in most cases only (SERVER-14322).
 */
export async function upsertById<Stored extends Document & { _id: string }>(
  collection: Collection<Stored>,
  id: string,
  update: UpdateFilter<Stored>,
): Promise<void> {
  const filter = { _id: id } as Filter<Stored>;
  try {
    await collection.updateOne(filter, update, { upsert: true });
  } catch (failure) {
    if (!(failure instanceof MongoServerError) || !isDuplicateId(failure.code, failure.errmsg)) throw failure;
    await collection.updateOne(filter, update, { upsert: true });
  }
}
