import type { Book } from '@tender/domain';
import { LRUCache } from 'lru-cache';
import type { CheckpointPosition } from '../checkpoints';
import { LEDGER_START, type LedgerCollections } from '../ledger/ledger-collections';
import type { BookedEvent, LedgerEvent, LedgerHead, PostedBatch, StreamHead } from '../ledger/posting';
import { bookEvents, postBatch, UNREAD } from '../ledger/posting';
import type { StoredTotals, Totals } from '../ledger/totals';
import { NOTHING } from '../ledger/totals';
import { SeenIds } from './seen-ids';
import { totalsUpTo } from './verified-totals';

/** Totals that a check keeps, 300 bytes each; one that is needed later is looked up in journals that were checked. */
export const MAX_TOTALS_KEPT = 200_000;
/** Streams' books that a check keeps, 1 KB each; one that is needed later is booked from its stream again. */
export const MAX_BOOKS_KEPT = 20_000;

export interface LedgerHistories {
  /** The events of a stream before a revision. */
  before(stream: string, revision: bigint): Promise<readonly LedgerEvent[]>;
}

export interface DerivedLedgerDeps {
  readonly collections: LedgerCollections;
  readonly histories: LedgerHistories;
  readonly book: Book;
  readonly maxTotals?: number;
  readonly maxBooks?: number;
}

/** What the streams say the books are: the batch, and what its totals were before. */
export interface DerivedBatch {
  readonly batch: PostedBatch;
  readonly totalsBefore: ReadonlyMap<string, Totals>;
}

/** These streams make no books: a booking refuses one of their events, or one is missing. */
export class Underivable extends Error {
  override readonly name = 'Underivable';
}

/** What is thrown in here is about the events; a store that does not answer is not. */
function pure<Result>(derivation: () => Result): Result {
  try {
    return derivation();
  } catch (cause) {
    throw new Underivable(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * The books made again from the streams, with a memory that does not grow with them. What it let go of is derived anew:
 * a stream's books from the stream, totals from journals that this same walk has found to be right.
 */
export class DerivedLedger {
  readonly #totals: LRUCache<string, StoredTotals | Totals>;
  readonly #streams: LRUCache<string, StreamHead>;
  /** Of totals and streams. */
  readonly seen = new SeenIds();
  #head: LedgerHead;

  /** @param from where an earlier walk had come to */
  constructor(
    private readonly deps: DerivedLedgerDeps,
    private readonly from?: LedgerHead,
  ) {
    this.#totals = new LRUCache({ max: deps.maxTotals ?? MAX_TOTALS_KEPT });
    this.#streams = new LRUCache({ max: deps.maxBooks ?? MAX_BOOKS_KEPT });
    this.#head = from ?? LEDGER_START;
  }

  get head(): LedgerHead {
    return this.#head;
  }

  /** @throws Underivable */
  async derive(events: readonly LedgerEvent[]): Promise<DerivedBatch> {
    const streams = await this.#streamsBefore(events);
    const booked = pure(() => bookEvents(events, this.#head, streams, this.deps.book));
    const totalsBefore = await this.#totalsBefore(booked);
    const batch = pure(() => postBatch(booked, this.#head, totalsBefore));
    for (const [id, totals] of batch.totals) this.#totals.set(id, totals);
    for (const id of batch.totals.keys()) this.seen.add(id);
    for (const [stream, head] of batch.streams) this.#streams.set(stream, head);
    for (const stream of batch.streams.keys()) this.seen.add(stream);
    this.#head = batch.head;
    return { batch, totalsBefore };
  }

  /** Events of other streams were passed. */
  passed(at: CheckpointPosition): void {
    this.#head = { ...this.#head, at };
  }

  async #streamsBefore(events: readonly LedgerEvent[]): Promise<ReadonlyMap<string, StreamHead>> {
    const heads = new Map<string, StreamHead>();
    for (const { stream, revision } of events) {
      if (heads.has(stream)) continue;
      const kept = this.#streams.get(stream);
      if (kept !== undefined) heads.set(stream, kept);
      else heads.set(stream, revision === 0n ? UNREAD : await this.#bookedAgain(stream, revision));
    }
    return heads;
  }

  async #bookedAgain(stream: string, before: bigint): Promise<StreamHead> {
    let head = UNREAD;
    for (const event of await this.deps.histories.before(stream, before)) {
      const { id, type, data, revision, metadata } = event;
      const bookable = { id, type, data, stream, revision, recordedAt: metadata.recordedAt };
      const { books } = head;
      head = { revision, books: pure(() => this.deps.book(bookable, books)).books };
    }
    return head;
  }

  async #totalsBefore(booked: readonly BookedEvent[]): Promise<ReadonlyMap<string, Totals>> {
    const before = new Map<string, Totals>();
    for (const id of booked.flatMap(({ totalsIds }) => totalsIds)) {
      if (before.has(id)) continue;
      const kept = this.#totals.get(id);
      if (kept !== undefined) before.set(id, kept);
      else if (this.#isSurelyNew(id)) before.set(id, NOTHING);
      else before.set(id, await totalsUpTo(this.deps.collections, id, this.#head.seq));
    }
    return before;
  }

  #isSurelyNew(id: string): boolean {
    return this.from === undefined && !this.seen.isFull && !this.seen.has(id);
  }
}
