import type { Payment, PaymentStatus, PspName } from '@tender/domain';
import type { Disputed } from './disputed';
import { disputedOf } from './disputed';
import { fromInt64, toInt64 } from './int64';
import type { OpenFlow } from './open-flow';
import type { FoldedPayment } from './payment-fold';

/** `payment_status`: one document a payment. Everything beside `payment` is there for a query or a guard. */
export interface PaymentDocument {
  readonly _id: string;
  /** Revision of the last event in it, int64: the guard of every write. */
  readonly ver: bigint;
  readonly merchant: string;
  readonly status: PaymentStatus;
  /** Of the latest attempt. */
  readonly psp: PspName | null;
  readonly customerId: string | null;
  readonly createdAt: Date;
  /** The folded payment as it is. */
  readonly payment: Payment;
  readonly openFlow?: OpenFlow;
  readonly disputed?: Disputed;
}

/**
 * Every field of a payment, with its path in the document. A new field of `Payment` does not compile until it stands
 * here; it also needs a new `COLLECTION`, since documents written before lack it.
 */
const PATH_OF: Readonly<Record<keyof Payment, string>> = {
  id: 'payment.id',
  merchant: 'payment.merchant',
  fingerprint: 'payment.fingerprint',
  representation: 'payment.representation',
  status: 'payment.status',
  amountMinor: 'payment.amountMinor',
  currency: 'payment.currency',
  captureMethod: 'payment.captureMethod',
  paymentMethod: 'payment.paymentMethod',
  statementDescriptor: 'payment.statementDescriptor',
  returnUrl: 'payment.returnUrl',
  buyerReturnUrl: 'payment.buyerReturnUrl',
  candidates: 'payment.candidates',
  freeText: 'payment.freeText',
  authorizedMinor: 'payment.authorizedMinor',
  capturedMinor: 'payment.capturedMinor',
  nextAction: 'payment.nextAction',
  failure: 'payment.failure',
  attempts: 'payment.attempts',
  operations: 'payment.operations',
  cancelRequests: 'payment.cancelRequests',
  lateSuccesses: 'payment.lateSuccesses',
  captures: 'payment.captures',
  refunds: 'payment.refunds',
  disputes: 'payment.disputes',
  createdAt: 'payment.createdAt',
  updatedAt: 'payment.updatedAt',
};

const FIELDS = Object.keys(PATH_OF) as readonly (keyof Payment)[];
const AMOUNTS = ['amountMinor', 'authorizedMinor', 'capturedMinor'] as const;

/** @throws RangeError when an amount does not fit int64, or the creation time is none */
export function toDocument(payment: Payment, { revision, openFlow }: FoldedPayment): PaymentDocument {
  assertStorable(payment);
  const document: PaymentDocument = {
    _id: payment.id,
    ver: toInt64(revision, payment.id),
    merchant: payment.merchant,
    status: payment.status,
    psp: pspOf(payment),
    customerId: payment.freeText.customerId,
    createdAt: createdAtOf(payment),
    payment,
  };
  const disputed = disputedOf(payment);
  return {
    ...document,
    ...(disputed === undefined ? {} : { disputed }),
    ...(openFlow === undefined ? {} : { openFlow }),
  };
}

export interface DocumentChange {
  readonly $set: Readonly<Record<string, unknown>>;
  readonly $unset?: { readonly openFlow: '' };
}

/**
 * Whether a change in place would leave other bytes than a rebuild: the first dispute comes before the open flow, and a
 * field that is new to a stored document is put behind all others.
 */
export const mustReplace = (before: FoldedPayment, { payment, openFlow }: FoldedPayment): boolean =>
  before.openFlow !== undefined &&
  openFlow !== undefined &&
  before.payment?.disputes.length === 0 &&
  payment !== null &&
  payment.disputes.length > 0;

/**
 * Only what differs: `evolve` keeps the parts that an event does not touch as the same objects, so most of a payment
 * (what was asked for) is neither encoded nor sent again. A field that is set in place keeps its place, so the bytes
 * are those that a rebuild from zero writes.
 */
export function changeOf(before: FoldedPayment, payment: Payment, after: FoldedPayment): DocumentChange {
  assertStorable(payment);
  const $set: Record<string, unknown> = { ver: toInt64(after.revision, payment.id) };
  const old = before.payment;
  if (old === null) throw new Error(`${payment.id} is changed before it is stored`);
  for (const field of FIELDS) {
    if (old[field] !== payment[field]) {
      $set[PATH_OF[field]] = payment[field];
    }
  }
  if (old.status !== payment.status) $set.status = payment.status;
  // which never goes again once it is there
  if (old.disputes.length !== payment.disputes.length) $set.disputed = disputedOf(payment);
  if (pspOf(old) !== pspOf(payment)) $set.psp = pspOf(payment);
  if (old.merchant !== payment.merchant) $set.merchant = payment.merchant;
  if (old.createdAt !== payment.createdAt) $set.createdAt = createdAtOf(payment);
  if (old.freeText.customerId !== payment.freeText.customerId) $set.customerId = payment.freeText.customerId;
  if (after.openFlow !== undefined) {
    if (after.openFlow !== before.openFlow) $set.openFlow = after.openFlow;
  } else if (before.openFlow !== undefined) return { $set, $unset: { openFlow: '' } };
  return { $set };
}

/** @throws MalformedDocument when an amount or the version was not stored as int64 */
export function fromDocument(document: PaymentDocument): FoldedPayment & { readonly payment: Payment } {
  const { payment, _id: id, openFlow } = document;
  for (const amount of AMOUNTS) fromInt64(payment[amount], `payment ${id} ${amount}`);
  for (const [place, amountMinor] of innerAmounts(payment)) fromInt64(amountMinor, place);
  return { revision: fromInt64(document.ver, `payment ${id} ver`), payment, openFlow };
}

const pspOf = (payment: Payment): PspName | null => payment.attempts.at(-1)?.psp ?? null;

function assertStorable(payment: Payment): void {
  for (const amount of AMOUNTS) toInt64(payment[amount], `payment ${payment.id} ${amount}`);
  for (const [place, amountMinor] of innerAmounts(payment)) toInt64(amountMinor, place);
}

/** The amounts that stand inside lists, each with its place. */
const innerAmounts = ({
  operations,
  lateSuccesses,
  captures,
  refunds,
  disputes,
}: Payment): readonly [string, bigint][] => [
  ...[...operations, ...refunds].map(({ id, amountMinor }): [string, bigint] => [id, amountMinor]),
  ...lateSuccesses.map(({ pspReference, amountMinor }): [string, bigint] => [
    `late success ${pspReference}`,
    amountMinor,
  ]),
  ...captures.map(({ attemptId, amountMinor }): [string, bigint] => [`capture ${attemptId}`, amountMinor]),
  ...disputes.flatMap(({ id, amountMinor, withdrawnMinor }): [string, bigint][] => [
    [`dispute ${id}`, amountMinor],
    [`dispute ${id} withdrawn`, withdrawnMinor],
  ]),
];

function createdAtOf({ id, createdAt }: Payment): Date {
  const date = new Date(createdAt);
  if (Number.isNaN(date.getTime())) throw new RangeError(`payment ${id}: "${createdAt}" is not a time`);
  return date;
}
