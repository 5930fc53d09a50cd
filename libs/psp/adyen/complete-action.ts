import { PaymentsApi } from '@adyen/api-library/lib/src/services/checkout/paymentsApi';
import type { PaymentCompletionDetails } from '@adyen/api-library/lib/src/typings/checkout/paymentCompletionDetails';
import type { PaymentDetailsRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentDetailsRequest';
import type { CompleteActionRequest, PspGateway } from '@tender/domain';
import type { AdyenAccount } from './adyen-account';
import { outcomeOf } from './outcome';
import { readPaymentReply } from './payment-reply';
import type { Built } from './request-rules';
import { brokenRule, notPossible, notSentFor } from './request-rules';

/**
 * What a buyer can come back with from 3-D Secure (Adyen docs, "Redirect 3DS2", "Native 3DS2"). A browser's query is
 * anybody's to write: nothing else of it is passed on.
 */
const RESULT_NAMES = ['redirectResult', 'threeDSResult', 'payload', 'MD', 'PaRes'] as const;

/**
 * `POST /payments/details`. The answer names our attempt: a result that belongs to another payment says nothing about
 * this one.
 */
export const completeActionWith =
  (account: AdyenAccount): PspGateway['completeAction'] =>
  async (request) => {
    const built = buildDetailsRequest(request);
    if (built.kind !== 'built') return notSentFor(built, request.currency);
    const { idempotencyKey } = request;
    const end = await account.call((client) =>
      new PaymentsApi(client).paymentsDetails(built.params, { idempotencyKey }),
    );
    return outcomeOf(readPaymentReply(end), request, account.nowMs);
  };

export function buildDetailsRequest(request: CompleteActionRequest): Built<PaymentDetailsRequest> {
  const { requestVersion, idempotencyKey: key, attemptId } = request;
  return brokenRule({ requestVersion, key, references: [attemptId] }) ?? version1(request);
}

function version1({ result }: CompleteActionRequest): Built<PaymentDetailsRequest> {
  const details: PaymentCompletionDetails = {};
  for (const name of RESULT_NAMES) {
    // the first of several: so a re-send picks the same one
    const value = result.find((entry) => entry.name === name)?.value;
    if (value !== undefined && value !== '') details[name] = value;
  }
  return Object.keys(details).length === 0
    ? notPossible('the buyer came back without a result of Adyen’s')
    : { kind: 'built', params: { details } };
}
