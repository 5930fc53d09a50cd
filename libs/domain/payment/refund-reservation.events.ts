import type { PspName } from '../psp/outcome';
import type { MetadataEntry } from './metadata';

/**
 * What refunds take of a payment. How a refund goes at its PSP stands in its own stream; here stands what it holds of
 * the money that was captured, so that no two of them ever share any. These names and fields are the storage format.
 */
export type RefundReservationEvent =
  | { readonly type: 'RefundReserved'; readonly data: RefundReserved }
  | { readonly type: 'RefundSettled'; readonly data: RefundSettled }
  | { readonly type: 'RefundReturned'; readonly data: RefundReturned }
  | { readonly type: 'RefundRetryGranted'; readonly data: RefundRetryGranted }
  | { readonly type: 'RefundReservationReleased'; readonly data: RefundReservationReleased };

/** Text that the merchant chose. Kept together so that it can be sealed for erasure without touching money. */
export interface RefundText {
  readonly reason: string | null;
  readonly metadata: readonly MetadataEntry[];
}

/** Durable before anything of the refund exists elsewhere; the refund's stream begins with what stands here. */
export interface RefundReserved {
  /** Named by the merchant's idempotency key within the payment; names the refund's stream. */
  readonly refundId: string;
  /** Hash of the request body as sent: the same key with another one is refused. */
  readonly fingerprint: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Who captured: nobody else can give it back. */
  readonly psp: PspName;
  readonly attemptId: string;
  /** The PSP's id of the charge. */
  readonly pspReference: string;
  /** The PSP's id of the capture, where that has one of its own. */
  readonly captureReference: string | null;
  readonly requestVersion: number;
  /** Version of the JSON representation that every answer to this key is rendered with, for ever. */
  readonly representation: number;
  readonly freeText: RefundText;
}

interface RefundStood {
  readonly refundId: string;
  /** Of the refund's stream when it stood so: an older word that comes later changes nothing. */
  readonly refundRevision: number;
  /** The try that it is about, from 1. */
  readonly number: number;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** The PSP has given the money back, as far as a PSP ever says so. */
export interface RefundSettled extends RefundStood {
  readonly occurredAt: string;
}

/** What had been given back came back to us: it is owed still, and stays reserved. */
export interface RefundReturned extends RefundStood {
  readonly occurredAt: string;
}

/**
 * What is owed still may be given back by another try: decided here, where disputes are told, so that none comes between.
 * What is reserved stays reserved; the try begins in the refund's own stream.
 */
export interface RefundRetryGranted {
  readonly refundId: string;
  /** Of the try that may begin. */
  readonly number: number;
  /** What the idempotency key of the request names within the refund. */
  readonly requestId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** The refund takes nothing of the payment: `failed` before any PSP owed it · `abandoned` by an operator. */
export interface RefundReservationReleased extends RefundStood {
  readonly why: 'failed' | 'abandoned';
}
