import type { RecordRefundStanding } from '../payment/payment.commands';
import { RUNG_EVERY_AT_MOST_MS, rungDelayMs } from '../payment/search';
import type { RefundLookupRequest, RefundRequest, SearchMeans } from '../psp/gateway';
import type { PspName } from '../psp/outcome';
import type { Refund, RefundTry } from './refund';
import { currentTry, isOpenRefund, pspReasonOf } from './refund';
import type { RefundEvent } from './refund.events';

/** A first request that is still to be made after this time may be a second one: the search begins instead, ms. */
export const REFUND_WITHIN_MS = 15 * 60_000;

/** What the process manager asks the engine to do. Each is about one try of one refund: its key. */
export type RefundEffect =
  | {
      readonly kind: 'refund';
      readonly psp: PspName;
      readonly number: number;
      readonly request: RefundRequest;
    }
  | {
      readonly kind: 'lookup_refund';
      readonly psp: PspName;
      readonly number: number;
      readonly request: RefundLookupRequest;
    }
  /** Its request may have left long ago, under a key that the PSP may have forgotten. */
  | { readonly kind: 'declare_refund_unknown'; readonly number: number }
  /** Look again later. */
  | { readonly kind: 'schedule'; readonly afterMs: number }
  /** The payment has to know what the refund takes of it now. */
  | { readonly kind: 'tell_payment'; readonly standing: StandingTold }
  | { readonly kind: 'ignore'; readonly because: string };

export type StandingTold = Omit<RecordRefundStanding, 'refundRevision'>;

/** What an event asks for, given the refund as it is now: a redelivery asks for nothing that is already settled. */
export function reactToRefund(event: RefundEvent, refund: Refund, nowMs: number): RefundEffect {
  switch (event.type) {
    case 'RefundAttemptStarted':
      return firstSend(refund, event.data.number, nowMs);
    case 'RefundAccepted':
    case 'RefundOutcomeUnknown':
      return nextLook(refund);
    case 'RefundEvidenceRecorded':
      return event.data.answer === 'given_twice' ? ignore('a person decides what follows') : nextLook(refund);
    case 'RefundSucceeded':
    case 'RefundFailed':
    case 'RefundAbandoned':
      return tellPayment(refund);
    case 'RefundResolved':
      return ignore('what follows from it is recorded with it');
    case 'RefundInitiated':
    case 'RefundReissued':
      return ignore('its try is started in the same append');
  }
}

/**
 * What to do when the pause before a look is over. The same key again gives back nothing twice while the PSP surely knows
 * it, so it alternates with the look-up; what the PSP has accepted, and what is too late to send, is only looked up.
 */
export function climbRefund(refund: Refund, means: SearchMeans, nowMs: number): RefundEffect {
  if (!isOpenRefund(refund)) return ignore('the refund has ended');
  const attempt = currentTry(refund);
  const { search, startedAt, accepted, number } = attempt;
  if (search === null) return ignore('its first request is under way');
  const keyIsSafe = !search.keyBurnt && nowMs - Date.parse(startedAt) < means.keySafeForMs;
  const mayRepeat = keyIsSafe && !accepted;
  if (mayRepeat && (search.tries % 2 === 0 || !means.canLookUp)) return send(refund, attempt);
  if (!means.canLookUp) return { kind: 'schedule', afterMs: RUNG_EVERY_AT_MOST_MS };
  const request = { ...requestOf(refund, attempt), refundReference: attempt.pspReference };
  return { kind: 'lookup_refund', psp: refund.psp, number, request };
}

function firstSend(refund: Refund, number: number, nowMs: number): RefundEffect {
  const attempt = currentTry(refund);
  if (refund.status !== 'started' || attempt.number !== number) return ignore('the try has an answer');
  return nowMs - Date.parse(attempt.startedAt) < REFUND_WITHIN_MS
    ? send(refund, attempt)
    : { kind: 'declare_refund_unknown', number };
}

function nextLook(refund: Refund): RefundEffect {
  const { search } = currentTry(refund);
  return isOpenRefund(refund) && search !== null
    ? { kind: 'schedule', afterMs: rungDelayMs(search.tries) }
    : ignore('the search is over');
}

function tellPayment(refund: Refund): RefundEffect {
  const standing = standingOf(refund);
  if (standing === undefined) return ignore('it holds what was reserved for it');
  const occurredAt = currentTry(refund).fact?.occurredAt ?? refund.failure?.occurredAt ?? refund.updatedAt;
  const { number } = currentTry(refund);
  return { kind: 'tell_payment', standing: { refundId: refund.id, number, standing, occurredAt } };
}

/** What the refund takes of its payment; undefined: what was reserved for it at first. */
export function standingOf(refund: Refund): StandingTold['standing'] | undefined {
  if (refund.status === 'succeeded') return 'settled';
  if (refund.status === 'abandoned') return 'abandoned';
  if (refund.status === 'failed' && !refund.owed) return 'failed';
  return refund.returned ? 'returned' : undefined;
}

const send = (refund: Refund, attempt: RefundTry): RefundEffect => ({
  kind: 'refund',
  psp: refund.psp,
  number: attempt.number,
  request: requestOf(refund, attempt),
});

function requestOf(refund: Refund, { operationId }: RefundTry): RefundRequest {
  return {
    requestVersion: refund.requestVersion,
    operationId,
    refundId: refund.id,
    attemptId: refund.attemptId,
    paymentId: refund.paymentId,
    pspReference: refund.paymentReference,
    captureReference: refund.captureReference,
    amountMinor: refund.amountMinor,
    currency: refund.currency,
    reason: pspReasonOf(refund.freeText),
  };
}

const ignore = (because: string): RefundEffect => ({ kind: 'ignore', because });
