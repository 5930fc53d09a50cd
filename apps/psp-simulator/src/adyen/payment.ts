import { withdrawnValue, type Dispute } from './dispute';
import type { Behaviour, Refusal } from './test-cards';

export type ModificationKind = 'capture' | 'cancel' | 'refund';

/**
 * Something asked for on a payment. Adyen answers "received" and decides later; here the decision is made at once and
 * becomes visible when it is due, so that it needs no timer and survives a restart.
 */
export interface Modification {
  readonly pspReference: string;
  readonly kind: ModificationKind;
  readonly reference: string | null;
  readonly key: string | null;
  readonly atMs: number;
  readonly value: number;
  /** Why it fails; null when it succeeds. */
  readonly failure: string | null;
  readonly dueMs: number;
  /** When a success is taken back (CAPTURE_FAILED, REFUND_FAILED); null when it holds. */
  readonly takenBackMs: number | null;
  /** When what was taken back is done again, and stands. */
  readonly againMs?: number;
}

export type ResultCode = 'Authorised' | 'Refused' | 'Error' | 'Cancelled' | 'Received' | 'RedirectShopper';

/** Records are never changed, only replaced. */
export interface Payment {
  readonly pspReference: string;
  /** Place in the order of creation. */
  readonly seq: number;
  readonly rev: number;
  readonly createdMs: number;
  readonly key: string | null;
  readonly merchantReference: string;
  /** Adyen's units. */
  readonly value: number;
  readonly currency: string;
  /** `immediate` is the account's setting; `manual` is asked for with a payment. */
  readonly capture: 'immediate' | 'manual';
  readonly behaviour: Behaviour;
  readonly returnUrl: string;
  readonly resultCode: ResultCode;
  readonly refusal: Refusal | null;
  /** When a `Received` payment turns out to be authorised. */
  readonly authorisedMs: number | null;
  /** How the payer's challenge ended, until the merchant hands it in. */
  readonly challenge: 'pass' | 'fail' | null;
  readonly modifications: readonly Modification[];
  readonly dispute?: Dispute;
}

export function isAuthorised(payment: Payment, nowMs: number): boolean {
  if (payment.resultCode === 'Received')
    return payment.authorisedMs !== null && nowMs >= payment.authorisedMs;
  return payment.resultCode === 'Authorised';
}

export function statusOf(modification: Modification, nowMs: number): 'pending' | 'succeeded' | 'failed' {
  const { failure, dueMs, takenBackMs, againMs } = modification;
  if (nowMs < dueMs) return 'pending';
  if (againMs !== undefined && nowMs >= againMs) return 'succeeded';
  return failure !== null || (takenBackMs !== null && nowMs >= takenBackMs) ? 'failed' : 'succeeded';
}

/** What is taken or about to be: what will fail is known here before it is told. */
export function standing(payment: Payment, kind: ModificationKind, nowMs: number): number {
  return payment.modifications
    .filter((one) => one.kind === kind && one.failure === null && statusOf(one, nowMs) !== 'failed')
    .reduce((sum, { value }) => sum + value, 0);
}

export function capturedValue(payment: Payment, nowMs: number): number {
  if (!isAuthorised(payment, nowMs)) return 0;
  return payment.capture === 'immediate' ? payment.value : standing(payment, 'capture', nowMs);
}

/** Source: Adyen docs, "Adjust an authorisation": 28 days by default, by scheme less. */
export const AUTHORISATION_LIFE_MS = 28 * 24 * 3_600_000;

/** An authorisation that nobody captured in time: no capture will succeed any more. */
export function isExpired(payment: Payment, nowMs: number): boolean {
  return (
    isAuthorised(payment, nowMs) &&
    capturedValue(payment, nowMs) === 0 &&
    nowMs - (payment.authorisedMs ?? payment.createdMs) >= AUTHORISATION_LIFE_MS
  );
}

const NO_BALANCE = 'Insufficient balance on payment';

/** Why a capture fails, or null. What a partial capture leaves is given back (Adyen docs, "Capture"). */
export function captureFailure(payment: Payment, value: number, nowMs: number): string | null {
  if (!isAuthorised(payment, nowMs)) return 'Transaction is not authorised';
  if (standing(payment, 'cancel', nowMs) > 0) return 'Transaction has been cancelled';
  if (isExpired(payment, nowMs)) return 'Transaction has expired';
  return payment.capture === 'immediate' || standing(payment, 'capture', nowMs) > 0 || value > payment.value
    ? NO_BALANCE
    : null;
}

export function cancelFailure(payment: Payment, nowMs: number): string | null {
  if (!isAuthorised(payment, nowMs)) return 'Transaction is not authorised';
  if (standing(payment, 'cancel', nowMs) > 0) return 'Transaction has already been cancelled';
  return capturedValue(payment, nowMs) > 0 ? 'Transaction has been captured' : null;
}

export function refundFailure(payment: Payment, value: number, nowMs: number): string | null {
  const left =
    capturedValue(payment, nowMs) -
    standing(payment, 'refund', nowMs) -
    withdrawnValue(payment.dispute, nowMs);
  return left < value ? NO_BALANCE : null;
}

export function withModification(payment: Payment, modification: Modification): Payment {
  return { ...payment, rev: payment.rev + 1, modifications: [...payment.modifications, modification] };
}
