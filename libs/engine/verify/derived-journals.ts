import { book, type Journal, type StreamBooks } from '@tender/domain';
import type { EventLog, Position, RecordedEvent } from '@tender/eventstore';
import { LRUCache } from 'lru-cache';
import { LEDGER_PREFIXES } from '../ledger-prefixes';
import { StreamHistories } from './stream-histories';

/** A journal as the streams make it, with its number in the books and the event that posts it. */
export interface DerivedJournal {
  readonly seq: bigint;
  readonly journal: Journal;
  readonly event: RecordedEvent;
}

/** Streams whose books are kept, 1 KB each; one that is heard of later is booked from its stream again. */
export const MAX_BOOKS_KEPT = 20_000;
const PAGE_EVENTS = 5_000;

const bookedBy = (event: RecordedEvent, books: StreamBooks | null) => {
  const { id, type, data, stream, revision, metadata } = event;
  return book({ id, type, data, stream, revision, recordedAt: metadata.recordedAt }, books);
};

/** The journals of these events, each list in the order of its posting, by event id. Streams are whole, from their start. */
export function journalsBehind(events: readonly RecordedEvent[]): ReadonlyMap<string, readonly Journal[]> {
  const remembered = new Map<string, StreamBooks | null>();
  const journals = new Map<string, readonly Journal[]>();
  for (const event of events) {
    const booked = bookedBy(event, remembered.get(event.stream) ?? null);
    remembered.set(event.stream, booked.books);
    journals.set(event.id, booked.journals);
  }
  return journals;
}

/**
 * All journals from the first on, derived from the streams and from nothing else, for as long as the caller reads on.
 *
 * @param isBeyond asked of each event in order; the first that is ends the journals
 * @throws what `book` throws
 */
export async function* derivedJournals(
  log: Pick<EventLog, 'readAll' | 'readStream'>,
  isBeyond: (event: RecordedEvent) => boolean = () => false,
): AsyncGenerator<DerivedJournal> {
  const remembered = new LRUCache<string, { readonly books: StreamBooks | null }>({ max: MAX_BOOKS_KEPT });
  const histories = new StreamHistories(log);
  let after: Position | 'start' = 'start';
  let seq = 0n;
  for (;;) {
    const page = await log.readAll({ after, prefixes: LEDGER_PREFIXES, maxCount: PAGE_EVENTS });
    for (const event of page.events) {
      if (isBeyond(event)) return;
      const { stream, revision } = event;
      let before = remembered.get(stream)?.books ?? null;
      if (before === null && revision > 0n)
        for (const earlier of await histories.before(stream, revision))
          before = bookedBy(earlier, before).books;
      const booked = bookedBy(event, before);
      remembered.set(stream, { books: booked.books });
      for (const journal of booked.journals) yield { seq: (seq += 1n), journal, event };
    }
    histories.forget();
    if (page.end || page.position === undefined) return;
    after = page.position;
  }
}
