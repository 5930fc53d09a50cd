import type { PaymentEvent } from '../payment/payment.events';
import type { Booking } from './event-booking';
import { allClosed, authorizationOpened, doubtClosed, operationDoubtClosed, settled } from './memo-postings';
import {
  AUTHORIZATION_CLOSED,
  AUTHORIZATION_OPENED,
  GIVEN_BACK_FELL_BACK,
  GIVEN_BACK_RETURNED,
  GIVEN_BACK_TAKEN_AGAIN,
  LATE_FELL_BACK,
  LATE_FOUND,
  UNKNOWN_CLOSED,
} from './payment.templates';
import type { BookedAttempt, BookedLateCharge, PaymentBooks } from './stream-books';
import {
  attemptIn,
  lateChargeIn,
  operationIn,
  withBookedAttempt,
  withLateCharge,
  withLateChargeChanged,
  withoutOperation,
} from './stream-books';
import { SUSPENSE_REFUNDED } from './suspense.templates';
import type { Posting } from './template';
import { post } from './template';

type DataOf<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { type: Type }>['data'];

type LateType =
  'LateSuccessFound' | 'LateSuccessFellBack' | 'LateSuccessTakenAgain' | 'ChargeReversed' | 'ReversalFailed';

/**
 * Money without a sale: found, given back, taken back by the scheme and taken again. The last two may be told before or
 * after its reversal; what stands at the end hangs on whether it has fallen and whether it was given back, alone.
 */
