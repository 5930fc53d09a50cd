import type { AuthorizeRequest, LookupRequest, PspGateway } from '../psp/gateway';
import type { PspName } from '../psp/outcome';
import { isTimeToStart } from './failover';
import type { PaymentEvent } from './payment.events';
import type { Attempt, Payment } from './payment.state';
import { findAttempt } from './payment.state';

/** Pause before the first rung of the ladder and the cap of its exponential growth, ms. */
export const FIRST_RUNG_AFTER_MS = 500;
export const RUNG_EVERY_AT_MOST_MS = 60 * 60_000;

/** What the process manager asks the engine to do. Every effect names the attempt it is for: its key. */
export type PaymentEffect =
  | { readonly kind: 'authorize'; readonly psp: PspName; readonly request: AuthorizeRequest }
  | { readonly kind: 'lookup'; readonly psp: PspName; readonly request: LookupRequest }
  /** The first send may or may not have left before a crash, and it is too late to send it now. */
  | { readonly kind: 'declare_unknown'; readonly attemptId: string }
  | { readonly kind: 'schedule_rung'; readonly attemptId: string; readonly afterMs: number }
  | { readonly kind: 'ignore'; readonly because: string };

/**
 * What an event asks for, given the payment as it is now. A redelivery, however late, therefore asks for nothing
 * that is already settled.
 */
export function reactToPayment(event: PaymentEvent, payment: Payment, nowMs: number): PaymentEffect {
  switch (event.type) {
    case 'AttemptStarted':
      return firstSend(findAttempt(payment, event.data.attemptId), payment, nowMs);
    case 'AttemptOutcomeUnknown':
    case 'EvidenceRecorded':
      return nextRung(findAttempt(payment, event.data.attemptId));
    case 'PaymentInitiated':
      return ignore('its first attempt is started in the same append');
    case 'AttemptActionRequired':
      return ignore('the buyer is next');
    case 'AttemptAuthorized':
    case 'PaymentCaptured':
      return ignore('the merchant decides what follows');
    case 'AttemptDeclined':
    case 'AttemptNotSent':
      return ignore('the decision that recorded it also closed the payment, or started the next attempt');
    case 'PaymentFailed':
      return ignore('closed');
    case 'LateSuccessFound':
      return ignore('an open position that alerts; its money is given back by an operator');
  }
}

/** What a PSP offers to the search for an outcome. */
export type SearchMeans = Pick<PspGateway, 'keySafeForMs' | 'canLookUp'>;

/**
 * What to do when the pause before a rung is over.
 *
 * The same key again is the quickest proof, but where the first request never arrived it is also a charge. So it
 * is sent while the PSP surely knows the key, and once the time for a first send is over only where nothing else
 * can give proof; after that, look-ups find the charge or prove that there is none.
 */
export function climb(payment: Payment, attemptId: string, means: SearchMeans, nowMs: number): PaymentEffect {
  const attempt = findAttempt(payment, attemptId);
  if (attempt?.status !== 'outcome_unknown' || attempt.search === null)
    return ignore('nothing is unknown any more');
  const keyIsSafe = !attempt.search.keyBurnt && nowMs - Date.parse(attempt.startedAt) < means.keySafeForMs;
  const mayCharge = keyIsSafe && (isTimeToStart(payment, nowMs) || !means.canLookUp);
  // Alternating: a PSP that answers look-ups but no charges, or the other way round, still gives proof.
  const sameKeyNext = mayCharge && (attempt.search.tries % 2 === 0 || !means.canLookUp);
  return sameKeyNext ? authorize(payment, attempt) : lookup(payment, attempt);
}

/** Doubles from FIRST_RUNG_AFTER_MS to its cap and goes on for ever: only evidence ends the search. */
export const rungDelayMs = (tries: number): number =>
  Math.min(FIRST_RUNG_AFTER_MS * 2 ** Math.min(tries, 30), RUNG_EVERY_AT_MOST_MS);

function firstSend(attempt: Attempt | undefined, payment: Payment, nowMs: number): PaymentEffect {
  if (attempt?.status !== 'started') return ignore('the attempt has an answer');
  return isTimeToStart(payment, nowMs)
    ? authorize(payment, attempt)
    : { kind: 'declare_unknown', attemptId: attempt.id };
}

function nextRung(attempt: Attempt | undefined): PaymentEffect {
  if (attempt?.status !== 'outcome_unknown' || attempt.search === null)
    return ignore('nothing is unknown any more');
  return { kind: 'schedule_rung', attemptId: attempt.id, afterMs: rungDelayMs(attempt.search.tries) };
}

function authorize(payment: Payment, attempt: Attempt): PaymentEffect {
  return {
    kind: 'authorize',
    psp: attempt.psp,
    request: {
      requestVersion: attempt.requestVersion,
      attemptId: attempt.id,
      paymentId: payment.id,
      idempotencyKey: attempt.pspIdempotencyKey,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      token: attempt.token,
      captureMethod: payment.captureMethod,
      statementDescriptor: payment.statementDescriptor,
      returnUrl: payment.returnUrl,
      customerId: payment.freeText.customerId,
    },
  };
}

function lookup(payment: Payment, attempt: Attempt): PaymentEffect {
  const { id, psp, pspReference, startedAt } = attempt;
  const { currency, amountMinor } = payment;
  return { kind: 'lookup', psp, request: { attemptId: id, pspReference, startedAt, currency, amountMinor } };
}

const ignore = (because: string): PaymentEffect => ({ kind: 'ignore', because });
