import { readStripeNotice } from '@tender/psp/stripe';
import { WEBHOOK_TOLERANCE_MS } from '../config/limits';
import type { WebhookSource } from './webhook-source';

/** @param secrets whole, with their `whsec_`; several during a rotation */
export const stripeSource = (secrets: readonly string[]): WebhookSource => ({
  psp: 'stripe',
  verify({ body, headers }, nowMs) {
    const header = headers['stripe-signature'];
    const read = readStripeNotice({
      rawBody: body,
      signature: typeof header === 'string' ? header : undefined,
      secrets,
      nowMs,
      toleranceMs: WEBHOOK_TOLERANCE_MS,
    });
    switch (read.kind) {
      case 'notice':
        return { kind: 'verified', notices: [read.notice] };
      case 'not_signed':
        return { kind: 'forged' };
      case 'unreadable':
        return { kind: 'unreadable' };
    }
  },
});
