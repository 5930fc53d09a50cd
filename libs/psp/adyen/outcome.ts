import type { AuthorizeOutcome, AuthorizeRequest, CardSummary, UnknownReason } from '@tender/domain';
import { scrub } from '../scrub';
import { fromAdyenAmount } from './adyen-amount';
import type { ResultMeaning } from './outcome-table';
import { RESULT_ROWS, verdictOf } from './outcome-table';
import { declineOf } from './refusal-table';
import type { PaymentReply, SeenPayment } from './payment-reply';
import { describe } from './reply';

/** What a reply has to agree with before it may be believed. */
export type Asked = Pick<AuthorizeRequest, 'attemptId' | 'amountMinor' | 'currency' | 'captureMethod'>;

/**
 * @param nowMs used where the reply carries no time
 */
export function outcomeOf(reply: PaymentReply, asked: Asked, nowMs: () => number): AuthorizeOutcome {
  const verdict = verdictOf(reply);
  const detail = reply.kind === 'payment' ? '' : describe(reply);
  switch (verdict.kind) {
    case 'judge_payment':
      return reply.kind === 'payment'
        ? paymentOutcome(reply.payment, asked, nowMs)
        : unknown('unlisted_reply', detail, null);
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail };
    case 'unknown':
      return unknown(verdict.why, detail, reply.kind === 'error' ? reply.pspReference : null);
  }
}

function paymentOutcome(payment: SeenPayment, asked: Asked, nowMs: () => number): AuthorizeOutcome {
  const { pspReference } = payment;
  const mismatch = contradiction(payment, asked);
  if (mismatch !== null) return unknown('amount_mismatch', mismatch, pspReference);
  const meaning: ResultMeaning | undefined = Object.hasOwn(RESULT_ROWS, payment.resultCode)
    ? RESULT_ROWS[payment.resultCode]
    : undefined;
  if (meaning === undefined) {
    return unknown('unlisted_reply', `result code ${scrub(payment.resultCode)}`, pspReference);
  }
  const occurredAt = payment.date ?? new Date(nowMs()).toISOString();
  if (meaning === 'refused') {
    const decline = declineOf(payment.resultCode, payment.refusal);
    return { kind: 'declined', pspReference, decline, occurredAt };
  }
  // no capture, no refund and no webhook could ever be matched to it
  if (pspReference === null) {
    return unknown('unreadable_reply', `${payment.resultCode} without a pspReference`, null);
  }
  switch (meaning) {
    case 'authorized':
      return approved(payment, pspReference, asked, occurredAt);
    case 'pending':
      return { kind: 'pending', pspReference };
    case 'action_required':
      return payment.redirectUrl === null
        ? unknown('unlisted_reply', 'an action is required and no address for it was given', pspReference)
        : { kind: 'action_required', pspReference, action: { type: 'redirect', url: payment.redirectUrl } };
  }
}

function approved(
  payment: SeenPayment,
  pspReference: string,
  asked: Asked,
  occurredAt: string,
): AuthorizeOutcome {
  // a "yes" has to say to what; a "no" has not
  if (payment.value === null || payment.merchantReference === null) {
    return unknown('unreadable_reply', 'Authorised without an amount or a reference', pspReference);
  }
  return {
    kind: 'approved',
    pspReference,
    amountMinor: asked.amountMinor,
    captured: asked.captureMethod === 'automatic',
    card: cardOf(payment),
    occurredAt,
  };
}

/** Another attempt's result, another amount or another currency: whatever it says, it does not say it about ours. */
function contradiction({ merchantReference, value, currency }: SeenPayment, asked: Asked): string | null {
  if (merchantReference !== null && merchantReference !== asked.attemptId) {
    return `merchantReference is ${scrub(merchantReference)}`;
  }
  if (value === null && currency === null) return null;
  const seen = value === null || currency === null ? undefined : fromAdyenAmount(value, currency);
  return seen?.amountMinor === asked.amountMinor && seen.currency === asked.currency
    ? null
    : `amount is ${value ?? 'absent'} ${scrub(currency ?? 'without a currency')}`;
}

function cardOf({ brand, last4 }: SeenPayment): CardSummary | null {
  // a longer number is not a last4, and must not be recorded as one
  return brand !== null && last4 !== null && /^\d{4}$/.test(last4) ? { brand, last4 } : null;
}

/**
 * The key is never burnt: within its life Adyen answers it with the first response or executes it once, so asking
 * again is always safe, and where there is no look-up it is also all that we can ask.
 */
function unknown(why: UnknownReason, detail: string, pspReference: string | null): AuthorizeOutcome {
  return { kind: 'unknown', why, detail, pspReference, keyBurnt: false };
}
