import type { OperationKind } from '../psp/outcome';
import { pspKeyOf } from './attempt-start';
import { isAtBanks } from './disputed-charge';
import type { CancelPurpose } from './operation.events';
import type { Attempt, Payment } from './payment';
import type { RequestCapture } from './payment.commands';
import type { PaymentEvent } from './payment.events';

/** The next operation of its kind on an attempt: a new key, since the one before has a definitive answer. */
function nextOperationId({ operations }: Payment, attemptId: string, kind: OperationKind): string {
  const before = operations.filter((one) => one.attemptId === attemptId && one.kind === kind).length;
  return pspKeyOf(attemptId, kind, before + 1);
}

export function captureStarted(
  payment: Payment,
  { id: attemptId, pspReference }: Attempt,
  { requestId, fingerprint }: RequestCapture,
  amountMinor: bigint,
): PaymentEvent {
  const operationId = nextOperationId(payment, attemptId, 'capture');
  const { currency } = payment;
  return {
    type: 'CaptureStarted',
    data: { operationId, attemptId, pspReference, amountMinor, currency, requestId, fingerprint },
  };
}

export function cancelStarted(
  payment: Payment,
  { id: attemptId, pspReference }: Pick<Attempt, 'id' | 'pspReference'>,
  purpose: CancelPurpose,
): PaymentEvent {
  const operationId = nextOperationId(payment, attemptId, 'cancel');
  const { amountMinor, currency } = payment;
  return {
    type: 'CancelStarted',
    data: { operationId, attemptId, pspReference, amountMinor, currency, purpose },
  };
}

interface ChargeToGiveBack {
  readonly attemptId: string;
  readonly pspReference: string | null;
  readonly amountMinor: bigint;
  readonly captured: boolean;
}

export function reversalStarted(
  payment: Payment,
  charge: ChargeToGiveBack,
): Extract<PaymentEvent, { type: 'ReversalStarted' }> {
  const operationId = nextOperationId(payment, charge.attemptId, 'reversal');
  return { type: 'ReversalStarted', data: { operationId, currency: payment.currency, ...charge } };
}

/**
 * What is taken without a sale is given back. Where a bank has money of it already no PSP is asked, since the buyer would
 * have it twice: it stands as if the PSP had refused, until the bank has decided.
 */
export function givenBack(payment: Payment, charge: ChargeToGiveBack): PaymentEvent {
  const { attemptId, pspReference: paymentReference, captured } = charge;
  const started = reversalStarted(payment, charge);
  return captured && isAtBanks(payment, { attemptId, paymentReference })
    ? { type: 'ReversalWithheld', data: started.data }
    : started;
}
