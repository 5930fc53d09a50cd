import type { PaymentEvent } from '../payment/payment.events';
import type { Booking } from './event-booking';
import {
  allClosed,
  authorizationOpened,
  doubtClosed,
  holdClosed,
  operationDoubtClosed,
  settled,
} from './memo-postings';
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
import { settling } from './settled-charge';
import type {
  BookedAttempt,
  BookedLateCharge,
  BookedOperation,
  HeldLateCharge,
  PaymentBooks,
} from './stream-books';
import {
  attemptIn,
  heldChargeIn,
  lateChargeIn,
  operationIn,
  withBookedAttempt,
  withHeldCharge,
  withLateCharge,
  withLateChargeChanged,
  withoutDoubtOf,
  withoutHeldCharge,
} from './stream-books';
import { SUSPENSE_PAID_BY_BANK, SUSPENSE_PAID_TWICE, SUSPENSE_REFUNDED } from './suspense.templates';
import type { Posting } from './template';
import { post } from './template';

type DataOf<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { type: Type }>['data'];

type LateType =
  | 'LateSuccessFound'
  | 'LateSuccessFellBack'
  | 'LateSuccessTakenAgain'
  | 'ChargeReversed'
  | 'ReversalFailed';

const TOLD: {
  readonly [Type in LateType]: Booking<DataOf<Type>, PaymentBooks>;
} = {
  LateSuccessFound: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, AUTHORIZATION_OPENED, LATE_FOUND],
    because: 'posted where the PSP took the money; where it only holds it, a memo until it is let go',
    posts: (data, books) => {
      const { amountMinor, captured } = data;
      const attempt = attemptIn(books, data.attemptId);
      const isOwn = isOfAttempt(data.pspReference, attempt);
      return captured
        ? [...(isOwn ? allClosed(attempt, books) : []), lateFound(attempt, books, amountMinor)]
        : [...(isOwn ? doubtClosed(attempt, books) : []), authorizationOpened(attempt, books, amountMinor)];
    },
    remembers: ({ attemptId, pspReference, amountMinor, captured }, books) => {
      const isOwn = isOfAttempt(pspReference, attemptIn(books, attemptId));
      if (captured) {
        const told = isOwn ? settled(books, attemptId) : books;
        return withLateCharge(told, { attemptId, pspReference, amountMinor });
      }
      const told = isOwn ? withBookedAttempt(books, attemptId, { doubtMinor: 0n }) : books;
      return withHeldCharge(told, { attemptId, pspReference, heldMinor: amountMinor });
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
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, LATE_FOUND, SUSPENSE_REFUNDED],
    because:
      'posted where the money had been taken and not fallen back; where it was only held, the hold of that charge ends',
    posts: ({ attemptId, operationId, amountMinor, captured }, books) => {
      const attempt = attemptIn(books, attemptId);
      const charge = operationIn(books, operationId);
      const held = heldChargeIn(books, charge);
      return [
        ...operationDoubtClosed(operationId, books),
        ...(isOfSale(operationId, books) ? allClosed(attempt, books) : []),
        ...holdClosed(held, books),
        // it gave money back, so it had been taken
        ...(captured && held !== undefined ? [lateFound(attempt, books, held.heldMinor)] : []),
        ...(captured && lateChargeIn(books, charge)?.fallen !== true
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
    remembers: ({ attemptId, operationId, captured }, books) => {
      const charge = operationIn(books, operationId);
      const held = heldChargeIn(books, charge);
      const taken =
        captured && held !== undefined ? withTaken(books, held) : withoutHeldCharge(books, charge);
      const given = withLateChargeChanged(taken, charge, { givenBy: operationId });
      const ended = isOfSale(operationId, books) ? settled(given, attemptId) : given;
      return withoutDoubtOf(ended, operationId);
    },
  },
  ReversalFailed: {
    by: [UNKNOWN_CLOSED, AUTHORIZATION_CLOSED, LATE_FOUND, GIVEN_BACK_RETURNED],
    because:
      'posted where the PSP says that it took what we thought it only held, and where what it gave came back; otherwise the charge stays as it stood',
    posts: ({ attemptId, operationId, why }, books) => {
      const attempt = attemptIn(books, attemptId);
      const given = givenBy(operationId, books);
      const taken = takenAfterAll(why, operationId, books);
      return [
        ...operationDoubtClosed(operationId, books),
        ...(taken === undefined
          ? []
          : [...holdClosed(taken, books), lateFound(attempt, books, taken.heldMinor)]),
        ...(given === undefined || given.fallen ? [] : [cameBack(operationId, given, books)]),
      ];
    },
    remembers: ({ operationId, why }, books) => {
      const taken = takenAfterAll(why, operationId, books);
      const known = taken === undefined ? books : withTaken(books, taken);
      const owed = withLateChargeChanged(known, givenBy(operationId, books), { givenBy: null });
      return withoutDoubtOf(owed, operationId);
    },
  },
};

/**
 * Money without a sale: found, given back, taken back by the scheme and taken again. The last two may be told before or
 * after its reversal; what stands at the end hangs on whether it has fallen and whether it was given back, alone.
 */
export const LATE_BOOKINGS: typeof TOLD = {
  LateSuccessFound: settling(TOLD.LateSuccessFound, SUSPENSE_PAID_BY_BANK, itself),
  LateSuccessFellBack: settling(TOLD.LateSuccessFellBack, SUSPENSE_PAID_TWICE, itself),
  LateSuccessTakenAgain: settling(TOLD.LateSuccessTakenAgain, SUSPENSE_PAID_BY_BANK, itself),
  ChargeReversed: settling(TOLD.ChargeReversed, SUSPENSE_PAID_TWICE, chargeOfReversal),
  ReversalFailed: settling(TOLD.ReversalFailed, SUSPENSE_PAID_BY_BANK, chargeOfReversal),
};

function itself<Named>(data: Named): Named {
  return data;
}

function chargeOfReversal(
  { operationId }: { readonly operationId: string },
  books: PaymentBooks,
): BookedOperation | undefined {
  return operationIn(books, operationId);
}

/** Whether it is the attempt's own charge; until one was approved, there is no other. */
const isOfAttempt = (pspReference: string | null, { chargeReference }: BookedAttempt): boolean =>
  chargeReference === null || pspReference === chargeReference;

const isOfSale = (operationId: string, books: PaymentBooks): boolean => {
  const charge = operationIn(books, operationId);
  return charge !== undefined && isOfAttempt(charge.pspReference, attemptIn(books, charge.attemptId));
};

/** What the memo had as held and is taken, by the word of a reversal that came too late. */
const takenAfterAll = (
  why: DataOf<'ReversalFailed'>['why'],
  operationId: string,
  books: PaymentBooks,
): HeldLateCharge | undefined =>
  why === 'already_captured' ? heldChargeIn(books, operationIn(books, operationId)) : undefined;

const withTaken = (books: PaymentBooks, held: HeldLateCharge): PaymentBooks => {
  const { attemptId, pspReference, heldMinor: amountMinor } = held;
  return withLateCharge(withoutHeldCharge(books, held), { attemptId, pspReference, amountMinor });
};

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
