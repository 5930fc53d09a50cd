import type { AnyBulkWriteOperation, ClientSession, Collection, Document } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { DUPLICATE_KEY } from '../duplicate-key';
import { LedgerConflict } from '../failures';
import { definedFilter } from '../filters';
import { toInt64 } from '../int64';
import type { ReadStore } from '../read-store';
import { storableTotals } from './journal-document';
import type { LedgerCollections, StreamHeadDocument, TotalsDocument } from './ledger-collections';
import type { LedgerHead, PostedBatch, StreamHead } from './posting';
import type { StoredTotals } from './totals';

/** Another projector moved the checkpoint on. Nothing was written; what it wrote has to be read first. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** What is stored before a batch: decides what is inserted and what is changed under a guard. */
export interface StoredBefore {
  readonly totals: ReadonlyMap<string, StoredTotals>;
  readonly streams: ReadonlyMap<string, StreamHead>;
}

/**
 * Writes one batch, all of it or nothing. The checkpoint goes first and is a compare-and-set: of any number of
 * projectors one passes, and a batch that was written already finds the checkpoint moved on.
 * @throws Fenced
 * @throws LedgerConflict when the store holds what the checkpoint says is new, or lacks what it says is there
 * @throws any failure of the store; then the batch may have been written or not
 */
export async function writeBatch(
  { db }: ReadStore,
  collections: LedgerCollections,
  batch: PostedBatch,
  stored: StoredBefore,
): Promise<void> {
  const { journals, totals, streams } = collections;
  await db.client.withSession((session) =>
    session.withTransaction(
      async () => {
        await moveCheckpoint(collections, batch.before, batch.head, session);
        try {
          if (batch.journals.length > 0) await journals.insertMany([...batch.journals], { session });
          await bulk(totals, totalsWrites(batch, stored), session);
          await bulk(streams, streamWrites(batch, stored), session);
        } catch (failure) {
          throw failure instanceof MongoServerError && failure.code === DUPLICATE_KEY
            ? new LedgerConflict(`the books hold what their checkpoint says is new: ${failure.message}`)
            : failure;
        }
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    ),
  );
}

async function moveCheckpoint(
  { version, checkpoints }: LedgerCollections,
  from: LedgerHead,
  { at, seq, hash, recordedUpTo }: LedgerHead,
  session: ClientSession,
): Promise<void> {
  const { matchedCount } = await checkpoints.updateOne(
    checkpointFilter(version, from),
    { $set: { at, seq: toInt64(seq, 'seq'), head: hash, recordedUpTo } },
    { session },
  );
  if (matchedCount === 0) throw new Fenced('another projector moved the checkpoint of the ledger');
}

/** Position and number are compared field by field: a whole sub-document compares by the order of its fields. */
export const checkpointFilter = (version: string, { at, seq }: LedgerHead): object =>
  definedFilter({ _id: version, seq, 'at.commit': at.commit, 'at.prepare': at.prepare });

function totalsWrites(
  { totals }: PostedBatch,
  stored: StoredBefore,
): readonly AnyBulkWriteOperation<TotalsDocument>[] {
  return [...totals].map(([id, sums]) => {
    const before = stored.totals.get(id);
    const { debit, credit } = storableTotals(sums, id);
    const { seq } = sums;
    return before === undefined
      ? { insertOne: { document: { _id: id, debit, credit, seq } } }
      : {
          updateOne: {
            filter: { _id: id, seq: before.seq },
            update: { $set: { debit, credit, seq } },
          },
        };
  });
}

function streamWrites(
  { streams }: PostedBatch,
  stored: StoredBefore,
): readonly AnyBulkWriteOperation<StreamHeadDocument>[] {
  return [...streams].map(([stream, { revision, books }]) => {
    const before = stored.streams.get(stream);
    const rev = toInt64(revision, stream);
    const head = books === null ? { rev } : { rev, books };
    return before === undefined
      ? { insertOne: { document: { _id: stream, ...head } } }
      : { replaceOne: { filter: { _id: stream, rev: before.revision }, replacement: head } };
  });
}

/** Unordered is right because no document occurs twice; all of it is undone if one write does not do as it says. */
async function bulk<Stored extends Document>(
  collection: Collection<Stored>,
  writes: readonly AnyBulkWriteOperation<Stored>[],
  session: ClientSession,
): Promise<void> {
  if (writes.length === 0) return;
  const { insertedCount, matchedCount } = await collection.bulkWrite([...writes], {
    session,
    ordered: false,
  });
  if (insertedCount + matchedCount !== writes.length)
    throw new LedgerConflict(`${collection.collectionName} is not as its checkpoint says`);
}
