import type { Book } from '@tender/domain';
import type { CheckpointPosition } from '../checkpoints';
import { LedgerHalted, LedgerSwitched, WriteContended } from '../failures';
import { MAX_CONTENDED_WRITES } from '../limits';
import type { ReadStore } from '../read-store';
import type { JournalDocument } from './journal-document';
import type { LedgerCollections, LedgerVersion } from './ledger-collections';
import { ledgerCollections, prepareLedger } from './ledger-collections';
import { LedgerModels } from './ledger-models';
import type { LedgerMemoryOptions } from './ledger-state';
import { LedgerState } from './ledger-state';
import { checkpointFilter, Fenced, writeBatch } from './ledger-writes';
import type { BookedEvent, LedgerEvent, LedgerHead } from './posting';
import { bookEvents, isAfter, postBatch, transactionsOf } from './posting';

export interface LedgerProjectorOptions extends LedgerMemoryOptions {
  readonly store: ReadStore;
  /** The books that are written: the live ones, or others beside them. */
  readonly version: LedgerVersion;
  /** Ends with `LedgerSwitched` once other books are the live ones; a rebuild beside them has no such end. */
  readonly onlyWhileLive?: boolean;
  readonly book: Book;
  /** Told of journals once they are stored for good. */
  readonly onPosted?: (journals: readonly JournalDocument[], head: LedgerHead) => void;
}

/**
 * Writes the books from the events, in the order of the log. Redelivery, crashes at any instant, replies that got lost
 * and any number of projectors at once leave the same journals, totals and hashes: every transaction moves the
 * checkpoint that it was made from.
 *
 * It is also the checkpoint of its reader: position and books are one document and never of different moments.
 */
export class LedgerProjector {
  readonly #options: LedgerProjectorOptions;
  readonly #collections: LedgerCollections;
  readonly #models: LedgerModels;
  readonly #state: LedgerState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LedgerProjectorOptions) {
    this.#options = options;
    this.#collections = ledgerCollections(options.store, options.version);
    this.#models = new LedgerModels(options.store);
    this.#state = new LedgerState(this.#collections, options);
  }

  /** Run before anything else; see `prepareLedger`. */
  async prepare(): Promise<void> {
    await prepareLedger(this.#options.store, this.#collections);
  }

  /**
   * @throws ProjectionGap, LedgerConflict: going on would make wrong books
   * @throws LedgerHalted, LedgerSwitched before anything is written
   * @throws any failure of the store, after which the same events have to come again
   */
  apply(events: readonly LedgerEvent[]): Promise<void> {
    return this.#inTurn(() => this.#apply(events));
  }

  async #apply(events: readonly LedgerEvent[]): Promise<void> {
    await this.#assertMayWrite();
    for (let round = 0; round < MAX_CONTENDED_WRITES; round += 1) {
      try {
        await this.#applyOnce(events);
        return;
      } catch (failure) {
        this.#state.forget();
        if (!(failure instanceof Fenced)) throw failure;
      }
    }
    throw new WriteContended(`ledger ${this.#options.version}`);
  }

  /** Where the reader goes on; undefined: at the beginning of the log. */
  async load(): Promise<CheckpointPosition | undefined> {
    this.#state.forget();
    const { at } = await this.#state.head();
    return at.commit < 0n ? undefined : at;
  }

  /** The reader has come further without an event of ours. Whoever else has moved the checkpoint knows better. */
  save(_reader: string, at: CheckpointPosition): Promise<void> {
    return this.#inTurn(() => this.#save(at));
  }

  async #save(at: CheckpointPosition): Promise<void> {
    const head = await this.#state.head();
    if (!isAfter(at, head.at)) return;
    const filter = checkpointFilter(this.#options.version, head);
    const { matchedCount } = await this.#collections.checkpoints.updateOne(filter, { $set: { at } });
    if (matchedCount === 1) this.#state.rememberPosition(at);
    else this.#state.forget();
  }

  async head(): Promise<LedgerHead> {
    return this.#state.head();
  }

  /** The reader saves on a timer: in the middle of a batch it would move the checkpoint that the batch was made from. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #assertMayWrite(): Promise<void> {
    const { live, halted } = await this.#models.pointer();
    const isLive = live === this.#options.version;
    if (this.#options.onlyWhileLive === true && !isLive) throw new LedgerSwitched(live);
    if (isLive && halted !== undefined) throw new LedgerHalted(halted.reason);
  }

  async #applyOnce(events: readonly LedgerEvent[]): Promise<void> {
    const head = await this.#state.head();
    const streams = await this.#state.streamsOf(events, head);
    for (const part of transactionsOf(bookEvents(events, head, streams, this.#options.book)))
      await this.#post(part);
  }

  async #post(booked: readonly BookedEvent[]): Promise<void> {
    const { store, onPosted } = this.#options;
    const before = await this.#state.head();
    const totals = await this.#state.totalsOf(booked);
    const streams = await this.#state.streamsOf(
      booked.map(({ event }) => event),
      before,
    );
    const batch = postBatch(booked, before, totals);
    await writeBatch(store, this.#collections, batch, { totals, streams });
    this.#state.remember(batch);
    onPosted?.(batch.journals, batch.head);
  }
}
