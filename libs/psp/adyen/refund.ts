import { PaymentRefundRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRefundRequest';
import { ModificationsApi } from '@adyen/api-library/lib/src/services/checkout/modificationsApi';
import type { RefundOutcome, RefundReason, RefundRequest } from '@tender/domain';
import type { AdyenAccount } from './adyen-account';
import { toAdyenAmount } from './adyen-amount';
import { readModificationReply } from './modification-reply';
import { refundOutcomeOf } from './operation-outcome';
import type { AccountSettings, Built } from './request-rules';
import { brokenRule, notSentFor } from './request-rules';

const { MerchantRefundReasonEnum } = PaymentRefundRequest;

const REASON_OF = {
  duplicate: MerchantRefundReasonEnum.Duplicate,
  fraudulent: MerchantRefundReasonEnum.Fraud,
  requested_by_customer: MerchantRefundReasonEnum.CustomerRequest,
} as const satisfies Record<RefundReason, PaymentRefundRequest.MerchantRefundReasonEnum>;

/** As with every request: built from what was recorded, by a layout that is never edited once it has been deployed. */
function version1(request: RefundRequest, { merchantAccount }: AccountSettings): Built<PaymentRefundRequest> {
  const { operationId: reference, captureReference, currency, reason } = request;
  const value = toAdyenAmount(request);
  if (value === undefined) return { kind: 'currency_not_supported' };
  return {
    kind: 'built',
    params: {
      amount: { currency, value },
      merchantAccount,
      reference,
      ...(captureReference !== null && { capturePspReference: captureReference }),
      ...(reason !== null && { merchantRefundReason: REASON_OF[reason] }),
    },
  };
}

/**
 * `POST /payments/{pspReference}/refunds`. The answer is "received" and no more: what became of it, and whether it stays so,
 * is told by notices.
 */
export const refundWith =
  (account: AdyenAccount) =>
  async (request: RefundRequest): Promise<RefundOutcome> => {
    const { requestVersion, operationId: key, pspReference, currency } = request;
    const built = brokenRule({ requestVersion, key, references: [key] }) ?? version1(request, account);
    if (built.kind !== 'built') return notSentFor(built, currency);
    const end = await account.call((client) =>
      new ModificationsApi(client).refundCapturedPayment(pspReference, built.params, { idempotencyKey: key }),
    );
    return refundOutcomeOf(readModificationReply(end), request, account.nowMs);
  };
