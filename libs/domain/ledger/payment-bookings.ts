import type { PaymentEvent } from '../payment/payment.events';
import { DISPUTE_BOOKINGS } from './dispute-bookings';
import type { Booking } from './event-booking';
import { postsNothing } from './event-booking';
import { isOnItsWay } from '../payment/operation.state';
import { LATE_BOOKINGS } from './late-bookings';
import {
  allClosed,
  authorizationOpened,
  doubtClosed,
  doubtOpened,
  operationDoubtClosed,
  settled,
} from './memo-postings';
import {
  AUTHORIZATION_CLOSED,
  AUTHORIZATION_OPENED,
  CAPTURE_REVERSED,
  PAYMENT_CAPTURED,
  UNKNOWN_CLOSED,
  UNKNOWN_OPENED,
} from './payment.templates';
import type { PaymentBooks } from './stream-books';
import {
  attemptIn,
  booksOf,
  operationIn,
  withBookedAttempt,
  withOperationInDoubt,
  withOperationStarted,
  withoutOperation,
} from './stream-books';
import { post } from './template';

type DataOf<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { type: Type }>['data'];

const BY_REFUND = 'the money of a refund is posted from the refund’s own stream';

/**
 * How every event of a payment is booked, or why not. A new event does not compile until it stands here.
 */
export const PAYMENT_BOOKINGS: {
  readonly [Type in PaymentEvent['type']]: Booking<DataOf<Type>, PaymentBooks>;
} = {
  PaymentInitiated: postsNothing('an intent: no PSP was asked', booksOf),
  AttemptStarted: postsNothing('a PSP is about to be asked', ({ attemptId, psp }, books) => ({
    ...books,
    attempts: [
      ...books.attempts,
      { id: attemptId, psp, chargeReference: null, heldMinor: 0n, doubtMinor: 0n },
    ],
  })),
  AttemptActionRequired: endOfDoubt('the PSP waits for the buyer and has taken nothing'),
  AttemptAuthorized: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_OPENED],
    because:
      'with manual capture; with automatic capture it says nothing of the money, and PaymentCaptured does',
    posts: ({ attemptId, amountMinor }, books) => {
      if (books.captureMethod === 'automatic') return [];
      const attempt = attemptIn(books, attemptId);
      return [...doubtClosed(attempt, books), authorizationOpened(attempt, books, amountMinor)];
    },
    remembers: ({ attemptId, pspReference: chargeReference, amountMinor: heldMinor }, books) =>
      withBookedAttempt(
        books,
        attemptId,
        books.captureMethod === 'automatic'
          ? { chargeReference }
          : { chargeReference, heldMinor, doubtMinor: 0n },
      ),
  },
  AttemptDeclined: endOfDoubt('nothing was charged'),
  AttemptNotSent: endOfDoubt('nothing was processed'),
  AttemptOutcomeUnknown: {
    by: [UNKNOWN_OPENED],
    because: 'never more than a memo: an unknown outcome is posted nowhere',
    posts: ({ attemptId }, books) => {
      const attempt = attemptIn(books, attemptId);
      return attempt.doubtMinor > 0n ? [] : [doubtOpened(attemptId, attempt, books, books.amountMinor)];
    },
    remembers: ({ attemptId }, books) =>
      withBookedAttempt(books, attemptId, { doubtMinor: books.amountMinor }),
  },
  EvidenceRecorded: postsNothing('a step of a search that proved nothing; the doubt stands as it stood'),
  PaymentCaptured: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, PAYMENT_CAPTURED],
    because: 'always; the first capture closes the hold, whatever it leaves of it',
    posts: ({ attemptId, operationId, amountMinor }, books) => {
      const attempt = attemptIn(books, attemptId);
      return [
        ...operationDoubtClosed(operationId, books),
        ...allClosed(attempt, books),
        post(PAYMENT_CAPTURED, {
          psp: attempt.psp,
          attempt: attemptId,
          payment: books.payment,
          currency: books.currency,
          captured: amountMinor,
        }),
      ];
    },
    remembers: ({ attemptId, operationId }, books) =>
      withoutOperation(settled(books, attemptId), operationId),
  },
  CaptureReversed: {
    by: [CAPTURE_REVERSED],
    because: 'always',
    posts: ({ attemptId, amountMinor: captured }, books) => {
      const { psp } = attemptIn(books, attemptId);
      const { payment, currency } = books;
      return [post(CAPTURE_REVERSED, { psp, attempt: attemptId, payment, currency, captured })];
    },
    remembers: (_, books) => books,
  },
  PaymentFailed: postsNothing('no attempt charged the buyer, and each told so by an event of its own'),
  CaptureStarted: postsNothing('a PSP is about to be asked', (data, books) =>
    withOperationStarted(books, data),
  ),
  CaptureFailed: endOfOperation('the PSP took nothing; the hold ends by an event of its own'),
  CaptureOutcomeUnknown: operationInDoubt(),
  CancelRequested: postsNothing('a wish; what comes of it is told by the PSP'),
  CancelStarted: postsNothing('a PSP is about to be asked'),
  CancelFailed: postsNothing('what stood stands; if money was taken, an event of its own says so'),
  CancelOutcomeUnknown: postsNothing(
    'a cancel moves no money: what it would end stands until the end is proven',
  ),
  AttemptVoided: endOfAttempt('the PSP let go of what it held'),
  AuthorizationExpired: endOfAttempt('the PSP let go of what it held'),
  PaymentCanceled: postsNothing('what was held or in doubt was ended by an event of its own'),
  ReversalStarted: postsNothing('a PSP is about to be asked', (data, books) =>
    withOperationStarted(books, data),
  ),
  ReversalWithheld: postsNothing('a bank has the money, and no PSP is asked for it', (data, books) =>
    withOperationStarted(books, data),
  ),
  ReversalOutcomeUnknown: operationInDoubt(),
  OperationResolved: postsNothing('what was found is booked by the events that it caused'),
  ActionReturned: postsNothing('the buyer is back, and the PSP has not spoken'),
  RefundReserved: postsNothing('so much of the sale is spoken for; owed it is once a PSP accepts'),
  RefundSettled: postsNothing(BY_REFUND),
  RefundReturned: postsNothing(BY_REFUND),
  RefundRetryGranted: postsNothing(BY_REFUND),
  RefundReservationReleased: postsNothing(BY_REFUND),
  ...LATE_BOOKINGS,
  ...DISPUTE_BOOKINGS,
};

