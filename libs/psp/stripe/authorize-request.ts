import type { AuthorizeRequest } from '@tender/domain';
import type Stripe from 'stripe';
import { toStripeAmount } from './stripe-amount';

/** The layout that new attempts are recorded with. */
export const REQUEST_VERSION = 1;

export type BuiltRequest =
  | { readonly kind: 'built'; readonly params: Stripe.PaymentIntentCreateParams }
  | { readonly kind: 'currency_not_supported' }
  | { readonly kind: 'unknown_version' };

/**
 * Stripe compares a repeated key's parameters with the first ones and refuses others, so a request is rebuilt from
 * the recorded attempt by the layout it was recorded with. A layout is never edited once it has been deployed; a
 * change is a new version beside it.
 */
export function buildAuthorizeRequest(request: AuthorizeRequest): BuiltRequest {
  return request.requestVersion === 1 ? version1(request) : { kind: 'unknown_version' };
}

function version1(request: AuthorizeRequest): BuiltRequest {
  const amount = toStripeAmount(request);
  if (amount === undefined) return { kind: 'currency_not_supported' };
  return {
    kind: 'built',
    params: {
      amount,
      currency: request.currency.toLowerCase(),
      confirm: true,
      capture_method: request.captureMethod,
      payment_method: request.token,
      // without it the account's settings decide which methods are on, and some of them demand a return_url
      allowed_payment_method_types: ['card'],
      // ours alone: what a merchant writes may be about a person, and Stripe has no need of it
      metadata: { attempt: request.attemptId, payment: request.paymentId },
      ...(request.statementDescriptor !== null && {
        statement_descriptor_suffix: request.statementDescriptor,
      }),
      ...(request.returnUrl !== null && { return_url: request.returnUrl }),
      // brand, last four digits and the charge's own time in the same reply
      expand: ['latest_charge'],
    },
  };
}
