import { LRUCache } from 'lru-cache';

/** A stream folded up to and including `revision`; -1 is a stream without events. */
export interface Folded<State> {
  readonly state: State;
  readonly revision: bigint;
}

/** Folds kept per process; a payment's is about 2 KB. */
export const MAX_FOLDED_STREAMS = 10_000;

/**
 * The latest folds that this process knows of, so that the command after an event does not read the stream again.
 *
 * A fold from here may be behind the stream. Whoever decides on it therefore appends with its revision, and gives
 * no answer that such an append has not confirmed.
 */
export class FoldedStreams<State> {
  private readonly known: LRUCache<string, Folded<State>>;

  constructor(max = MAX_FOLDED_STREAMS) {
    this.known = new LRUCache({ max });
  }

  get(stream: string): Folded<State> | undefined {
    return this.known.get(stream);
  }

  /** Keeps the fold that is further on. */
  put(stream: string, folded: Folded<State>): void {
    const present = this.known.get(stream);
    if (present === undefined || present.revision < folded.revision) this.known.set(stream, folded);
  }

  forget(stream: string): void {
    this.known.delete(stream);
  }
}
