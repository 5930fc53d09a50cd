import { createHmac } from 'node:crypto';
import type { DeliveryRules, Spoiled, Webhook } from '../delivery';

/** What waits in the outbox: the event itself is kept where events are read. */
export interface EventNews {
  readonly event: string;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 12 * 3_600_000;
/** Source: Stripe docs, "Webhooks", automatic retries: exponential, for up to three days. The steps are not published. */
export const RETRY_PAUSES_MS: readonly number[] = Array.from({ length: 15 }, (_, n) =>
  Math.min(FIRST_PAUSE_MS * 2 ** n, LONGEST_PAUSE_MS),
);
/** Source: the same page. */
export const RETRIED_FOR_MS = 3 * 24 * 3_600_000;

export const DELIVERY_RULES: DeliveryRules = {
  retryPausesMs: RETRY_PAUSES_MS,
  retriedForMs: RETRIED_FOR_MS,
  // not published; what integrators report
  acknowledgeWithinMs: 10_000,
  inFlightMax: 16,
  holdsBack: false,
};

export const isWebhookSecret = (text: string): boolean => /^whsec_\w+$/.test(text);

/** Signed as `t=…,v1=…` over the time and the bytes. Source: Stripe docs, "Verify webhook signatures manually". */
export function signedWebhook(body: string, secret: string, wallMs: number, spoiled: Spoiled): Webhook {
  const time = Math.floor((wallMs + spoiled.skewMs) / 1000);
  const key = spoiled.badSignature ? `${secret}_another` : secret;
  const signature = createHmac('sha256', key).update(`${time}.${body}`).digest('hex');
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': `t=${time},v1=${signature}`,
    },
    body,
  };
}
