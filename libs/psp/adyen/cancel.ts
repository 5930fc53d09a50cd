import type { OperationLayout } from './operation-call';
import { operationBy } from './operation-call';

const version1: OperationLayout = (request, { merchantAccount }) => {
  const { pspReference, attemptId: paymentReference, operationId: reference } = request;
  return {
    kind: 'built',
    send: (api, keyed) =>
      pspReference === null
        ? api.cancelAuthorisedPayment({ merchantAccount, paymentReference, reference }, keyed)
        : api.cancelAuthorisedPaymentByPspReference(pspReference, { merchantAccount, reference }, keyed),
  };
};

/**
 * `POST /payments/{pspReference}/cancels`; or, for who has lost the answer that carried Adyen's reference,
 * `POST /cancels` by ours.
 */
export const cancelWith = operationBy(version1);
