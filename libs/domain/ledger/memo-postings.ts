import {
  AUTHORIZATION_CLOSED,
  AUTHORIZATION_OPENED,
  UNKNOWN_CLOSED,
  UNKNOWN_OPENED,
} from './payment.templates';
import type { BookedAttempt, HeldLateCharge, PaymentBooks } from './stream-books';
import { attemptIn, operationIn, withBookedAttempt } from './stream-books';
import type { Posting } from './template';
import { post } from './template';

/** What is held or in doubt is told in the memo, and ends there. */

export const authorizationOpened = (
  attempt: BookedAttempt,
  { currency }: PaymentBooks,
  held: bigint,
): Posting => post(AUTHORIZATION_OPENED, { psp: attempt.psp, attempt: attempt.id, currency, held });

export const doubtOpened = (
  subject: string,
  { psp }: BookedAttempt,
  { currency }: PaymentBooks,
  doubt: bigint,
): Posting => post(UNKNOWN_OPENED, { psp, subject, currency, doubt });

export function doubtClosed(
  { id: subject, psp, doubtMinor: doubt }: BookedAttempt,
  { currency }: PaymentBooks,
): Posting[] {
  return doubt > 0n ? [post(UNKNOWN_CLOSED, { psp, subject, currency, doubt })] : [];
}

export function operationDoubtClosed(operationId: string | null, books: PaymentBooks): Posting[] {
  const operation = operationIn(books, operationId);
  if (operation === undefined || operation.doubtMinor === 0n) return [];
  const { id: subject, attemptId, doubtMinor: doubt } = operation;
  const { psp } = attemptIn(books, attemptId);
  return [post(UNKNOWN_CLOSED, { psp, subject, currency: books.currency, doubt })];
}

/** A charge beside the sale is not held any more; what is held of the sale itself stays. */
export function holdClosed(charge: HeldLateCharge | undefined, books: PaymentBooks): Posting[] {
  if (charge === undefined) return [];
  const { id: attempt, psp } = attemptIn(books, charge.attemptId);
  const { currency } = books;
  return [post(AUTHORIZATION_CLOSED, { psp, attempt, currency, held: charge.heldMinor })];
}

/** Nothing is held or in doubt for the attempt's own charge any more. */
export function allClosed(attempt: BookedAttempt, books: PaymentBooks): Posting[] {
  const { id, psp, heldMinor: held } = attempt;
  const { currency } = books;
  return [
    ...doubtClosed(attempt, books),
    ...(held > 0n ? [post(AUTHORIZATION_CLOSED, { psp, attempt: id, currency, held })] : []),
  ];
}

export const settled = (books: PaymentBooks, attemptId: string): PaymentBooks =>
  withBookedAttempt(books, attemptId, { heldMinor: 0n, doubtMinor: 0n });
