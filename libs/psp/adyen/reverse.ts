import type { OperationLayout } from './operation-call';
import { operationBy } from './operation-call';
import { notPossible } from './request-rules';

const version1: OperationLayout = ({ pspReference, operationId: reference }, { merchantAccount }) =>
  pspReference === null
    ? notPossible('a reversal needs Adyen’s reference of the payment')
    : {
        kind: 'built',
        send: (api, keyed) => api.refundOrCancelPayment(pspReference, { merchantAccount, reference }, keyed),
      };

/**
 * `POST /payments/{pspReference}/reversals`: a cancel, or a refund of everything when it is too late for one. Adyen
 * decides at the moment when it does it, so a capture that happens meanwhile cannot slip between the two.
 */
export const reverseWith = operationBy(version1);
