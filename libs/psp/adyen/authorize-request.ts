import { CardDetails } from '@adyen/api-library/lib/src/typings/checkout/cardDetails';
import { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest';
import type { AuthorizeRequest } from '@tender/domain';
import { toAdyenAmount } from './adyen-amount';
import type { AccountSettings, Built } from './request-rules';
import { brokenRule } from './request-rules';

/** Our mark on Adyen's tokens; what follows it is Adyen's own id of a stored payment method. */
const TOKEN_PREFIX = 'adyen_';

/**
 * A re-send is the same bytes as the first send, so a request is rebuilt from the recorded attempt by the layout that
 * it was recorded with. A layout is never edited once it has been deployed; a change is a new version beside it.
 */
export function buildAuthorizeRequest(
  request: AuthorizeRequest,
  account: AccountSettings,
): Built<PaymentRequest> {
  const { requestVersion, idempotencyKey: key, attemptId } = request;
  return brokenRule({ requestVersion, key, references: [attemptId] }) ?? version1(request, account);
}

function version1(request: AuthorizeRequest, account: AccountSettings): Built<PaymentRequest> {
  const value = toAdyenAmount(request);
  if (value === undefined) return { kind: 'currency_not_supported' };
  return {
    kind: 'built',
    params: {
      amount: { currency: request.currency, value },
      merchantAccount: account.merchantAccount,
      reference: request.attemptId,
      paymentMethod: { type: CardDetails.TypeEnum.Scheme, storedPaymentMethodId: storedIdOf(request.token) },
      // a token belongs to a shopper; one that was used for this payment alone has no other shopper than it
      shopperReference: request.customerId ?? request.paymentId,
      shopperInteraction: PaymentRequest.ShopperInteractionEnum.ContAuth,
      recurringProcessingModel: PaymentRequest.RecurringProcessingModelEnum.CardOnFile,
      returnUrl: request.returnUrl ?? account.returnUrl,
      // ours alone: what a merchant writes may be about a person, and Adyen has no need of it
      metadata: { attempt: request.attemptId, payment: request.paymentId },
      ...(request.statementDescriptor !== null && {
        shopperStatement: printable(request.statementDescriptor),
      }),
      // automatic capture is the account's own setting: absent, not "false"
      ...(request.captureMethod === 'manual' && { additionalData: { manualCapture: 'true' } }),
    },
  };
}

const storedIdOf = (token: string): string =>
  token.startsWith(TOKEN_PREFIX) ? token.slice(TOKEN_PREFIX.length) : token;

/** Adyen docs, `shopperStatement`: letters, digits, blanks and . , ' _ - ? + * / alone. */
const printable = (descriptor: string): string => descriptor.replace(/[^A-Za-z0-9 .,'_\-?+*/]/g, ' ');
