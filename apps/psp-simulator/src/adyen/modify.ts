import { invalid, isApiError, type ApiError } from './api-error';
import { plannedDispute } from './plan-dispute';
import { modificationNotices, type Draft, type EventCode } from './notice';
import { textOf, type Execution, type JsonObject, type Operation, type Outcome } from './operation';
import {
  cancelFailure,
  capturedValue,
  captureFailure,
  refundFailure,
  standing,
  withModification,
  type Modification,
  type ModificationKind,
  type Payment,
} from './payment';
import { readAmount } from './read-amount';

interface Wanted {
  readonly kind: ModificationKind;
  readonly eventCode: EventCode;
  readonly value: number;
  readonly failure: string | null;
  readonly reference: string | null;
}

const noSuchPayment = (): ApiError => invalid('167', 'Original pspReference required for this operation');

/** Adyen promises nothing but to try: whatever the payment's state, the answer is "received". */
function modify(payment: Payment, wanted: Wanted, execution: Execution) {
  const { references, nowMs, key, resultsAfterMs } = execution;
  const { kind, value, failure, reference } = wanted;
  const { captureFailsLater, refundFailsLater, recaptured } = payment.behaviour;
  const failsLater = (kind === 'capture' && captureFailsLater) || (kind === 'refund' && refundFailsLater);
  const dueMs = nowMs + resultsAfterMs;
  const modification: Modification = {
    pspReference: references.next(),
    kind,
    reference,
    key,
    atMs: nowMs,
    value,
    failure,
    dueMs,
    takenBackMs: failsLater && failure === null ? dueMs + resultsAfterMs : null,
    ...(failsLater && failure === null && recaptured === true && { againMs: dueMs + 2 * resultsAfterMs }),
  };
  const changed = withModification(payment, modification);
  const isTaken = kind === 'capture' && failure === null;
  const disputed = isTaken
    ? plannedDispute(
        changed,
        { value, atMs: dueMs },
        { nextReference: () => references.next(), resultsAfterMs },
      )
    : { payment: changed, news: [] };
  return {
    modification,
    changed: disputed.payment,
    news: [...modificationNotices(payment, modification, wanted.eventCode), ...disputed.news],
  };
}

function received(payment: Payment, wanted: Wanted, execution: Execution, withAmount: boolean): Outcome {
  const { modification, changed, news } = modify(payment, wanted, execution);
  const body = {
    merchantAccount: execution.merchantAccount,
    paymentPspReference: payment.pspReference,
    pspReference: modification.pspReference,
    ...(modification.reference !== null && { reference: modification.reference }),
    status: 'received',
    ...(withAmount && { amount: { currency: payment.currency, value: modification.value } }),
  };
  return { status: 201, body, changed, news };
}

/** `POST /payments/{pspReference}/captures` and `/refunds` */
const withAmount = (
  kind: 'capture' | 'refund',
  eventCode: EventCode,
  failureOf: (payment: Payment, value: number, nowMs: number) => string | null,
): Operation => ({
  faultOp: kind,
  prepare(request, pspReference) {
    const amount = readAmount(request);
    if (isApiError(amount)) return amount;
    return (execution) => {
      const payment = execution.payments.get(pspReference);
      if (payment === undefined) return noSuchPayment();
      if (payment.currency !== amount.currency) return invalid('138', 'Unsupported currency specified');
      const { value } = amount;
      const failure = failureOf(payment, value, execution.nowMs);
      const reference = textOf(request, 'reference');
      return received(payment, { kind, eventCode, value, failure, reference }, execution, true);
    };
  },
});

export const captureOperation = withAmount('capture', 'CAPTURE', captureFailure);
export const refundOperation = withAmount('refund', 'REFUND', refundFailure);

function wantedCancel(
  payment: Payment,
  eventCode: EventCode,
  request: JsonObject,
  { nowMs }: Execution,
): Wanted {
  const failure = cancelFailure(payment, nowMs);
  return {
    kind: 'cancel',
    eventCode,
    value: payment.value,
    failure,
    reference: textOf(request, 'reference'),
  };
}

/** `POST /payments/{pspReference}/cancels` */
export const cancelOperation: Operation = {
  faultOp: 'cancel',
  prepare: (request, pspReference) => (execution) => {
    const payment = execution.payments.get(pspReference);
    if (payment === undefined) return noSuchPayment();
    return received(payment, wantedCancel(payment, 'CANCELLATION', request, execution), execution, false);
  },
};

/** `POST /payments/{pspReference}/reversals`: a cancel, or a refund of all that is left when it is too late for one. */
export const reversalOperation: Operation = {
  faultOp: 'reversal',
  prepare: (request, pspReference) => (execution) => {
    const payment = execution.payments.get(pspReference);
    if (payment === undefined) return noSuchPayment();
    const { nowMs } = execution;
    const left = capturedValue(payment, nowMs) - standing(payment, 'refund', nowMs);
    const cancel = wantedCancel(payment, 'CANCEL_OR_REFUND', request, execution);
    const wanted: Wanted = left > 0 ? { ...cancel, kind: 'refund', value: left, failure: null } : cancel;
    return received(payment, wanted, execution, false);
  },
};

/** `POST /cancels`: by the merchant's own reference, for who has lost the answer that carried Adyen's. */
export const technicalCancelOperation: Operation = {
  faultOp: 'cancel',
  prepare(request) {
    const paymentReference = textOf(request, 'paymentReference');
    if (paymentReference === null) return invalid('130', 'Reference Missing');
    return (execution) => {
      const payment = execution.payments.withReference(paymentReference);
      const done =
        payment === undefined
          ? notFound(paymentReference, request, execution)
          : modify(payment, wantedCancel(payment, 'TECHNICAL_CANCEL', request, execution), execution);
      const reference = textOf(request, 'reference');
      const body = {
        merchantAccount: execution.merchantAccount,
        paymentReference,
        pspReference: done.modification.pspReference,
        ...(reference !== null && { reference }),
        status: 'received',
      };
      return { status: 201, body, changed: done.changed, news: done.news };
    };
  },
};

/** Nothing to cancel is also only told later. */
function notFound(paymentReference: string, request: JsonObject, execution: Execution) {
  const pspReference = execution.references.next();
  const news: Draft = {
    eventCode: 'TECHNICAL_CANCEL',
    success: false,
    pspReference,
    originalReference: null,
    merchantReference: textOf(request, 'reference') ?? paymentReference,
    value: 0,
    currency: 'EUR',
    reason: 'Transaction not found',
    dueMs: execution.nowMs + execution.resultsAfterMs,
  };
  return { modification: { pspReference }, changed: null, news: [news] };
}