export const LATE_BOOKINGS: {
  readonly [Type in LateType]: Booking<DataOf<Type>, PaymentBooks>;
} = {
  LateSuccessFound: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, AUTHORIZATION_OPENED, LATE_FOUND],
    because: 'posted where the PSP took the money; where it only holds it, a memo until it is let go',
    posts: ({ attemptId, amountMinor, captured }, books) => {
      const attempt = attemptIn(books, attemptId);
      if (!captured) {
        return [...doubtClosed(attempt, books), authorizationOpened(attempt, books, amountMinor)];
      }
      return [...allClosed(attempt, books), lateFound(attempt, books, amountMinor)];
    },
    remembers: ({ attemptId, pspReference, amountMinor, captured }, books) => {
      const { heldMinor } = attemptIn(books, attemptId);
      return captured
        ? withLateCharge(settled(books, attemptId), { attemptId, pspReference, amountMinor })
        : withBookedAttempt(books, attemptId, { heldMinor: heldMinor + amountMinor, doubtMinor: 0n });
    },
  },
  LateSuccessFellBack: {
    by: [LATE_FELL_BACK, GIVEN_BACK_FELL_BACK],
    because: 'unless it is known to have fallen back; once it was given back, that is undone with it',
    posts: (data, books) => {
      const late = lateChargeIn(books, data);
      if (late === undefined || late.fallen) return [];
      const { psp, id: attempt } = attemptIn(books, data.attemptId);
      const facts = { psp, attempt, currency: books.currency, captured: data.amountMinor };
      return late.givenBy === null
        ? [post(LATE_FELL_BACK, { ...facts, record: attempt })]
        : [post(GIVEN_BACK_FELL_BACK, { ...facts, refund: late.givenBy })];
    },
    remembers: (data, books) => withLateChargeChanged(books, data, { fallen: true }),
  },
  LateSuccessTakenAgain: {
    by: [LATE_FOUND, GIVEN_BACK_TAKEN_AGAIN],
    because: 'where it is known to have fallen back; once it was given back, it is owed as that',
    posts: (data, books) => {
      const late = lateChargeIn(books, data);
      if (late?.fallen !== true) return [];
      const booked = attemptIn(books, data.attemptId);
      if (late.givenBy === null) return [lateFound(booked, books, data.amountMinor)];
      const { psp, id: attempt } = booked;
      const facts = { psp, attempt, currency: books.currency, captured: data.amountMinor };
      return [post(GIVEN_BACK_TAKEN_AGAIN, { ...facts, refund: late.givenBy })];
    },
    remembers: (data, books) => withLateChargeChanged(books, data, { fallen: false }),
  },
  ChargeReversed: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, SUSPENSE_REFUNDED],
    because:
      'posted where the money had been taken and not fallen back; where it was only held, the hold ends',
    posts: ({ attemptId, operationId, amountMinor, captured }, books) => {
      const attempt = attemptIn(books, attemptId);
      return [
        ...operationDoubtClosed(operationId, books),
        ...allClosed(attempt, books),
        ...(captured && !isFallen(operationId, books)
          ? [
              post(SUSPENSE_REFUNDED, {
                psp: attempt.psp,
                record: attemptId,
                refund: operationId,
                currency: books.currency,
                refunded: amountMinor,
              }),
            ]
          : []),
      ];
    },
    remembers: ({ attemptId, operationId }, books) => {
      const charge = operationIn(books, operationId) ?? heldStill(attemptId, books);
      const given = withLateChargeChanged(books, charge, { givenBy: operationId });
      return withoutOperation(settled(given, attemptId), operationId);
    },
  },
  ReversalFailed: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, LATE_FOUND, GIVEN_BACK_RETURNED],
    because:
      'posted where the PSP says that it took what we thought it only held, and where what it gave came back; otherwise the charge stays as it stood',
    posts: ({ attemptId, operationId, why }, books) => {
      const attempt = attemptIn(books, attemptId);
      const given = givenBy(operationId, books);
      return [
        ...operationDoubtClosed(operationId, books),
        ...(wasTaken(why, attempt)
          ? [...allClosed(attempt, books), lateFound(attempt, books, attempt.heldMinor)]
          : []),
        ...(given === undefined || given.fallen ? [] : [cameBack(operationId, given, books)]),
      ];
    },
    remembers: ({ attemptId, operationId, why }, books) => {
      const { heldMinor: amountMinor } = attemptIn(books, attemptId);
      const pspReference = operationIn(books, operationId)?.pspReference ?? null;
      const isTaken = pspReference !== null && wasTaken(why, attemptIn(books, attemptId));
      const taken = isTaken ? withLateCharge(books, { attemptId, pspReference, amountMinor }) : books;
      const held = withLateChargeChanged(taken, givenBy(operationId, books), { givenBy: null });
      return withoutOperation(why === 'already_captured' ? settled(held, attemptId) : held, operationId);
    },
  },
};

/** What a reversal had failed to give back, and somebody found given back. */
const heldStill = (attemptId: string, { lateCharges }: PaymentBooks): BookedLateCharge | undefined =>
  lateCharges.find((late) => late.attemptId === attemptId && late.givenBy === null);

const isFallen = (operationId: string, books: PaymentBooks): boolean =>
  lateChargeIn(books, operationIn(books, operationId))?.fallen === true;

/** Whether what the memo had as held is taken, by the word of a reversal that came too late. */
const wasTaken = (why: DataOf<'ReversalFailed'>['why'], { heldMinor }: BookedAttempt): boolean =>
  why === 'already_captured' && heldMinor > 0n;

/** What this reversal gave back. */
const givenBy = (operationId: string, { lateCharges }: PaymentBooks): BookedLateCharge | undefined =>
  lateCharges.find((late) => late.givenBy === operationId);

const cameBack = (
  operationId: string,
  { attemptId: record, amountMinor: returned }: BookedLateCharge,
  books: PaymentBooks,
): Posting => {
  const { psp } = attemptIn(books, record);
  return post(GIVEN_BACK_RETURNED, { psp, refund: operationId, record, currency: books.currency, returned });
};

const lateFound = ({ id, psp }: BookedAttempt, { currency }: PaymentBooks, captured: bigint): Posting =>
  post(LATE_FOUND, { psp, attempt: id, record: id, currency, captured });