type OfAttempt = { readonly attemptId: string };
type OfOperation = { readonly operationId: string };

function endOfDoubt(because: string): Booking<OfAttempt, PaymentBooks> {
  return {
    by: [UNKNOWN_CLOSED],
    because: `only the end of a doubt: ${because}`,
    posts: ({ attemptId }, books) => doubtClosed(attemptIn(books, attemptId), books),
    remembers: ({ attemptId }, books) => withBookedAttempt(books, attemptId, { doubtMinor: 0n }),
  };
}

function endOfAttempt(because: string): Booking<OfAttempt, PaymentBooks> {
  return {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED],
    because: `only memos: ${because}`,
    posts: ({ attemptId }, books) => allClosed(attemptIn(books, attemptId), books),
    remembers: ({ attemptId }, books) => settled(books, attemptId),
  };
}

function endOfOperation(because: string): Booking<OfOperation, PaymentBooks> {
  return {
    by: [UNKNOWN_CLOSED],
    because: `only the end of a doubt: ${because}`,
    posts: ({ operationId }, books) => operationDoubtClosed(operationId, books),
    remembers: ({ operationId }, books) => withoutOperation(books, operationId),
  };
}

/** What the PSP has confirmed to work on is no doubt about money, and neither is what has not left yet. */
function operationInDoubt(): Booking<DataOf<'CaptureOutcomeUnknown'>, PaymentBooks> {
  return {
    by: [UNKNOWN_OPENED],
    because: 'a memo where nobody knows; nothing where the PSP works on it, or will be asked again',
    posts: (data, books) => {
      const operation = operationIn(books, data.operationId);
      if (operation === undefined || operation.doubtMinor > 0n || isOnItsWay(data)) return [];
      return [doubtOpened(operation.id, attemptIn(books, data.attemptId), books, operation.amountMinor)];
    },
    remembers: (data, books) => (isOnItsWay(data) ? books : withOperationInDoubt(books, data.operationId)),
  };
}
