import { AUTHORIZATION_HELD_FOR_MS } from '../psp/authorization-time';
import type {
  CompleteActionRequest,
  OperationLookupRequest,
  OperationRequest,
  SearchMeans,
} from '../psp/gateway';
import type { PspName } from '../psp/outcome';
import type { CancelPurpose } from './operation.events';
import { isWithoutSale } from './late-success';
import type { Attempt, Operation, Payment } from './payment';
import { attemptOf, isCanceling, openOperationOf } from './payment';
import { rungDelayMs } from './search';

/** An abandoned authentication is ended at the PSP after this time, ms. */
export const ACTION_WITHIN_MS = 60 * 60_000;

/** Pauses between cancels begin where a search for evidence is after so many rungs. */
const FIRST_PAUSE_TRIES = 6;

export type OperationEffect =
  | { readonly kind: 'operate'; readonly psp: PspName; readonly request: OperationRequest }
  | { readonly kind: 'lookup_operation'; readonly psp: PspName; readonly request: OperationLookupRequest }
  | { readonly kind: 'complete_action'; readonly psp: PspName; readonly request: CompleteActionRequest }
  | { readonly kind: 'start_cancel'; readonly attemptId: string; readonly purpose: CancelPurpose }
  /** A charge that the PSP would not give back is given back by another request. */
  | { readonly kind: 'start_reversal'; readonly operationId: string }
  /** Its request may have left long ago, under a key that the PSP may have forgotten. */
  | { readonly kind: 'declare_operation_unknown'; readonly operationId: string };

/** A first request that is still to be made after this time may be a second one: the search begins instead, ms. */
export const OPERATE_WITHIN_MS = 15 * 60_000;

/** The request of an operation that is under way: the same one each time it is sent. */
export function operate(payment: Payment, operation: Operation): OperationEffect {
  const attempt = attemptOf(payment, operation);
  return { kind: 'operate', psp: attempt.psp, request: requestOf(payment, attempt, operation) };
}

/**
 * The next step of the search for an operation's outcome. The same key again does nothing twice while the PSP surely
 * knows it, so it alternates with the look-up; after that only look-ups may go on, or the PSP's own word.
 */
export function climbOperation(
  payment: Payment,
  operation: Operation,
  means: SearchMeans,
  nowMs: number,
): OperationEffect | undefined {
  const { search, startedAt } = operation;
  if (search === null) return undefined;
  const keyIsSafe = !search.keyBurnt && nowMs - Date.parse(startedAt) < means.keySafeForMs;
  // what is ended cannot be ended twice: with nobody to ask, even a key that the PSP has forgotten may be sent again
  const mayRepeat = keyIsSafe || (operation.kind === 'cancel' && !means.canLookUp);
  if (mayRepeat && (search.tries % 2 === 0 || !means.canLookUp)) return operate(payment, operation);
  if (!means.canLookUp) return undefined;
  const attempt = attemptOf(payment, operation);
  const request = { ...requestOf(payment, attempt, operation), startedAt };
  return { kind: 'lookup_operation', psp: attempt.psp, request };
}

export interface DueCancel {
  readonly purpose: CancelPurpose;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** When an attempt that waits, for the buyer or for the merchant, is ended at its PSP. */
export function dueCancel(payment: Payment, attempt: Attempt): DueCancel | undefined {
  const { id: attemptId, status } = attempt;
  if (openOperationOf(payment, attemptId) !== undefined) return undefined;
  const at = (purpose: CancelPurpose, atMs: number): DueCancel => ({
    purpose,
    atMs: Math.max(atMs, nextCancelMs(payment, attemptId)),
  });
  if (status !== 'requires_action' && status !== 'authorized') return undefined;
  if (isWithoutSale(payment, attempt)) return undefined;
  if (isCanceling(payment)) return at('requested', 0);
  if (status === 'requires_action') return at('abandoned', actionDueMs(attempt));
  return payment.status === 'requires_capture' ? at('expired', heldUntilMs(attempt)) : undefined;
}

/** Until when the PSP holds an authorisation that nobody captures, ms since the epoch. */
const heldUntilMs = ({ psp, finishedAt, startedAt }: Attempt): number =>
  Date.parse(finishedAt ?? startedAt) + AUTHORIZATION_HELD_FOR_MS[psp];

/** A cancel that the PSP refused is not asked for again at once: the pause grows with each refusal. */
function nextCancelMs({ operations }: Payment, attemptId: string): number {
  const refused = operations.filter((one) => one.attemptId === attemptId && one.kind === 'cancel');
  const last = refused.at(-1)?.finishedAt;
  return last == null ? 0 : Date.parse(last) + rungDelayMs(FIRST_PAUSE_TRIES + refused.length);
}

/** Until when the buyer may act, ms since the epoch. */
export const actionDueMs = ({ actionSince, startedAt }: Attempt): number =>
  Date.parse(actionSince ?? startedAt) + ACTION_WITHIN_MS;

/** The PSP is asked how the buyer's authentication ended. */
export function completeAction(payment: Payment, attempt: Attempt): OperationEffect {
  const { id: attemptId, psp, requestVersion, pspReference, actionResult } = attempt;
  return {
    kind: 'complete_action',
    psp,
    request: {
      requestVersion,
      attemptId,
      paymentId: payment.id,
      // the result is part of the key's request: another challenge of the same attempt has another one
      idempotencyKey: `${attemptId}-action-${Date.parse(attempt.actionSince ?? attempt.startedAt)}`,
      pspReference,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      captureMethod: payment.captureMethod,
      result: actionResult ?? [],
    },
  };
}

function requestOf(payment: Payment, attempt: Attempt, operation: Operation): OperationRequest {
  const { kind, id: operationId, paymentReference: pspReference, amountMinor, captured } = operation;
  return {
    kind,
    requestVersion: attempt.requestVersion,
    operationId,
    attemptId: attempt.id,
    paymentId: payment.id,
    pspReference,
    amountMinor,
    currency: payment.currency,
    captured,
  };
}
