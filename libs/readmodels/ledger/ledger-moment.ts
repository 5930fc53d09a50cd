import type { ClientSession } from 'mongodb';
import { LedgerCannotAnswer, MalformedDocument } from '../failures';
import { definedFilter } from '../filters';
import type { LedgerCollections } from './ledger-collections';
import type { LedgerHead } from './posting';

/** A place in the books: a journal's number, or a time of recording. */
export type AsOf = { readonly seq: bigint } | { readonly time: Date };

/**
 * The number of the last journal at that place.
 *
 * A number is good up to the head. A time is good once the books are past it: then no later journal can belong before
 * it, and the answer never changes.
 * @throws LedgerCannotAnswer
 */
export async function seqAt(
  collections: LedgerCollections,
  head: LedgerHead,
  asOf: AsOf,
  session?: ClientSession,
): Promise<bigint> {
  if ('seq' in asOf) {
    if (asOf.seq > head.seq)
      throw new LedgerCannotAnswer('asOf', `is beyond the books, which have come to ${head.seq}`);
    return asOf.seq;
  }
  if (asOf.time >= head.recordedUpTo) {
    const reached = head.seq === 0n ? 'are empty' : `have come to ${head.recordedUpTo.toISOString()}`;
    throw new LedgerCannotAnswer('asOf', `is not before the time that the books, which ${reached}, are past`);
  }
  return lastRecordedBy(collections, head, (recordedUpTo) => recordedUpTo <= asOf.time, session);
}

/** By halving: times agree with numbers, so the unique index over the numbers serves times as well. */
export async function lastRecordedBy(
  { journals }: LedgerCollections,
  { seq }: Pick<LedgerHead, 'seq'>,
  isEarlyEnough: (recordedUpTo: Date) => boolean,
  session?: ClientSession,
): Promise<bigint> {
  let [early, late] = [0n, seq + 1n];
  while (late - early > 1n) {
    const middle = (early + late) / 2n;
    const found = await journals.findOne(definedFilter({ seq: middle }), {
      projection: { recordedUpTo: 1 },
      ...(session === undefined ? {} : { session }),
    });
    if (found === null) throw new MalformedDocument(`journal ${middle}`, 'it is not there');
    if (isEarlyEnough(found.recordedUpTo)) early = middle;
    else late = middle;
  }
  return early;
}
