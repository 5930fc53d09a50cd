import type { NoticeFields } from '@tender/domain';
import { text } from './reply';
import { verifyStripeSignature } from './verify-signature';

/** Longer ids and texts are none of Stripe's; redirect addresses are the longest that is kept. */
export const MAX_KEPT_TEXT_LENGTH = 2_048;
export const MAX_NOTICE_ID_LENGTH = 255;

/** A notice that is Stripe's for certain, as it is stored before anybody reads it. */
export interface StoredNotice {
  /** Stripe's id of the event: the same one again is the same notice. */
  readonly noticeId: string;
  readonly fields: NoticeFields;
}

export type ReadNotice =
  | { readonly kind: 'notice'; readonly notice: StoredNotice }
  | { readonly kind: 'not_signed' }
  /** Stripe's for certain, and yet no event. */
  | { readonly kind: 'unreadable'; readonly detail: string };

export interface NoticeReading {
  /** The bytes as they came. */
  readonly rawBody: Buffer;
  /** `Stripe-Signature` */
  readonly signature: string | undefined;
  /** Whole, with their `whsec_`; several during a rotation. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
  readonly toleranceMs: number;
}

/** A field that is kept: as it is (`true`), or of an object these fields. */
interface Kept {
  readonly [name: string]: true | Kept | readonly [Kept];
}

/** Of a list no more is kept; a dispute has two or three lines in our balance. */
export const MAX_KEPT_ITEMS = 10;

const OUR_METADATA: Kept = { attempt: true, payment: true, operation: true, refund: true };

const BALANCE_LINE: Kept = {
  id: true,
  amount: true,
  currency: true,
  fee: true,
  net: true,
  reporting_category: true,
};

/**
 * What any translation can need of an intent, a charge, a refund, a dispute or what else Stripe may tell of them. A list of what
 * is kept, not of what is left out: Stripe adds fields, and some are about the buyer.
 */
const OBJECT: Kept = {
  id: true,
  object: true,
  status: true,
  amount: true,
  amount_capturable: true,
  amount_captured: true,
  amount_received: true,
  amount_refunded: true,
  balance_transaction: true,
  balance_transactions: [BALANCE_LINE],
  canceled_at: true,
  cancellation_reason: true,
  capture_method: true,
  captured: true,
  charge: true,
  created: true,
  currency: true,
  evidence_details: { due_by: true },
  failure_balance_transaction: true,
  failure_code: true,
  failure_reason: true,
  last_payment_error: {
    type: true,
    code: true,
    decline_code: true,
    advice_code: true,
    network_advice_code: true,
    network_decline_code: true,
  },
  latest_charge: true,
  metadata: OUR_METADATA,
  next_action: { type: true, redirect_to_url: { url: true } },
  network_reason_code: true,
  payment_intent: true,
  payment_method_details: { card: { network_reason_code: true } },
  pending_reason: true,
  reason: true,
  refunded: true,
};

const EVENT: Kept = {
  id: true,
  object: true,
  type: true,
  api_version: true,
  created: true,
  livemode: true,
  request: { id: true, idempotency_key: true },
  data: { object: OBJECT },
};

/**
 * From a webhook's bytes to what is stored of it.
 *
 * @throws never
 */
export function readStripeNotice(reading: NoticeReading): ReadNotice {
  const { rawBody, signature, secrets, nowMs, toleranceMs } = reading;
  if (!verifyStripeSignature(rawBody, signature, secrets, nowMs, toleranceMs)) return { kind: 'not_signed' };
  const json = parsed(rawBody.toString('utf8'));
  const noticeId = text(json, 'id');
  if (noticeId === null || noticeId.length > MAX_NOTICE_ID_LENGTH) {
    return { kind: 'unreadable', detail: 'the body has no id of an event' };
  }
  if (text(json, 'object') !== 'event' || text(json, 'type') === null) {
    return { kind: 'unreadable', detail: 'the body is no event' };
  }
  return { kind: 'notice', notice: { noticeId, fields: keptOf(json as object, EVENT) } };
}

function keptOf(json: object, kept: Kept): NoticeFields {
  const fields: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(kept)) {
    const value: unknown = Object.hasOwn(json, name) ? (json as NoticeFields)[name] : undefined;
    if (wanted === true) {
      if (isPlain(value)) fields[name] = value;
    } else if (isList(wanted)) {
      if (Array.isArray(value)) fields[name] = listOf(value, wanted[0]);
    } else if (typeof value === 'object' && value !== null) {
      fields[name] = keptOf(value, wanted);
    } else if (value === null) {
      fields[name] = null;
    }
  }
  return fields;
}

const isList = (wanted: Kept | readonly [Kept]): wanted is readonly [Kept] => Array.isArray(wanted);

const listOf = (items: readonly unknown[], kept: Kept): readonly NoticeFields[] =>
  items
    .slice(0, MAX_KEPT_ITEMS)
    .flatMap((item) => (typeof item === 'object' && item !== null ? [keptOf(item, kept)] : []));

/** An expanded object in the place of an id is not kept: nobody has said which of its fields may be. */
const isPlain = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  Number.isSafeInteger(value) ||
  (typeof value === 'string' && value.length <= MAX_KEPT_TEXT_LENGTH);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
