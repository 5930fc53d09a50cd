import type { EventType } from '../catalog';
import type { Book, BookableEvent, Booked } from './booking';
import type { AnyBooking } from './event-booking';
import { postsNothing } from './event-booking';
import { journalsOf, LedgerError } from './journals';
import { PAYMENT_BOOKINGS } from './payment-bookings';
import { REFUND_BOOKINGS } from './refund-bookings';

/** What the ledger says to every event that Tender records. A new event does not compile until it stands here. */
export const BOOKINGS: Readonly<Record<EventType, AnyBooking>> = {
  ...PAYMENT_BOOKINGS,
  ...REFUND_BOOKINGS,
  WebhookNoticeReceived: postsNothing(
    'a PSP’s word; what it means is booked from the event that it leads to',
  ),
  WebhookNoticeSetAside: postsNothing('a PSP’s word that told nobody anything'),
  WebhookNoticeTakenUp: postsNothing('what it means is booked from the event that it leads to'),
};

/** The first events of the streams that have books. */
const OPENING: ReadonlySet<string> = new Set<EventType>(['PaymentInitiated', 'RefundInitiated']);

/**
 * What one event of a payment's or a refund's stream posts, and what the books remember of it.
 *
 * @throws LedgerError for an event that the ledger has not spoken about, or one before its stream's first: leaving one
 *   out would be losing money quietly
 */
export const book: Book = (event, books): Booked => {
  if (!Object.hasOwn(BOOKINGS, event.type)) throw new LedgerError(`${event.type} has no booking`);
  if (books === null && !OPENING.has(event.type)) {
    throw new LedgerError(`${event.type} in ${event.stream} comes before its first event`);
  }
  const booking = BOOKINGS[event.type as EventType];
  const data = event.data as never;
  const remembered = booking.remembers(data, books as never);
  const { ledger, payment } = remembered;
  const circumstances = { event, ledger, payment, effectiveAt: effectiveAtOf(event) };
  return { journals: journalsOf(circumstances, booking.posts(data, books as never)), books: remembered };
};

/** The PSP's own time where the event has one that can be read, and the time of the record otherwise. */
export function effectiveAtOf({ data, recordedAt }: Pick<BookableEvent, 'data' | 'recordedAt'>): string {
  const told =
    'occurredAt' in data && typeof data.occurredAt === 'string' ? Date.parse(data.occurredAt) : NaN;
  return Number.isNaN(told) ? recordedAt : new Date(told).toISOString();
}
