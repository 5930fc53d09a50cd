import type { StreamBooks } from './booking';
import type { Posting, Template } from './template';

/** What the ledger says to one type of event. Both functions are given the books as they were before it. */
export interface Booking<Data, Books> {
  /** The templates by which it may post; none: it posts nothing, whatever it says. */
  readonly by: readonly Template[];
  /** Why it posts nothing, or when it posts. */
  readonly because: string;
  readonly posts: (data: Data, books: Books) => readonly Posting[];
  readonly remembers: (data: Data, books: Books) => Books;
}

export const postsNothing = <Data, Books>(
  because: string,
  remembers: Booking<Data, Books>['remembers'] = (_, books) => books,
): Booking<Data, Books> => ({ by: [], because, posts: () => [], remembers });

/** A booking of an event of any stream, for whoever knows only by the event's type that data and books fit. */
export interface AnyBooking extends Pick<Booking<never, never>, 'by' | 'because' | 'posts'> {
  readonly remembers: (data: never, books: never) => StreamBooks;
}
