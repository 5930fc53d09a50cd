import { toAdyenAmount } from './adyen-amount';
import type { OperationLayout } from './operation-call';
import { operationBy } from './operation-call';
import { notPossible } from './request-rules';

const version1: OperationLayout = (request, { merchantAccount }) => {
  const { pspReference, operationId: reference, currency } = request;
  if (pspReference === null) return notPossible('a capture needs Adyen’s reference of the payment');
  const value = toAdyenAmount(request);
  if (value === undefined) return { kind: 'currency_not_supported' };
  const body = { amount: { currency, value }, merchantAccount, reference };
  return {
    kind: 'built',
    send: (api, keyed) => api.captureAuthorisedPayment(pspReference, body, keyed),
  };
};

/** `POST /payments/{pspReference}/captures`. What a partial capture leaves over is given back by Adyen. */
export const captureWith = operationBy(version1);
