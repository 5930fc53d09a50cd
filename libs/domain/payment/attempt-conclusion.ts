import type { Decision } from '../kernel/decision';
import { nothing, record } from '../kernel/decision';
import { RESULT_RANK } from '../psp/fact-order';
import type { AuthorizeOutcome, NotSentReason } from '../psp/outcome';
import type { NotCharged } from './failover';
import { afterNotCharged } from './failover';
import { isPaidByBanks } from './disputed-charge';
import { cancelStarted, givenBack } from './operation-start';
import type { Attempt, Payment } from './payment';
import { isCanceling, openOperationOf } from './payment';
import type { PaymentEvent, PaymentFailed } from './payment.events';

type Conclusive = Extract<AuthorizeOutcome, { kind: 'approved' | 'declined' | 'action_required' }>;

/** The events by which a definitive answer about an open attempt changes the payment. */
export function concluded(
  payment: Payment,
  attempt: Attempt,
  outcome: Conclusive,
  heardAt: string,
): Decision<PaymentEvent, never> {
  switch (outcome.kind) {
    case 'approved':
      return record(...approved(payment, attempt, outcome));
    case 'declined':
      return record(...declined(payment, attempt, outcome, heardAt));
    case 'action_required':
      return attempt.status === 'requires_action'
        ? nothing('the buyer is already asked for this')
        : record(...actionRequired(payment, attempt, outcome));
  }
}

/** Nobody waits for a buyer whose payment is to be ended. */
function actionRequired(
  payment: Payment,
  { id: attemptId }: Attempt,
  { pspReference, action }: Extract<AuthorizeOutcome, { kind: 'action_required' }>,
): PaymentEvent[] {
  const required = { type: 'AttemptActionRequired', data: { attemptId, pspReference, action } } as const;
  return isCanceling(payment) && openOperationOf(payment, attemptId) === undefined
    ? [required, cancelStarted(payment, { id: attemptId, pspReference }, 'requested')]
    : [required];
}

/**
 * An approval is taken at its word only when it approves what was asked. Another amount, or money that is held but
 * not taken where it should have been, is no sale and no refusal either: it is unknown until somebody looks.
 */
export function asAsked(payment: Payment, outcome: AuthorizeOutcome): AuthorizeOutcome {
  if (outcome.kind !== 'approved') return outcome;
  const { pspReference, amountMinor, captured } = outcome;
  const unknown = { kind: 'unknown', pspReference, keyBurnt: false } as const;
  if (amountMinor !== payment.amountMinor) {
    return {
      ...unknown,
      why: 'amount_mismatch',
      detail: `approved ${amountMinor} of ${payment.amountMinor}`,
    };
  }
  if (captured || payment.captureMethod === 'manual') return outcome;
  return { ...unknown, why: 'not_captured', detail: 'authorised without the capture that was asked for' };
}

type Approved = Extract<AuthorizeOutcome, { kind: 'approved' }>;

/**
 * While the attempt is being ended, whether the PSP took the money is told by the end of that: a void may have come
 * before the capture. Where nobody wants the money any more it is given back.
 */
function approved(payment: Payment, attempt: Attempt, outcome: Approved): PaymentEvent[] {
  const { pspReference, amountMinor, card, captured, occurredAt } = outcome;
  const { currency } = payment;
  const authorized: PaymentEvent = {
    type: 'AttemptAuthorized',
    data: { attemptId: attempt.id, pspReference, amountMinor, currency, card, occurredAt },
  };
  if (openOperationOf(payment, attempt.id) !== undefined) return [authorized];
  if (isCanceling(payment)) {
    return captured
      ? [authorized, ...unwantedSale(payment, attempt, outcome)]
      : [authorized, cancelStarted(payment, { id: attempt.id, pspReference }, 'requested')];
  }
  return captured
    ? [authorized, capturedAtOnce(payment, attempt.id, pspReference, occurredAt)]
    : [authorized];
}

/** Captured together with the authorisation, so all of it. */
export const capturedAtOnce = (
  { amountMinor, currency }: Payment,
  attemptId: string,
  pspReference: string,
  occurredAt: string,
): PaymentEvent => ({
  type: 'PaymentCaptured',
  data: {
    attemptId,
    operationId: null,
    pspReference,
    amountMinor,
    currency,
    occurredAt,
    rank: RESULT_RANK,
  },
});

function declined(
  payment: Payment,
  attempt: Attempt,
  { pspReference, decline, occurredAt }: Extract<AuthorizeOutcome, { kind: 'declined' }>,
  heardAt: string,
): PaymentEvent[] {
  const { code, category, message } = decline;
  return [
    { type: 'AttemptDeclined', data: { attemptId: attempt.id, pspReference, decline, occurredAt } },
    afterProof(payment, { kind: 'declined', category }, { code, category, message }, heardAt),
  ];
}

/** Proof that the PSP processed nothing. */
export function notSent(
  payment: Payment,
  attempt: Attempt,
  { why, detail }: { readonly why: NotSentReason; readonly detail: string },
  heardAt: string,
): PaymentEvent[] {
  const failure = { code: why, category: 'not_charged', message: NOT_CHARGED_MESSAGE[why] } as const;
  return [
    { type: 'AttemptNotSent', data: { attemptId: attempt.id, why, detail } },
    afterProof(payment, { kind: 'not_sent', why }, failure, heardAt),
  ];
}

/** Whoever asked for the end has it now; otherwise the next PSP is asked, or the payment has failed. */
const afterProof = (
  payment: Payment,
  proof: NotCharged,
  failure: PaymentFailed,
  heardAt: string,
): PaymentEvent =>
  isCanceling(payment)
    ? { type: 'PaymentCanceled', data: { because: 'requested' } }
    : afterNotCharged(payment, proof, failure, heardAt);

const NOT_CHARGED_MESSAGE: Readonly<Record<NotSentReason, string>> = {
  connection_refused: 'The payment provider could not be reached. Nothing was charged.',
  rejected_before_processing:
    'The payment provider refused the request before processing it. Nothing was charged.',
  rate_limited: 'The payment provider is taking no more requests at the moment. Nothing was charged.',
  no_permit: 'Too many payments are under way at the payment provider. Nothing was charged.',
  circuit_open: 'The payment provider is not answering reliably at the moment. Nothing was charged.',
  currency_not_supported:
    'The payment provider cannot charge this amount in this currency. Nothing was charged.',
  expired: 'The payment was not started in time. Nothing was charged.',
  never_received: 'The payment provider never received the request. Nothing was charged.',
};

type TakenCharge = Pick<Approved, 'pspReference' | 'amountMinor' | 'captured' | 'occurredAt'>;

/** The attempt's own charge, that nobody wants any more. Where its buyer has it by his bank already, that is the end of it. */
export function unwantedSale(payment: Payment, attempt: Attempt, charge: TakenCharge): PaymentEvent[] {
  const found = lateSuccess(payment, attempt, charge);
  return isPaidByBanks(payment, { ...charge, attemptId: attempt.id })
    ? [...found, { type: 'PaymentCanceled', data: { because: 'requested' } }]
    : found;
}

/** Money that we hold without a sale: told, and given back by the same decision. */
export function lateSuccess(payment: Payment, attempt: Attempt, charge: TakenCharge): PaymentEvent[] {
  const { pspReference, amountMinor, captured, occurredAt } = charge;
  const { currency } = payment;
  const attemptId = attempt.id;
  return [
    {
      type: 'LateSuccessFound',
      data: { attemptId, pspReference, amountMinor, currency, captured, occurredAt },
    },
    givenBack(payment, { attemptId, pspReference, amountMinor, captured }),
  ];
}
