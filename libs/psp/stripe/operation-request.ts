import type { OperationRequest } from '@tender/domain';
import type Stripe from 'stripe';
import { toStripeAmount } from './stripe-amount';

export type BuiltOperation =
  | { readonly kind: 'capture'; readonly params: Stripe.PaymentIntentCaptureParams }
  | { readonly kind: 'cancel'; readonly params: Stripe.PaymentIntentCancelParams }
  | { readonly kind: 'refund'; readonly params: Stripe.RefundCreateParams }
  | { readonly kind: 'currency_not_supported' }
  | { readonly kind: 'unknown_version' };

/**
 * As for an authorisation: rebuilt from what was recorded, by the layout it was recorded with, to the same bytes for
 * ever. A change is a new version beside this one.
 *
 * @param intentId the intent that it is done to
 */
export function buildOperationRequest(request: OperationRequest, intentId: string): BuiltOperation {
  return request.requestVersion === 1 ? version1(request, intentId) : { kind: 'unknown_version' };
}

function version1(request: OperationRequest, intentId: string): BuiltOperation {
  const amount = toStripeAmount(request);
  switch (request.kind) {
    case 'capture':
      return amount === undefined
        ? { kind: 'currency_not_supported' }
        : {
            kind: 'capture',
            // Stripe gives back what is left over by itself
            params: { amount_to_capture: amount, metadata: metadataOf(request), expand: ['latest_charge'] },
          };
    case 'cancel':
      return cancel();
    case 'reversal':
      if (!request.captured) return cancel();
      return amount === undefined
        ? { kind: 'currency_not_supported' }
        : {
            kind: 'refund',
            // exactly what is recorded: "whatever is left" would hide that somebody else has refunded, too
            params: { payment_intent: intentId, amount, metadata: metadataOf(request) },
          };
  }
}

/** A cancel has no amount, so that none can be in its way; Stripe takes no metadata of it. */
const cancel = (): BuiltOperation => ({ kind: 'cancel', params: { expand: ['latest_charge'] } });

/** The attempt and the payment once more: metadata of a capture is merged into the intent's, which must stay as it was. */
const metadataOf = ({ attemptId, paymentId, operationId }: OperationRequest): Record<string, string> => ({
  attempt: attemptId,
  payment: paymentId,
  operation: operationId,
});
