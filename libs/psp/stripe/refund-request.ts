import type { RefundRequest } from '@tender/domain';
import { publicId } from '@tender/domain';
import type Stripe from 'stripe';
import { toStripeAmount } from './stripe-amount';

export type BuiltRefund =
  | { readonly kind: 'built'; readonly params: Stripe.RefundCreateParams }
  | { readonly kind: 'currency_not_supported' }
  | { readonly kind: 'unknown_version' };

/** As with every request: the same recorded refund gives the same bytes for ever. A change is a new version. */
export function buildRefundRequest(request: RefundRequest): BuiltRefund {
  return request.requestVersion === 1 ? version1(request) : { kind: 'unknown_version' };
}

function version1(request: RefundRequest): BuiltRefund {
  const { pspReference, reason, attemptId, paymentId, refundId, operationId } = request;
  const amount = toStripeAmount(request);
  if (amount === undefined) return { kind: 'currency_not_supported' };
  return {
    kind: 'built',
    params: {
      payment_intent: pspReference,
      amount,
      ...(reason !== null && { reason }),
      metadata: {
        attempt: attemptId,
        payment: paymentId,
        refund: publicId('re', refundId),
        operation: operationId,
      },
    },
  };
}
