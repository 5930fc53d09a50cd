import { LRUCache } from 'lru-cache';
import type { ClientSession, Collection, Document, Filter } from 'mongodb';
import { storedPosition } from '../checkpoints';
import { LedgerNotPrepared } from '../failures';
import { definedFilter } from '../filters';
import { fromInt64 } from '../int64';
import { MAX_DOCUMENTS_PER_COMMAND, RECENT_STREAM_HEADS, RECENT_TOTALS } from '../limits';
import type { LedgerCollections, StreamHeadDocument, TotalsDocument } from './ledger-collections';
import { readTotals } from './journal-document';
import type { BookedEvent, LedgerEvent, LedgerHead, PostedBatch, StreamHead } from './posting';
import { isSurelyNew } from './posting';
import type { StoredTotals } from './totals';

export interface LedgerMemoryOptions {
  readonly recentTotals?: number;
  readonly recentStreams?: number;
}

/**
 * What the projector knows of the stored books without asking: right for as long as nobody else writes to them, which
 * the checkpoint tells at every transaction.
 */
export class LedgerState {
  readonly #collections: LedgerCollections;
  readonly #totals: LRUCache<string, StoredTotals>;
  readonly #streams: LRUCache<string, StreamHead>;
  #head: LedgerHead | undefined;

  constructor(collections: LedgerCollections, options: LedgerMemoryOptions = {}) {
    this.#collections = collections;
    this.#totals = new LRUCache({ max: options.recentTotals ?? RECENT_TOTALS });
    this.#streams = new LRUCache({ max: options.recentStreams ?? RECENT_STREAM_HEADS });
  }

  /** After a failure nothing is known: a transaction may have been committed although we were told otherwise. */
  forget(): void {
    this.#head = undefined;
    this.#totals.clear();
    this.#streams.clear();
  }

  remember({ head, totals, streams }: PostedBatch): void {
    this.#head = head;
    for (const [id, sums] of totals) this.#totals.set(id, sums);
    for (const [stream, read] of streams) this.#streams.set(stream, read);
  }

  rememberPosition(at: LedgerHead['at']): void {
    if (this.#head !== undefined) this.#head = { ...this.#head, at };
  }

  async head(): Promise<LedgerHead> {
    return (this.#head ??= await storedHead(this.#collections));
  }

  /** Of all streams of these events that were ever read. */
  async streamsOf(
    events: readonly LedgerEvent[],
    head: LedgerHead,
  ): Promise<ReadonlyMap<string, StreamHead>> {
    const known = new Map<string, StreamHead>();
    const begun = new Set<string>();
    const asked = new Set<string>();
    for (const event of events) {
      const { stream } = event;
      const recent = known.get(stream) ?? this.#streams.get(stream);
      if (recent !== undefined) known.set(stream, recent);
      else if (isSurelyNew(event, head)) begun.add(stream);
      else if (!begun.has(stream)) asked.add(stream);
    }
    for (const document of await findAll(this.#collections.streams, [...asked])) {
      known.set(document._id, readStreamHead(document));
    }
    return known;
  }

  /** Of all ids of these events that ever had any. */
  async totalsOf(booked: readonly BookedEvent[]): Promise<ReadonlyMap<string, StoredTotals>> {
    const known = new Map<string, StoredTotals>();
    const asked = new Set<string>();
    for (const id of booked.flatMap(({ totalsIds }) => totalsIds)) {
      const recent = this.#totals.get(id);
      if (recent === undefined) asked.add(id);
      else known.set(id, recent);
    }
    for (const document of await findAll(this.#collections.totals, [...asked])) {
      known.set(document._id, readStoredTotals(document));
    }
    return known;
  }
}

export const readStoredTotals = (document: TotalsDocument): StoredTotals => ({
  ...readTotals(document, document._id),
  seq: fromInt64(document.seq, `${document._id} seq`),
});

const readStreamHead = ({ _id, rev, books }: StreamHeadDocument): StreamHead => ({
  revision: fromInt64(rev, `head of ${_id}`),
  books: books ?? null,
});

/** @throws LedgerNotPrepared */
export async function storedHead(
  { version, checkpoints }: LedgerCollections,
  session?: ClientSession,
): Promise<LedgerHead> {
  const found = await checkpoints.findOne(
    definedFilter({ _id: version }),
    session === undefined ? {} : { session },
  );
  const place = `checkpoint of ledger ${version}`;
  if (found === null) throw new LedgerNotPrepared(version);
  const { at, seq, head: hash, recordedUpTo } = found;
  return {
    at: storedPosition(at, place),
    seq: fromInt64(seq, place),
    hash,
    recordedUpTo,
  };
}

async function findAll<Stored extends Document & { readonly _id: string }>(
  collection: Collection<Stored>,
  ids: readonly string[],
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  for (let from = 0; from < ids.length; from += MAX_DOCUMENTS_PER_COMMAND) {
    const some = ids.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
    const filter = definedFilter({ _id: { $in: some } }) as Filter<Stored>;
    const documents = await collection.find(filter, { batchSize: some.length + 1 }).toArray();
    found.push(...(documents as unknown as Stored[]));
  }
  return found;
}
