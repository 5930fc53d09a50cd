import type { DeliveryRules, Spoiled, Webhook } from '../delivery';
import { itemOf, type Notice } from './notice';

/** Source: Adyen docs, "Troubleshoot webhooks": three times at once, then from the queue with growing pauses. */
export const RETRY_PAUSES_MS: readonly number[] = [
  ...[9, 9, 9].map((seconds) => seconds * 1_000),
  ...[2, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * 60_000),
];
/** Source: the same page. */
export const RETRIED_FOR_MS = 30 * 24 * 3_600_000;

export const DELIVERY_RULES: DeliveryRules = {
  retryPausesMs: RETRY_PAUSES_MS,
  retriedForMs: RETRIED_FOR_MS,
  // source: Adyen docs, "Handle webhook events"
  acknowledgeWithinMs: 10_000,
  inFlightMax: 1,
  holdsBack: true,
};

/** An HMAC key is hexadecimal; node would take less of anything else, down to an empty key. */
export const isHmacKey = (text: string): boolean => /^(?:[0-9a-f]{2})+$/i.test(text);

export function webhookOf(
  notices: readonly Notice[],
  merchantAccount: string,
  hmacKey: string,
  spoiled: Spoiled,
): Webhook {
  const items = notices.map((notice) => ({
    NotificationRequestItem: itemOf(notice, merchantAccount, hmacKey, spoiled),
  }));
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ live: 'false', notificationItems: items }),
  };
}
