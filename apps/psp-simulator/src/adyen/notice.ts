import { createHmac } from 'node:crypto';
import type { Draft as DraftOf, Entry, Spoiled } from '../delivery';
import type { DisputeEvent } from './dispute';
import type { Modification, Payment } from './payment';

export type EventCode =
  | 'AUTHORISATION'
  | 'CAPTURE'
  | 'CAPTURE_FAILED'
  | 'CANCELLATION'
  | 'TECHNICAL_CANCEL'
  | 'CANCEL_OR_REFUND'
  | 'REFUND'
  | 'REFUND_FAILED'
  | 'REFUNDED_REVERSED'
  | DisputeEvent;

/** What the merchant is told. */
export interface News {
  readonly eventCode: EventCode;
  readonly success: boolean;
  readonly pspReference: string;
  readonly originalReference: string | null;
  readonly merchantReference: string;
  readonly value: number;
  readonly currency: string;
  readonly reason: string;
  /** What was done, of a reversal. */
  readonly action?: 'cancel' | 'refund';
  /** Of a dispute. */
  readonly defensePeriodEndsMs?: number;
}

export type Draft = DraftOf<News>;
export type Notice = Entry<News>;

export function authorisationNotice(payment: Payment, dueMs: number): Draft {
  const { pspReference, merchantReference, value, currency, refusal } = payment;
  return {
    eventCode: 'AUTHORISATION',
    success: refusal === null,
    pspReference,
    originalReference: null,
    merchantReference,
    value,
    currency,
    reason: refusal?.reason ?? '064231:1111:03/2030',
    dueMs,
  };
}

/** What is told of a modification: its result, and later that a success was taken back. */
export function modificationNotices(
  payment: Payment,
  modification: Modification,
  eventCode: EventCode,
): readonly Draft[] {
  const result: Draft = {
    eventCode,
    success: modification.failure === null,
    pspReference: modification.pspReference,
    originalReference: payment.pspReference,
    merchantReference: modification.reference ?? payment.merchantReference,
    value: modification.value,
    currency: payment.currency,
    reason: modification.failure ?? '',
    ...(eventCode === 'CANCEL_OR_REFUND' && modification.kind !== 'capture' && { action: modification.kind }),
    dueMs: modification.dueMs,
  };
  if (modification.takenBackMs === null) return [result];
  const returned = payment.behaviour.refundReturned === true ? 'REFUNDED_REVERSED' : 'REFUND_FAILED';
  const failed = modification.kind === 'capture' ? 'CAPTURE_FAILED' : returned;
  // true: it is the report of the failure that succeeded
  const takenBack: Draft = {
    ...result,
    eventCode: failed,
    reason: 'Failed',
    dueMs: modification.takenBackMs,
  };
  if (modification.againMs === undefined) return [result, takenBack];
  // source: Adyen docs, "Failed capture"
  const again: Draft = { ...result, reason: 'Transaction Recaptured', dueMs: modification.againMs };
  return [result, takenBack, again];
}

const adyenTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00');

/** Source: Adyen docs, "Dispute webhooks". */
const ofDispute = (defensePeriodEndsMs: number): Readonly<Record<string, string>> => ({
  chargebackReasonCode: '10.4',
  chargebackSchemeCode: 'visa',
  defendable: 'true',
  defensePeriodEndsAt: adyenTime(defensePeriodEndsMs),
});

const ANOTHER_KEY = Buffer.from('another key');
const OPERATIONS: readonly string[] = ['CANCEL', 'CAPTURE', 'REFUND'];

/** The `NotificationRequestItem`, signed. Source: Adyen docs, "Webhook structure" and "Verify HMAC signatures". */
export function itemOf(
  notice: Notice,
  merchantAccount: string,
  hmacKey: string,
  { badSignature, skewMs }: Spoiled = { badSignature: false, skewMs: 0 },
): object {
  const signed = [
    notice.pspReference,
    notice.originalReference ?? '',
    merchantAccount,
    notice.merchantReference,
    notice.value,
    notice.currency,
    notice.eventCode,
    notice.success,
  ].join(':');
  const key = badSignature ? ANOTHER_KEY : Buffer.from(hmacKey, 'hex');
  const hmacSignature = createHmac('sha256', key).update(signed).digest('base64');
  return {
    additionalData: {
      hmacSignature,
      ...(notice.action !== undefined && { 'modification.action': notice.action }),
      ...(notice.defensePeriodEndsMs !== undefined && ofDispute(notice.defensePeriodEndsMs)),
    },
    amount: { currency: notice.currency, value: notice.value },
    eventCode: notice.eventCode,
    eventDate: adyenTime((notice.happenedMs ?? notice.dueMs) + skewMs),
    merchantAccountCode: merchantAccount,
    merchantReference: notice.merchantReference,
    ...(notice.originalReference !== null && { originalReference: notice.originalReference }),
    ...(notice.eventCode === 'AUTHORISATION' && notice.success && { operations: OPERATIONS }),
    paymentMethod: 'visa',
    pspReference: notice.pspReference,
    reason: notice.reason,
    success: String(notice.success),
  };
}
