import type { DeclineCategory, NotSentReason } from '../psp/outcome';
import { mayReattempt } from '../psp/reattempt-policy';
import { attemptStarted } from './attempt-start';
import type { PaymentEvent, PaymentFailed } from './payment.events';
import type { Payment } from './payment';

/** A first send happens within this time of `PaymentInitiated`, ms: nobody is charged for a basket of yesterday. */
export const START_WITHIN_MS = 15 * 60_000;

/** Whether a request that may be the first to charge this payment may still leave. */
export const isTimeToStart = (payment: Payment, nowMs: number): boolean =>
  nowMs - Date.parse(payment.createdAt) < START_WITHIN_MS;

/** Whether "nothing was processed" is the PSP's own trouble, so that another one may do better. */
const ELSEWHERE_AFTER_NOT_SENT: Readonly<Record<NotSentReason, boolean>> = {
  connection_refused: true,
  rejected_before_processing: true,
  rate_limited: true,
  no_permit: true,
  circuit_open: true,
  currency_not_supported: true,
  never_received: true,
  expired: false,
};

/** Why an attempt charged nobody: the only ways by which another PSP may be asked. */
export type NotCharged =
  | { readonly kind: 'declined'; readonly category: DeclineCategory }
  | { readonly kind: 'not_sent'; readonly why: NotSentReason }
  /** The PSP has ended the attempt and confirmed it. */
  | { readonly kind: 'voided' };

function isWorthAnother(payment: Payment, proof: NotCharged, nowMs: number): boolean {
  switch (proof.kind) {
    case 'declined':
      return mayAskIssuerAgain(payment, proof.category, nowMs);
    case 'not_sent':
      return ELSEWHERE_AFTER_NOT_SENT[proof.why];
    case 'voided':
      return true;
  }
}

/**
 * What follows an attempt that is proven to have charged nobody: the next PSP that has a token, or the end.
 *
 * The failover gate is this function's signature: it is only reached with such a proof. An unknown outcome never
 * gets here, so no second PSP is asked while a first one may hold a charge.
 */
export function afterNotCharged(
  payment: Payment,
  proof: NotCharged,
  failure: PaymentFailed,
  heardAt: string,
): PaymentEvent {
  const next = payment.candidates[payment.attempts.length];
  const nowMs = Date.parse(heardAt);
  if (next === undefined || !isWorthAnother(payment, proof, nowMs) || !isTimeToStart(payment, nowMs))
    return { type: 'PaymentFailed', data: failure };
  const reason = `${next.reason}, after attempt ${payment.attempts.length}: ${proof.kind === 'not_sent' ? proof.why : failure.code}`;
  return attemptStarted(
    { ...payment, paymentId: payment.id },
    { ...next, reason },
    payment.attempts.length + 1,
  );
}

/** Behind another PSP is the same issuer: what counts for the scheme is every attempt that may have got there. */
function mayAskIssuerAgain(payment: Payment, category: DeclineCategory, nowMs: number): boolean {
  const triedAtMs = payment.attempts.flatMap(({ status, startedAt }) =>
    status === 'not_sent' ? [] : [Date.parse(startedAt)],
  );
  // a decline does not tell the brand
  return mayReattempt({ category, cardBrand: null, triedAtMs, nowMs }).kind === 'may';
}
