import type { BookableEvent, Book, Journal, JournalLine, StreamBooks } from '@tender/domain';
import type { CheckpointPosition } from '../checkpoints';
import { LedgerConflict, ProjectionGap } from '../failures';
import { MAX_DOCUMENTS_PER_TRANSACTION } from '../limits';
import type { ProjectedEvent } from '../projected-event';
import { chained } from './chain';
import type { JournalDocument, LineDocument } from './journal-document';
import { toJournalDocument, toLineDocument } from './journal-document';
import type { StoredTotals, Totals } from './totals';
import { added, NOTHING, totalsOf } from './totals';

/** What the ledger needs of a recorded event; the log's own type has more. */
export interface LedgerEvent extends ProjectedEvent {
  readonly id: string;
}

/** Where the books stand: every journal up to `seq` is posted, and `hash` is that of the last one. */
export interface LedgerHead {
  readonly at: CheckpointPosition;
  readonly seq: bigint;
  readonly hash: string;
  /** The latest `recordedAt` of all events so far. */
  readonly recordedUpTo: Date;
}

/** How far the books have read one stream, and what they remember of it. */
export interface StreamHead {
  readonly revision: bigint;
  readonly books: StreamBooks | null;
}

export const UNREAD: StreamHead = { revision: -1n, books: null };

/** An event that is new to the books, with what it posts. */
export interface BookedEvent {
  readonly event: LedgerEvent;
  readonly journals: readonly Journal[];
  readonly stream: StreamHead;
  readonly recordedUpTo: Date;
  /** Ids of all totals that its lines count in. */
  readonly totalsIds: readonly string[];
}

export const isAfter = (a: CheckpointPosition, b: CheckpointPosition): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);

/** That this is the first of its stream needs no look at the store. */
export const isSurelyNew = ({ revision, position }: LedgerEvent, head: LedgerHead): boolean =>
  revision === 0n && isAfter(position, head.at);

/**
 * Books what is new among the events, in the order of the log. An event that its stream's head knows is a redelivery.
 * @param streams the heads of all streams of these events; those that are missing were never read
 * @throws ProjectionGap when an event of a stream is missing
 * @throws LedgerConflict when an event turns up behind the place up to which everything was read
 */
export function bookEvents(
  events: readonly LedgerEvent[],
  head: LedgerHead,
  streams: ReadonlyMap<string, StreamHead>,
  book: Book,
): readonly BookedEvent[] {
  const reached = new Map(streams);
  const booked: BookedEvent[] = [];
  let { at, recordedUpTo } = head;
  for (const event of events) {
    const { stream, revision, position } = event;
    const before = reached.get(stream) ?? UNREAD;
    if (revision <= before.revision) continue;
    if (revision !== before.revision + 1n) throw new ProjectionGap(stream, before.revision, revision);
    if (!isAfter(position, at))
      throw new LedgerConflict(
        `${stream} at ${revision} came after the books had passed its place in the log`,
      );
    const { journals, books } = book(bookable(event), before.books);
    const after = { revision, books };
    const recordedAt = new Date(event.metadata.recordedAt);
    recordedUpTo = recordedAt > recordedUpTo ? recordedAt : recordedUpTo;
    at = position;
    reached.set(stream, after);
    booked.push({ event, journals, stream: after, recordedUpTo, totalsIds: idsOf(journals, recordedUpTo) });
  }
  return booked;
}

const bookable = ({ id, type, data, stream, revision, metadata }: LedgerEvent): BookableEvent => ({
  id,
  type,
  data,
  stream,
  revision,
  recordedAt: metadata.recordedAt,
});

const idsOf = (journals: readonly Journal[], recordedUpTo: Date): readonly string[] =>
  journals.flatMap((journal) => journal.lines.flatMap((line) => totalsOf(journal, line, recordedUpTo)));

/** Cuts between events, so that a transaction writes no more documents than one should. */
export function transactionsOf(booked: readonly BookedEvent[]): readonly (readonly BookedEvent[])[] {
  const transactions: BookedEvent[][] = [];
  let current: BookedEvent[] = [];
  let touched = new Set<string>();
  let journals = 0;
  for (const one of booked) {
    const grown = new Set([...one.totalsIds, one.event.stream].filter((id) => !touched.has(id)));
    const documents = CHECKPOINT + journals + one.journals.length + touched.size + grown.size;
    if (current.length > 0 && documents > MAX_DOCUMENTS_PER_TRANSACTION) {
      transactions.push(current);
      [current, touched, journals] = [[], new Set(), 0];
    }
    current.push(one);
    for (const id of [...one.totalsIds, one.event.stream]) touched.add(id);
    journals += one.journals.length;
  }
  return current.length === 0 ? transactions : [...transactions, current];
}

/** The document that every transaction writes. */
const CHECKPOINT = 1;

/** Everything that one transaction writes. */
export interface PostedBatch {
  readonly before: LedgerHead;
  readonly head: LedgerHead;
  readonly journals: readonly JournalDocument[];
  /** Each changed one once, as it is afterwards. */
  readonly totals: ReadonlyMap<string, StoredTotals>;
  readonly streams: ReadonlyMap<string, StreamHead>;
}

/**
 * Numbers and chains the journals, and carries the totals forward. Pure: from the same head, totals and events the same
 * documents, byte for byte, wherever a batch ends.
 * @param totals of all `totalsIds`; those that are missing are zero
 */
export function postBatch(
  booked: readonly BookedEvent[],
  before: LedgerHead,
  totals: ReadonlyMap<string, Totals>,
): PostedBatch {
  const changed = new Map<string, StoredTotals>();
  const streams = new Map<string, StreamHead>();
  const journals: JournalDocument[] = [];
  let head = before;
  for (const { event, journals: posted, stream, recordedUpTo } of booked) {
    for (const journal of posted) {
      const seq = head.seq + 1n;
      const add = (id: string, line: JournalLine): StoredTotals => {
        const sum = { ...added(changed.get(id) ?? totals.get(id) ?? NOTHING, line), seq };
        changed.set(id, sum);
        return sum;
      };
      const lines = journal.lines.map((line) => postLine(journal, line, recordedUpTo, add));
      const hash = chained(head.hash, journal, seq);
      journals.push(toJournalDocument(journal, lines, { seq, recordedUpTo, prevHash: head.hash, hash }));
      head = { ...head, seq, hash };
    }
    streams.set(event.stream, stream);
    head = { ...head, at: event.position, recordedUpTo };
  }
  return { before, head, journals, totals: changed, streams };
}

function postLine(
  journal: Journal,
  line: JournalLine,
  recordedUpTo: Date,
  add: (id: string, line: JournalLine) => Totals,
): LineDocument {
  const [accountId, keyId, dayId] = totalsOf(journal, line, recordedUpTo);
  const [accountTotals, keyTotals] = [add(accountId, line), add(keyId, line)];
  add(dayId, line);
  return toLineDocument(line, accountTotals, keyTotals);
}
