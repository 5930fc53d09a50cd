import type { Booking } from './event-booking';
import type { BookedLateCharge, PaymentBooks } from './stream-books';
import { attemptIn, lateChargeIn } from './stream-books';
import { SUSPENSE_PAID_BY_BANK, SUSPENSE_PAID_TWICE } from './suspense.templates';
import type { Posting } from './template';
import { post } from './template';

type NameOfCharge = { readonly attemptId: string; readonly pspReference: string | null };

/**
 * What banks have got for good of a charge without a sale, as far as it was owed: so much of it nobody is owed any more.
 * It hangs on how the charge and its disputes stand and on nothing else, so every order of events ends in the same books.
 * What was lost in another currency has no sum with the charge, and stays a loss.
 */
export function settledMinor(books: PaymentBooks, charge: NameOfCharge | undefined): bigint {
  const late = lateChargeIn(books, charge);
  if (late === undefined || !isOwed(late)) return 0n;
  const lostMinor = books.disputes
    .filter(
      ({ attemptId, paymentReference, currency }) =>
        attemptId === late.attemptId && paymentReference === late.pspReference && currency === books.currency,
    )
    .reduce((sum, dispute) => sum + dispute.lostMinor, 0n);
  return lostMinor < late.amountMinor ? lostMinor : late.amountMinor;
}

/** What was given back is not owed, and what fell back was never had: beside that the bank's part is a loss. */
const isOwed = ({ givenBy, fallen }: BookedLateCharge): boolean => givenBy === null && !fallen;

const SETTLES = 'what a bank has got of it settles as much of the debt';
const LOST_TWICE = 'what a bank has got of it is a loss then';

/**
 * A booking of what happens to a charge without a sale, with what that makes of its disputes: what had been lost settles a
 * debt that is told later, and is a loss again once the charge is given back or falls back as well.
 *
 * @param by the one of the two templates that it may take
 */
export function settling<Data>(
  booking: Booking<Data, PaymentBooks>,
  by: typeof SUSPENSE_PAID_BY_BANK | typeof SUSPENSE_PAID_TWICE,
  chargeOf: (data: Data, books: PaymentBooks) => NameOfCharge | undefined,
): Booking<Data, PaymentBooks> {
  return {
    ...booking,
    by: [...booking.by, by],
    because: `${booking.because}; ${by === SUSPENSE_PAID_BY_BANK ? SETTLES : LOST_TWICE}`,
    posts: (data, books) => {
      const charge = chargeOf(data, books);
      const movedMinor = settledMinor(booking.remembers(data, books), charge) - settledMinor(books, charge);
      const posted = booking.posts(data, books);
      if (charge === undefined || movedMinor === 0n) return posted;
      // a debt is there before it is settled, and as a whole before it is paid another way
      return movedMinor > 0n
        ? [...posted, resettled(books, charge, movedMinor)]
        : [resettled(books, charge, movedMinor), ...posted];
    },
  };
}

function resettled(books: PaymentBooks, { attemptId: record }: NameOfCharge, movedMinor: bigint): Posting {
  const { psp } = attemptIn(books, record);
  const { currency } = books;
  return movedMinor > 0n
    ? post(SUSPENSE_PAID_BY_BANK, { psp, record, currency, settled: movedMinor })
    : post(SUSPENSE_PAID_TWICE, { psp, record, currency, settled: -movedMinor });
}
