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

/**
 * A stream as far as this process knows, without a read, when what it knows reaches this event; undefined: it has to be
 * read. The fold may lag behind other processes' writes: then a PSP sees a key that it knows, and an append meets its
 * revision.
 *
 * @param initial before the first event
 */
export function advanced<State, Event extends { readonly stream: string; readonly revision: bigint }>(
  streams: FoldedStreams<State>,
  event: Event,
  initial: State,
  evolve: (state: State, event: Event) => State,
): Folded<State> | undefined {
  const known = streams.get(event.stream) ?? { state: initial, revision: -1n };
  if (known.revision >= event.revision) return known;
  if (known.revision !== event.revision - 1n) return undefined;
  const next = { state: evolve(known.state, event), revision: event.revision };
  streams.put(event.stream, next);
  return next;
}
