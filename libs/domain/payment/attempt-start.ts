import { attemptIdOf } from '../kernel/ids';
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
    returnUrl: asked.returnUrl,
    customerId: asked.freeText.customerId,
  };
  return { type: 'AttemptStarted', data };
}

/** The ordinal grows only after a definitive answer; while the outcome is ambiguous the same key is used. */
const pspKeyOf = (attemptId: string, operation: 'authorize', ordinal: number): string =>
  `${attemptId}-${operation}-${ordinal}`;
