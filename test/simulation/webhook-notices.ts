import { refundReferenceOf } from '@tender/domain';
import { SAMPLE_ATTEMPT_ID, sampleOperationId, sampleRefundId } from '@tender/testing';
import { adyenBatch, adyenItem, STRIPE_SECRETS, stripeSignature } from '../../apps/api/spec/signed-webhooks';

/*
 * PSPs' notices about the sample payment, in the PSPs' own form: Stripe's events and Adyen's items, signed when they are
 * sent. Times are seconds after noon, of the PSP's clock.
 */

export type Signed =
  | { readonly psp: 'stripe'; readonly event: object }
  | { readonly psp: 'adyen'; readonly items: readonly object[] };

const NOON_MS = Date.parse('2026-03-01T12:00:00.000Z');
const MS_PER_S = 1_000;
const SOMEBODY_ELSES_SECRET = 'whsec_of_somebody_else';

/**
 * What is sent over HTTP.
 *
 * @param atMs the time in Stripe's signature; Adyen's has none
 */
export function textOf(signed: Signed, atMs: number, forged: boolean) {
  const json = { 'content-type': 'application/json' };
  if (signed.psp === 'adyen') {
    return { url: '/webhooks/adyen', headers: json, payload: adyenBatch(...signed.items) };
  }
  const secret = forged ? SOMEBODY_ELSES_SECRET : STRIPE_SECRETS[0];
  const payload = JSON.stringify(signed.event);
  const headers = { ...json, 'stripe-signature': stripeSignature(payload, secret, atMs) };
  return { url: '/webhooks/stripe', headers, payload };
}

/** An event of Stripe's, by its type and object. */
export const stripe = (type: string, object: object, atS = 1, id = `evt_${type}_${atS}`): Signed => ({
  psp: 'stripe',
  event: {
    id,
    object: 'event',
    created: NOON_MS / MS_PER_S + atS,
    livemode: false,
    type,
    data: { object },
  },
});

/** Items of Adyen's in one delivery. */
export const adyen = (...items: readonly object[]): Signed => ({ psp: 'adyen', items });

export const intent = (change: object = {}): object => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 1099,
  amount_received: 1099,
  currency: 'usd',
  created: NOON_MS / MS_PER_S,
  latest_charge: 'ch_1',
  metadata: { attempt: SAMPLE_ATTEMPT_ID },
  ...change,
});

export const declinedIntent: object = intent({
  status: 'requires_payment_method',
  amount_received: 0,
  last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
});

export const refundObject = (change: object = {}): object => ({
  id: 'psp_refund_1',
  object: 'refund',
  status: 'succeeded',
  amount: 400,
  currency: 'usd',
  balance_transaction: 'txn_1',
  created: NOON_MS / MS_PER_S + 1,
  metadata: { attempt: SAMPLE_ATTEMPT_ID, operation: refundReferenceOf(sampleRefundId(), 1) },
  ...change,
});

/** Stripe's disputes name the charge and nothing of ours. */
export const dispute = (change: object = {}): object => ({
  id: 'du_1',
  object: 'dispute',
  amount: 1099,
  currency: 'usd',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  balance_transactions: [],
  metadata: {},
  ...change,
});

/** What becomes of the capture of the sample attempt at Adyen. */
export const captureItem = (eventCode: string, atS: number, change: object = {}): object =>
  adyenItem({
    amount: { currency: 'USD', value: 1099 },
    eventCode,
    eventDate: timeOf(atS),
    merchantReference: sampleOperationId('capture'),
    originalReference: 'pi_1',
    ...change,
  });

export const authorisationItem = (atS: number): object =>
  adyenItem({
    amount: { currency: 'USD', value: 1099 },
    eventCode: 'AUTHORISATION',
    eventDate: timeOf(atS),
    merchantReference: SAMPLE_ATTEMPT_ID,
    originalReference: null,
    pspReference: 'pi_1',
    paymentMethod: 'visa',
  });

const timeOf = (atS: number): string =>
  new Date(NOON_MS + atS * MS_PER_S).toISOString().replace('.000Z', '+00:00');
