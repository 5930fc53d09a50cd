import type { Collection, Document } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { GENESIS_HASH, type StreamBooks } from '@tender/domain';
import type { CheckpointPosition } from '../checkpoints';
import { DUPLICATE_KEY, isDuplicateId } from '../duplicate-key';
import type { NamedIndex } from '../indexes';
import { ensureIndexes, missingIndexes } from '../indexes';
import type { ReadStore } from '../read-store';
import type { JournalDocument } from './journal-document';
import type { LedgerHead } from './posting';

/** Of the documents' form, and of the books of that name: another form, or a rebuild, is written beside it. */
export type LedgerVersion = string;

/**
 * What the live books are called until somebody switches. A new field of a document, or of what a head remembers, asks for
 * a new name: what was written before lacks it, and by a new name the books are made from the beginning of the log. Rebuilds
 * of the first form were called v2, v3, …
 */
export const FIRST_LEDGER_VERSION: LedgerVersion = 'form3';

/** Part of collection names and of ids of checkpoints. */
export const LEDGER_VERSION_FORM = /^[a-z0-9_]{1,32}$/;

export interface TotalsDocument {
  readonly _id: string;
  readonly debit: bigint;
  readonly credit: bigint;
  readonly seq: bigint;
}

export interface StreamHeadDocument {
  readonly _id: string;
  readonly rev: bigint;
  /** Absent where nothing is remembered. */
  readonly books?: StreamBooks;
}

/** Position, number, hash and time of the last journal in one document: they are never of different moments. */
export interface LedgerCheckpointDocument {
  readonly _id: LedgerVersion;
  readonly at: CheckpointPosition;
  readonly seq: bigint;
  readonly head: string;
  readonly recordedUpTo: Date;
}

/**
 * Every question has an index that ends in the number: the last line of an account up to a number is the first entry of
 * a walk, however many lines there are.
 */
export const JOURNAL_INDEXES: readonly NamedIndex[] = [
  { name: 'by_seq', key: { seq: 1 }, unique: true },
  { name: 'by_account', key: { ledger: 1, 'lines.accountCurrency': 1, seq: 1 } },
  { name: 'by_key', key: { ledger: 1, 'lines.key': 1, seq: 1 } },
  { name: 'by_payment', key: { payment: 1, seq: 1 } },
  { name: 'by_effective', key: { ledger: 1, effectiveAt: 1 } },
  { name: 'by_ledger', key: { ledger: 1, seq: 1 } },
  // a journal is taken back once
  { name: 'by_reversed', key: { reverses: 1 }, unique: true, sparse: true },
];

/** One version of the books. Every other document than these can be told from the streams alone. */
export interface LedgerCollections {
  readonly version: LedgerVersion;
  readonly journals: Collection<JournalDocument>;
  readonly totals: Collection<TotalsDocument>;
  readonly streams: Collection<StreamHeadDocument>;
  readonly checkpoints: Collection<LedgerCheckpointDocument>;
}

/** @throws RangeError for a version that no collection could be named by */
export function ledgerCollections({ db }: ReadStore, version: LedgerVersion): LedgerCollections {
  if (!LEDGER_VERSION_FORM.test(version))
    throw new RangeError(`"${version}" is not a version of the ledger: 1 to 32 of a-z 0-9 _`);
  return {
    version,
    journals: db.collection(`ledger_journals_${version}`),
    totals: db.collection(`ledger_balances_${version}`),
    streams: db.collection(`ledger_heads_${version}`),
    checkpoints: db.collection('ledger_checkpoints'),
  };
}

/**
 * The migration step: collections, indexes, and a checkpoint at the beginning of the log. Inside a transaction none of
 * them could be made. Harmless to repeat.
 */
export async function prepareLedger({ db }: ReadStore, collections: LedgerCollections): Promise<void> {
  const { version, journals, totals, streams, checkpoints } = collections;
  for (const { collectionName } of [journals, totals, streams, checkpoints])
    await db.createCollection(collectionName).catch(unlessItExists);
  await ensureIndexes(journals, JOURNAL_INDEXES);
  const { at, seq, hash, recordedUpTo } = LEDGER_START;
  await insertOnce(checkpoints, { _id: version, at, seq, head: hash, recordedUpTo });
}

/** Before the first event: the log's positions begin at zero. */
export const LEDGER_START: LedgerHead = {
  at: { commit: -1n, prepare: -1n },
  seq: 0n,
  hash: GENESIS_HASH,
  recordedUpTo: new Date(0),
};

export const missingJournalIndexes = ({ journals }: LedgerCollections): Promise<readonly string[]> =>
  missingIndexes(journals, JOURNAL_INDEXES);

const NAMESPACE_EXISTS = 48;

function unlessItExists(failure: unknown): void {
  if (!(failure instanceof MongoServerError && failure.code === NAMESPACE_EXISTS)) throw failure;
}

/** Somebody else may have been quicker with the same. */
export async function insertOnce<Stored extends Document & { readonly _id: string }>(
  collection: Collection<Stored>,
  document: Stored,
): Promise<void> {
  try {
    await collection.insertOne(document as never);
  } catch (failure) {
    if (failure instanceof MongoServerError && failure.code === DUPLICATE_KEY) {
      if (isDuplicateId(failure.code, failure.errmsg)) return;
    }
    throw failure;
  }
}
