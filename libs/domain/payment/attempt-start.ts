import { attemptIdOf } from '../kernel/ids';
import type { OperationKind } from '../psp/outcome';
import type { RouteCandidate } from '../psp/routing';
import type { AttemptStarted, PaymentEvent, PaymentInitiated } from './payment.events';

/** What a request to any PSP is built from, besides the route. */
type Asked = Pick<
  PaymentInitiated,
  | 'paymentId'
  | 'amountMinor'
  | 'currency'
  | 'captureMethod'
  | 'statementDescriptor'
  | 'returnUrl'
  | 'buyerReturnUrl'
  | 'freeText'
>;

/** The event that an attempt begins with; `number` counts from 1. */
export function attemptStarted(asked: Asked, candidate: RouteCandidate, number: number): PaymentEvent {
  const { psp, token, reason, requestVersion } = candidate;
  const attemptId = attemptIdOf(asked.paymentId, number);
  const data: AttemptStarted = {
    attemptId,
    number,
    psp,
    reason,
    requestVersion,
    pspIdempotencyKey: pspKeyOf(attemptId, 'authorize', 1),
    token,
    amountMinor: asked.amountMinor,
    currency: asked.currency,
    captureMethod: asked.captureMethod,
    statementDescriptor: asked.statementDescriptor,
    returnUrl: asked.buyerReturnUrl === null ? asked.returnUrl : `${asked.buyerReturnUrl}.${number}`,
    customerId: asked.freeText.customerId,
  };
  return { type: 'AttemptStarted', data };
}

/**
 * The ordinal grows only after a definitive answer; while the outcome is ambiguous the same key is used. A PSP's news
 * may carry the key, and leads to its attempt by what stands before the first dash.
 */
export const pspKeyOf = (
  attemptId: string,
  operation: 'authorize' | OperationKind,
  ordinal: number,
): string => `${attemptId}-${operation}-${ordinal}`;
