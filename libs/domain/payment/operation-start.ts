import type { OperationKind } from '../psp/outcome';
import { pspKeyOf } from './attempt-start';
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

export function reversalStarted(
  payment: Payment,
  charge: {
    readonly attemptId: string;
    readonly pspReference: string | null;
    readonly amountMinor: bigint;
    readonly captured: boolean;
  },
): PaymentEvent {
  const operationId = nextOperationId(payment, charge.attemptId, 'reversal');
  return { type: 'ReversalStarted', data: { operationId, currency: payment.currency, ...charge } };
}
