import { plannedDispute } from './plan-dispute';
import { invalid, isApiError, type ApiError } from './api-error';
import { authorisationNotice, type Draft } from './notice';
import { isObject, textOf, type Execution, type JsonObject, type Operation, type Outcome } from './operation';
import type { Payment } from './payment';
import { readAmount } from './read-amount';
import {
  CHALLENGE_FAILED,
  holderBehaviour,
  requestedBehaviour,
  storedBehaviour,
  type Behaviour,
} from './test-cards';

/** Source: Adyen docs, "Webhook structure": references of ours are up to 80 characters. */
const REFERENCE_MAX_LENGTH = 80;
/** What nobody here may send: this is not a place for card data. */
const CARD_DATA = ['number', 'encryptedCardNumber', 'cvc', 'encryptedSecurityCode'];
/** `card_pending` takes as many times longer than a modification: somebody will want to look in between. */
const PENDING_FACTOR = 4;

type Facts = Pick<
  Payment,
  'merchantReference' | 'value' | 'currency' | 'capture' | 'behaviour' | 'returnUrl'
>;

/** `POST /payments` */
export const payOperation: Operation = {
  faultOp: 'authorize',
  prepare(request) {
    const facts = readFacts(request);
    return isApiError(facts) ? facts : (execution) => pay(facts, execution);
  },
};

function readFacts(request: JsonObject): Facts | ApiError {
  const amount = readAmount(request);
  if (isApiError(amount)) return amount;
  const merchantReference = textOf(request, 'reference');
  if (merchantReference === null || merchantReference.length > REFERENCE_MAX_LENGTH) {
    return invalid('130', 'Reference Missing');
  }
  const returnUrl = textOf(request, 'returnUrl');
  if (returnUrl === null) return invalid('14_030', 'Return URL is missing.');
  const behaviour = readBehaviour(request);
  if (isApiError(behaviour)) return behaviour;
  const manual = textOf(request.additionalData, 'manualCapture') === 'true';
  return { ...amount, merchantReference, returnUrl, behaviour, capture: manual ? 'manual' : 'immediate' };
}

function readBehaviour(request: JsonObject): Behaviour | ApiError {
  const { paymentMethod } = request;
  if (!isObject(paymentMethod) || textOf(paymentMethod, 'type') !== 'scheme') {
    return invalid('14_007', 'Only payment methods of type scheme are simulated.');
  }
  if (CARD_DATA.some((name) => paymentMethod[name] !== undefined)) {
    return invalid('101', 'Card data is not accepted here: pass a stored payment method.');
  }
  const stored = textOf(paymentMethod, 'storedPaymentMethodId');
  if (stored !== null && textOf(request, 'shopperReference') === null) {
    return invalid('180', 'Invalid shopperReference');
  }
  const known = stored === null ? storedBehaviour('card_ok') : storedBehaviour(stored);
  if (known === undefined) return invalid('800', 'Contract not found');
  const requested = textOf(request.additionalData, 'RequestedTestAcquirerResponseCode');
  if (requested !== null) {
    return requestedBehaviour(requested) ?? invalid('702', 'Unknown test response code');
  }
  return holderBehaviour(textOf(paymentMethod, 'holderName') ?? '') ?? known;
}

function pay(facts: Facts, execution: Execution): Outcome {
  const { payments, references, nowMs, key, resultsAfterMs } = execution;
  const { ending } = facts.behaviour;
  const payment: Payment = {
    ...facts,
    pspReference: references.next(),
    seq: payments.size,
    rev: 0,
    createdMs: nowMs,
    key,
    resultCode: 'Authorised',
    refusal: null,
    authorisedMs: null,
    challenge: null,
    modifications: [],
  };
  switch (ending.kind) {
    case 'authorised':
      return told(payment, execution);
    case 'refused':
      return told({ ...payment, resultCode: ending.resultCode, refusal: ending.refusal }, execution);
    case 'pending': {
      const authorisedMs = nowMs + resultsAfterMs * PENDING_FACTOR;
      return told({ ...payment, resultCode: 'Received', authorisedMs }, execution);
    }
    case 'challenge':
      return answered({ ...payment, resultCode: 'RedirectShopper' }, [], execution);
  }
}

/** `POST /payments/details`: the merchant hands in what the payer came back with. */
export const detailsOperation: Operation = {
  faultOp: 'details',
  prepare(request) {
    const result = textOf(request.details, 'redirectResult');
    if (result === null) return invalid('14_002', "Required field 'details.redirectResult' is not provided.");
    return (execution) => {
      const payment = execution.payments.get(/^SIM\.(\w+)\.(?:pass|fail)$/.exec(result)?.[1] ?? '');
      if (payment === undefined || result !== redirectResultOf(payment)) {
        return invalid('14_007', 'Invalid payload provided.');
      }
      // handed in before: the answer of then
      if (payment.resultCode !== 'RedirectShopper') return answered(payment, [], execution);
      const rev = payment.rev + 1;
      return payment.challenge === 'pass'
        ? told({ ...payment, rev, resultCode: 'Authorised' }, execution)
        : told({ ...payment, rev, resultCode: 'Refused', refusal: CHALLENGE_FAILED }, execution);
    };
  },
};

/** Known only to who has been through the challenge. */
export function redirectResultOf({ pspReference, challenge }: Payment): string | null {
  return challenge === null ? null : `SIM.${pspReference}.${challenge}`;
}

/** With the news that follows the answer. */
function told(payment: Payment, execution: Execution): Outcome {
  const { references, resultsAfterMs } = execution;
  const dueMs = payment.authorisedMs ?? execution.nowMs + resultsAfterMs;
  const isTaken = payment.refusal === null && payment.capture === 'immediate';
  const disputed = isTaken
    ? plannedDispute(
        payment,
        { value: payment.value, atMs: dueMs },
        { nextReference: () => references.next(), resultsAfterMs },
      )
    : { payment, news: [] };
  return answered(disputed.payment, [authorisationNotice(payment, dueMs), ...disputed.news], execution);
}

function answered(payment: Payment, news: readonly Draft[], { origin }: Execution): Outcome {
  const { pspReference, resultCode, merchantReference, value, currency, refusal } = payment;
  const approved = resultCode === 'Authorised';
  const body = {
    ...(approved && {
      additionalData: { authCode: '064231', cardSummary: '1111', paymentMethod: 'visa' },
    }),
    pspReference,
    resultCode,
    ...(refusal !== null && { refusalReason: refusal.reason, refusalReasonCode: refusal.code }),
    ...(resultCode === 'RedirectShopper' && {
      action: {
        method: 'GET',
        paymentMethodType: 'scheme',
        type: 'redirect',
        url: `${origin}/_sim/3ds/${pspReference}`,
      },
    }),
    amount: { currency, value },
    merchantReference,
    paymentMethod: { brand: 'visa', type: 'scheme' },
  };
  return { status: 200, body, changed: payment, news };
}
