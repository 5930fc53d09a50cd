import type { Journal } from './journal';

/** What a booking needs of a recorded event; the log's own type has more. */
export interface BookableEvent {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly stream: string;
  readonly revision: bigint;
  /** The event store's own time of the append, RFC 3339. */
  readonly recordedAt: string;
}

/**
 * What the books remember of one stream, so that a later event that does not repeat an amount (a void, an expiry) can
 * be booked: folded from that stream alone. Plain data (strings, bigint, null, arrays, objects), so that any store
 * can keep it; `null` before the stream's first event.
 */
export interface StreamBooks {
  readonly ledger: string;
  readonly payment: string;
  readonly [remembered: string]: unknown;
}

export interface Booked {
  /** In the order in which they are posted; none where the event moves nothing. */
  readonly journals: readonly Journal[];
  readonly books: StreamBooks;
}

/** Pure; `book(event, books)` is called for every event of a stream in order, from revision 0. */
export type Book = (event: BookableEvent, books: StreamBooks | null) => Booked;
