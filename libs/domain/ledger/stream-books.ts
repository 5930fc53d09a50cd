import type { PspName } from '../psp/outcome';
import type { CaptureMethod, PaymentInitiated } from '../payment/payment.events';
import type { StreamBooks } from './booking';

/** An attempt, as the books remember it. */
export interface BookedAttempt {
  readonly id: string;
  readonly psp: PspName;
  /** The PSP's id of its own charge, once that was approved. */
  readonly chargeReference: string | null;
  /** What stands in auth_open for its own charge, minor units. */
  readonly heldMinor: bigint;
  /** What stands in unknown_open for it, minor units. */
  readonly doubtMinor: bigint;
}

/** A capture that has not ended, or a reversal: whether it gave something back may be told again at any time. */
export interface BookedOperation {
  readonly id: string;
  readonly attemptId: string;
  /** Of what it is done to, where that was known. */
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
  /** What stands in unknown_open for it, minor units. */
  readonly doubtMinor: bigint;
}

/** Money without a sale that a PSP holds and has not taken: what stands in auth_open for it, minor units. */
export interface HeldLateCharge {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly heldMinor: bigint;
}

/** Money without a sale that a PSP has taken. It stays: the scheme may take it back, and again, at any time. */
export interface BookedLateCharge {
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  /** The reversal that gave it back: then that is owed, or nothing; null: it is owed to somebody unknown. */
  readonly givenBy: string | null;
  /** Whether the scheme has taken it back: then nothing stands for it. */
  readonly fallen: boolean;
}

/** A dispute. It stays when its money is back: a second chargeback may follow. */
export interface BookedDispute {
  readonly id: string;
  readonly attemptId: string;
  /** The PSP's id of the disputed charge; null where that was not told: then it is the sale's. */
  readonly paymentReference: string | null;
  /** What the PSP has taken and not put back, minor units of the currency it was taken in. */
  readonly withdrawnMinor: bigint;
  /** What of it is given up. */
  readonly lostMinor: bigint;
  readonly currency: string;
}

/**
 * What the books remember of a payment's stream. Attempts stay, with zeros: a charge may surface for each of them at
 * any time. Captures go with their end, and so do holds.
 */
export interface PaymentBooks extends StreamBooks {
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly captureMethod: CaptureMethod;
  readonly attempts: readonly BookedAttempt[];
  readonly operations: readonly BookedOperation[];
  readonly heldCharges: readonly HeldLateCharge[];
  readonly lateCharges: readonly BookedLateCharge[];
  readonly disputes: readonly BookedDispute[];
}

export const booksOf = (initiated: PaymentInitiated): PaymentBooks => ({
  ledger: initiated.merchant,
  payment: initiated.paymentId,
  currency: initiated.currency,
  amountMinor: initiated.amountMinor,
  captureMethod: initiated.captureMethod,
  attempts: [],
  operations: [],
  heldCharges: [],
  lateCharges: [],
  disputes: [],
});

/** @throws where the stream never told of the attempt: then it is not a stream of ours, or not read from its start */
export function attemptIn({ payment, attempts }: PaymentBooks, attemptId: string): BookedAttempt {
  const attempt = attempts.find(({ id }) => id === attemptId);
  if (attempt === undefined) throw new Error(`payment ${payment} has no attempt ${attemptId}`);
  return attempt;
}

export const operationIn = (
  { operations }: PaymentBooks,
  operationId: string | null,
): BookedOperation | undefined => operations.find(({ id }) => id === operationId);

export const withBookedAttempt = (
  books: PaymentBooks,
  attemptId: string,
  change: Partial<Omit<BookedAttempt, 'id' | 'psp'>>,
): PaymentBooks => ({
  ...books,
  attempts: books.attempts.map((attempt) => (attempt.id === attemptId ? { ...attempt, ...change } : attempt)),
});

export const withOperationStarted = (
  books: PaymentBooks,
  {
    operationId: id,
    attemptId,
    pspReference,
    amountMinor,
  }: {
    readonly operationId: string;
    readonly attemptId: string;
    readonly pspReference: string | null;
    readonly amountMinor: bigint;
  },
): PaymentBooks => ({
  ...books,
  operations: [...books.operations, { id, attemptId, pspReference, amountMinor, doubtMinor: 0n }],
});

/** A reversal has an answer; which charge it was of may be asked once more. */
export const withoutDoubtOf = (books: PaymentBooks, operationId: string): PaymentBooks => ({
  ...books,
  operations: books.operations.map((operation) =>
    operation.id === operationId ? { ...operation, doubtMinor: 0n } : operation,
  ),
});

export const withOperationInDoubt = (books: PaymentBooks, operationId: string): PaymentBooks => ({
  ...books,
  operations: books.operations.map((operation) =>
    operation.id === operationId ? { ...operation, doubtMinor: operation.amountMinor } : operation,
  ),
});

export const withoutOperation = (books: PaymentBooks, operationId: string | null): PaymentBooks => ({
  ...books,
  operations: books.operations.filter(({ id }) => id !== operationId),
});

type NameOfCharge = { readonly attemptId: string; readonly pspReference: string | null };

const isOf =
  ({ attemptId, pspReference }: NameOfCharge) =>
  (late: Pick<BookedLateCharge, 'attemptId' | 'pspReference'>): boolean =>
    late.attemptId === attemptId && late.pspReference === pspReference;

export const heldChargeIn = (
  { heldCharges }: PaymentBooks,
  charge: NameOfCharge | undefined,
): HeldLateCharge | undefined => (charge === undefined ? undefined : heldCharges.find(isOf(charge)));

export const withHeldCharge = (books: PaymentBooks, held: HeldLateCharge): PaymentBooks => ({
  ...books,
  heldCharges: [...books.heldCharges, held],
});

export const withoutHeldCharge = (books: PaymentBooks, charge: NameOfCharge | undefined): PaymentBooks =>
  charge === undefined
    ? books
    : { ...books, heldCharges: books.heldCharges.filter((held) => !isOf(charge)(held)) };

export const lateChargeIn = (
  { lateCharges }: PaymentBooks,
  charge: NameOfCharge | undefined,
): BookedLateCharge | undefined => (charge === undefined ? undefined : lateCharges.find(isOf(charge)));

export function withLateCharge(
  books: PaymentBooks,
  { attemptId, pspReference, amountMinor }: Omit<BookedLateCharge, 'givenBy' | 'fallen'>,
): PaymentBooks {
  const late = { attemptId, pspReference, amountMinor, givenBy: null, fallen: false };
  return { ...books, lateCharges: [...books.lateCharges, late] };
}

export const withLateChargeChanged = (
  books: PaymentBooks,
  charge: NameOfCharge | undefined,
  change: Partial<Pick<BookedLateCharge, 'givenBy' | 'fallen'>>,
): PaymentBooks =>
  charge === undefined
    ? books
    : {
        ...books,
        lateCharges: books.lateCharges.map((late) => (isOf(charge)(late) ? { ...late, ...change } : late)),
      };
