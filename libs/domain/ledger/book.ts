import type { PaymentEvent, PaymentInitiated } from '../payment/payment.events';
import type { Book, BookableEvent, Booked, StreamBooks } from './booking';
import { journalsOf, LedgerError } from './journals';
import type { Booking } from './payment-bookings';
import { PAYMENT_BOOKINGS } from './payment-bookings';
import type { PaymentBooks } from './stream-books';
import { booksOf } from './stream-books';

/**
 * What one event of a payment's stream posts, and what the books remember of it.
 *
 * @throws LedgerError for an event that the ledger has not spoken about, or out of the order of its stream: leaving one
 *   out would be losing money quietly
 */
export const book: Book = (event, books): Booked => {
  if (event.type === 'PaymentInitiated')
    return { journals: [], books: booksOf(event.data as PaymentInitiated) };
  if (!Object.hasOwn(PAYMENT_BOOKINGS, event.type)) throw new LedgerError(`${event.type} has no booking`);
  if (books === null) throw new LedgerError(`${event.type} in ${event.stream} before PaymentInitiated`);
  return booked(event, PAYMENT_BOOKINGS[event.type as LaterType], books as PaymentBooks);
};

type LaterType = Exclude<PaymentEvent['type'], 'PaymentInitiated'>;

function booked<Books extends StreamBooks>(
  event: BookableEvent,
  booking: Booking<never, Books>,
  books: Books,
): Booked {
  const data = event.data as never;
  const { ledger, payment } = books;
  const circumstances = { event, ledger, payment, effectiveAt: effectiveAtOf(event) };
  return {
    journals: journalsOf(circumstances, booking.posts(data, books)),
    books: booking.remembers(data, books),
  };
}

/** The PSP's own time where the event has one that can be read, and the time of the record otherwise. */
export function effectiveAtOf({ data, recordedAt }: Pick<BookableEvent, 'data' | 'recordedAt'>): string {
  const told =
    'occurredAt' in data && typeof data.occurredAt === 'string' ? Date.parse(data.occurredAt) : NaN;
  return Number.isNaN(told) ? recordedAt : new Date(told).toISOString();
}
