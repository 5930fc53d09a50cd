import type { BookableEvent, DomainEvent, Journal, StreamBooks } from '@tender/domain';
import { book } from '@tender/domain';
import { SOME_TIME } from './given';

/** An event as the log tells it; its id is made of its stream and its place in it. */
export const recordedAs = (
  { type, data }: DomainEvent,
  stream: string,
  revision: number,
  recordedAt = SOME_TIME,
): BookableEvent => ({
  id: `${stream}-${revision}`,
  type,
  data,
  stream,
  revision: BigInt(revision),
  recordedAt,
});

/** What an event of a stream posted, and what the books remembered after it. */
export interface BookedStep {
  readonly event: DomainEvent;
  readonly journals: readonly Journal[];
  readonly books: StreamBooks;
}

/** The books of one stream, event by event. */
export function bookedSteps(events: readonly DomainEvent[], stream = 'payment-1'): readonly BookedStep[] {
  let books: StreamBooks | null = null;
  return events.map((event, revision) => {
    const booked = book(recordedAs(event, stream, revision), books);
    books = booked.books;
    return { event, ...booked };
  });
}

export const journalsOfStream = (events: readonly DomainEvent[], stream?: string): readonly Journal[] =>
  bookedSteps(events, stream).flatMap(({ journals }) => journals);
