import { v5 as uuid5 } from 'uuid';

/** Namespaces of our name-based ids (RFC 9562 section 5.5). They are storage format: a change orphans every stream. */
const PAYMENT_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c01';
const ATTEMPT_NAMESPACE = '6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c02';

/** Joins the parts of a name so that no two different lists give the same text. */
const nameOf = (...parts: readonly string[]): string =>
  parts.map((part) => `${part.length}:${part}`).join('');

/**
 * The payment that a merchant's idempotency key names. The stream is named by it, so "this key again" and
 * "this payment again" are one question, answered by the store's expected revision; there is no side table.
 */
export const paymentIdOf = (merchant: string, idempotencyKey: string): string =>
  uuid5(nameOf(merchant, idempotencyKey), PAYMENT_NAMESPACE);

/** The n-th attempt (1-based) of a payment: the same on every process that decides to start it. */
export const attemptIdOf = (paymentId: string, number: number): string =>
  publicId('att', uuid5(nameOf(paymentId, String(number)), ATTEMPT_NAMESPACE));

export type PublicIdPrefix = 'pay' | 're' | 'att';

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
