import { v5 as uuid5 } from 'uuid';

/** Namespaces of our name-based ids (RFC 9562 section 5.5). They are storage format: a change orphans every stream. */
const PAYMENT_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c01';
const REQUEST_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c03';
const REFUND_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c04';
const DISPUTE_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c05';

/** Joins the parts of a name so that no two different lists give the same text. */
const nameOf = (...parts: readonly string[]): string =>
  parts.map((part) => `${part.length}:${part}`).join('');

/**
 * The payment that a merchant's idempotency key names. The stream is named by it, so "this key again" and
 * "this payment again" are one question, answered by the store's expected revision; there is no side table.
 */
export const paymentIdOf = (merchant: string, idempotencyKey: string): string =>
  uuid5(nameOf(merchant, idempotencyKey), PAYMENT_NAMESPACE);

/** More attempts than PSPs that a payment can have tokens for. */
export const MAX_ATTEMPTS = 255;

/**
 * The n-th attempt (1-based) of a payment: `att_`, the payment's 32 hex digits, and two for the number. A PSP's news
 * carries it and nothing else of ours, so the payment has to be found in it without a search.
 */
export function attemptIdOf(paymentId: string, number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > MAX_ATTEMPTS) {
    throw new RangeError(`attempt ${number} is not within 1 and ${MAX_ATTEMPTS}`);
  }
  return `att_${paymentId.replaceAll('-', '')}${number.toString(16).padStart(2, '0')}`;
}

const ATTEMPT_ID = /^att_([0-9a-f]{32})([0-9a-f]{2})$/;

/** The payment and the number that an attempt's id is made of, or undefined when the text is no such id. */
export function partsOfAttemptId(
  attemptId: string,
): { readonly paymentId: string; readonly number: number } | undefined {
  const match = ATTEMPT_ID.exec(attemptId);
  const paymentId = match === null ? undefined : uuidOf('pay', `pay_${match[1] ?? ''}`);
  const number = Number.parseInt(match?.[2] ?? '0', 16);
  return paymentId === undefined || number === 0 ? undefined : { paymentId, number };
}

/**
 * What a merchant's idempotency key names within one payment (or, to try it again, within one refund): the same key for another payment, or for another kind
 * of request, is another request.
 */
export const requestIdOf = (
  paymentId: string,
  what: 'capture' | 'cancel' | 'retry' | 'resolve',
  idempotencyKey: string,
): string => uuid5(nameOf(paymentId, what, idempotencyKey), REQUEST_NAMESPACE);

/** The refund that a merchant's idempotency key names within one payment; names its stream. */
export const refundIdOf = (merchant: string, paymentId: string, idempotencyKey: string): string =>
  uuid5(nameOf(merchant, paymentId, idempotencyKey), REFUND_NAMESPACE);

/** A PSP's dispute, under an id of ours. */
export const disputeIdOf = (psp: string, reference: string): string =>
  uuid5(nameOf(psp, reference), DISPUTE_NAMESPACE);

export type PublicIdPrefix = 'pay' | 're' | 'dp';

/** `pay_<32 hex digits>`: the same 128 bits as the uuid, without dashes. */
export const publicId = (prefix: PublicIdPrefix, uuid: string): string =>
  `${prefix}_${uuid.replaceAll('-', '')}`;

const PUBLIC_ID = /^([a-z]+)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The uuid behind a public id, or undefined when it is not one of that kind. */
export function uuidOf(prefix: PublicIdPrefix, id: string): string | undefined {
  const match = PUBLIC_ID.exec(id);
  if (match?.[1] !== prefix) return undefined;
  return match.slice(2).join('-');
}

/** A refund is tried again only after a definitive answer, each time by an operator or by a policy with a limit. */
export const MAX_REFUND_TRIES = 99;

/**
 * The n-th try (1-based) of a refund at its PSP: the refund's public id and the number. It is the PSP's idempotency key and
 * our reference in its books, so that a notice leads to the refund's stream without a search.
 */
export function refundReferenceOf(refundId: string, number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > MAX_REFUND_TRIES) {
    throw new RangeError(`try ${number} of a refund is not within 1 and ${MAX_REFUND_TRIES}`);
  }
  return `${publicId('re', refundId)}-${number}`;
}

const REFUND_REFERENCE = /^(re_[0-9a-f]{32})-([1-9][0-9]?)$/;

/** The refund and the number that a try's reference is made of, or undefined when the text is none. */
export function partsOfRefundReference(
  reference: string,
): { readonly refundId: string; readonly number: number } | undefined {
  const match = REFUND_REFERENCE.exec(reference);
  const refundId = uuidOf('re', match?.[1] ?? '');
  return refundId === undefined ? undefined : { refundId, number: Number(match?.[2]) };
}
