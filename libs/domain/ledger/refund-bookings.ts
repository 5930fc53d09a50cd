import { refundReferenceOf } from '../kernel/ids';
import type { RefundEvent, RefundFailed } from '../refund/refund.events';
import type { Booking } from './event-booking';
import { postsNothing } from './event-booking';
import { UNKNOWN_CLOSED, UNKNOWN_OPENED } from './payment.templates';
import type { RefundBooks } from './refund-books';
import { booksOfRefund } from './refund-books';
import {
  REFUND_ABANDONED,
  REFUND_ACCEPTED,
  REFUND_FAILED_AFTER_DEBIT,
  REFUND_FAILED_BEFORE_DEBIT,
  REFUND_GIVEN_TWICE,
  REFUND_REISSUED,
} from './refund.templates';
import type { Posting } from './template';
import { post } from './template';

type DataOf<Type extends RefundEvent['type']> = Extract<RefundEvent, { type: Type }>['data'];

/**
 * How every event of a refund is booked, or why not. What is payable is keyed by the try: its reference is what the PSP's
 * record repeats.
 */
export const REFUND_BOOKINGS: {
  readonly [Type in RefundEvent['type']]: Booking<DataOf<Type>, RefundBooks>;
} = {
  RefundInitiated: postsNothing('an intent: the PSP was not asked', booksOfRefund),
  RefundAttemptStarted: {
    by: [UNKNOWN_CLOSED],
    because:
      'only the end of a doubt: another try is made where the one before is proven to have done nothing',
    posts: (_, books) => doubtClosed(books),
    remembers: (_, books) => ({ ...books, inDoubt: null }),
  },
  RefundAccepted: onItsWay('from here on the money is owed'),
  RefundSucceeded: onItsWay(
    'the PSP’s record clears what was owed; only what we had given up, or saw failed, is owed again',
  ),
  RefundFailed: {
    by: [UNKNOWN_CLOSED, REFUND_FAILED_BEFORE_DEBIT, REFUND_FAILED_AFTER_DEBIT],
    because: 'where the PSP had accepted it; before that nothing was owed',
    posts: (data, books) => [
      ...doubtClosed(books),
      ...(books.stands === 'payable' ? [cameBack(data, books)] : []),
    ],
    remembers: (_, books) => {
      const stands = books.stands === 'payable' ? 'failed' : books.stands;
      return { ...books, stands, inDoubt: null };
    },
  },
  RefundOutcomeUnknown: {
    by: [UNKNOWN_OPENED],
    because: 'a memo where nobody knows; nothing where the request has not left yet',
    posts: ({ refundId, number, why }, { psp, currency, amountMinor: doubt }) =>
      why === 'not_sent'
        ? []
        : [post(UNKNOWN_OPENED, { psp, subject: refundReferenceOf(refundId, number), currency, doubt })],
    remembers: ({ refundId, number, why }, books) =>
      why === 'not_sent' ? books : { ...books, inDoubt: refundReferenceOf(refundId, number) },
  },
  RefundEvidenceRecorded: {
    by: [REFUND_GIVEN_TWICE],
    because: 'only where an earlier try was paid out, too; any other step of a search proves nothing',
    posts: ({ refundId, number, answer }, { psp, currency, amountMinor: refunded }) => {
      if (answer !== 'given_twice') return [];
      const refund = refundReferenceOf(refundId, number);
      return [post(REFUND_GIVEN_TWICE, { psp, record: refund, refund, currency, refunded })];
    },
    remembers: (_, books) => books,
  },
  RefundResolved: postsNothing('what was found is booked by the events that it caused'),
  RefundReissued: postsNothing('a wish; the money is on its way again once the PSP accepts'),
  RefundAbandoned: {
    by: [REFUND_ABANDONED],
    because: 'where the money was owed still',
    posts: ({ refundId }, books) => (books.stands === 'failed' ? [givenUp(refundId, books)] : []),
    remembers: (_, books) => ({ ...books, stands: 'sale' }),
  },
};

/** Owed, and on its way: from the sale where nothing was owed before, or from what had failed. */
function onItsWay(because: string): Booking<DataOf<'RefundAccepted' | 'RefundSucceeded'>, RefundBooks> {
  return {
    by: [UNKNOWN_CLOSED, REFUND_ACCEPTED, REFUND_REISSUED],
    because,
    posts: ({ refundId, number }, books) => {
      const { psp, payment, currency, amountMinor: refunded, stands } = books;
      const reference = refundReferenceOf(refundId, number);
      const facts = { psp, currency, refunded };
      const owed = {
        sale: () => [post(REFUND_ACCEPTED, { ...facts, payment, refund: reference })],
        failed: () => [post(REFUND_REISSUED, { ...facts, refund: refundId, reissuedAs: reference })],
        payable: () => [],
      }[stands];
      return [...doubtClosed(books), ...owed()];
    },
    remembers: (_, books) => ({ ...books, stands: 'payable', inDoubt: null }),
  };
}

/** Owed still: whatever a PSP had accepted keeps its reservation. */
function cameBack({ refundId, number, when }: RefundFailed, books: RefundBooks): Posting {
  const { psp, currency, amountMinor: refunded } = books;
  const facts = { psp, currency, refunded };
  return when === 'after_debit'
    ? post(REFUND_FAILED_AFTER_DEBIT, { ...facts, pspAccount: psp, refund: refundId })
    : post(REFUND_FAILED_BEFORE_DEBIT, {
        ...facts,
        refund: refundReferenceOf(refundId, number),
        failed: refundId,
      });
}

const givenUp = (refund: string, { psp, payment, currency, amountMinor: refunded }: RefundBooks): Posting =>
  post(REFUND_ABANDONED, { psp, payment, refund, currency, refunded });

const doubtClosed = ({ psp, currency, amountMinor: doubt, inDoubt: subject }: RefundBooks): Posting[] =>
  subject === null ? [] : [post(UNKNOWN_CLOSED, { psp, subject, currency, doubt })];
