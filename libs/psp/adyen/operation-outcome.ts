import type {
  Money,
  OperationOutcome,
  OperationRequest,
  RefundOutcome,
  RefundRequest,
  UnknownReason,
} from '@tender/domain';
import { scrub } from '../scrub';
import { fromAdyenAmount } from './adyen-amount';
import type { ModificationReply, SeenModification } from './modification-reply';
import { operationVerdictOf, refundVerdictOf, TAKEN } from './operation-table';
import { describe } from './reply';

/**
 * @param nowMs used where the reply carries no time
 */
export function operationOutcomeOf(
  reply: ModificationReply,
  asked: OperationRequest,
  nowMs: () => number,
): OperationOutcome {
  const verdict = operationVerdictOf(reply);
  if (reply.kind === 'modification') {
    const amount = asked.kind === 'capture' ? asked : null;
    return modificationOutcome(reply.modification, { ...asked, amount });
  }
  const detail = describe(reply);
  const { pspReference, date } = reply.kind === 'error' ? reply : { pspReference: null, date: null };
  switch (verdict.kind) {
    case 'judge_modification':
      return unknown('unlisted_reply', detail, null);
    case 'failed': {
      const occurredAt = date ?? new Date(nowMs()).toISOString();
      return { kind: 'failed', why: verdict.why, detail, pspReference, occurredAt };
    }
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail };
    case 'unknown':
      return unknown(verdict.why, detail, pspReference);
  }
}

/**
 * A refusal in the reply is one before any money moved; what was taken and fails later, a notice tells.
 *
 * @param nowMs used where the reply carries no time
 */
export function refundOutcomeOf(
  reply: ModificationReply,
  asked: RefundRequest,
  nowMs: () => number,
): RefundOutcome {
  const verdict = refundVerdictOf(reply);
  if (reply.kind === 'modification') {
    return modificationOutcome(reply.modification, { ...asked, amount: asked });
  }
  const detail = describe(reply);
  const { pspReference, date } = reply.kind === 'error' ? reply : { pspReference: null, date: null };
  switch (verdict.kind) {
    case 'judge_modification':
      return unknown('unlisted_reply', detail, null);
    case 'failed': {
      const occurredAt = date ?? new Date(nowMs()).toISOString();
      return { kind: 'failed', why: verdict.why, debited: false, detail, pspReference, occurredAt };
    }
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail };
    case 'unknown':
      return unknown(verdict.why, detail, pspReference);
  }
}

/** What an answer has to agree with before it may be believed. */
interface Expected extends Pick<OperationRequest, 'operationId' | 'attemptId' | 'pspReference'> {
  /** Null where the request named none. */
  readonly amount: Money | null;
}

type Taken = Extract<OperationOutcome, { kind: 'pending' | 'unknown' }>;

function modificationOutcome(seen: SeenModification, asked: Expected): Taken {
  const { pspReference, status } = seen;
  const mismatch = contradiction(seen, asked);
  if (mismatch !== null) return unknown('amount_mismatch', mismatch, pspReference);
  if (status !== TAKEN) return unknown('unlisted_reply', `status ${scrub(status)}`, pspReference);
  // the webhook with the result is matched by it
  return pspReference === null
    ? unknown('unreadable_reply', 'received without a pspReference', null)
    : { kind: 'pending', pspReference };
}

/** Another operation's answer, of another payment or another amount: it says nothing about ours. */
function contradiction(seen: SeenModification, asked: Expected): string | null {
  const { reference, paymentPspReference, paymentReference, value, currency } = seen;
  if (reference !== null && reference !== asked.operationId) return `reference is ${scrub(reference)}`;
  if (asked.pspReference !== null && (paymentPspReference ?? asked.pspReference) !== asked.pspReference) {
    return `paymentPspReference is ${paymentPspReference ?? ''}`;
  }
  if (paymentReference !== null && paymentReference !== asked.attemptId) {
    return `paymentReference is ${scrub(paymentReference)}`;
  }
  if (asked.amount === null || (value === null && currency === null)) return null;
  const money = value === null || currency === null ? undefined : fromAdyenAmount(value, currency);
  return money?.amountMinor === asked.amount.amountMinor && money.currency === asked.amount.currency
    ? null
    : `amount is ${value ?? 'absent'} ${scrub(currency ?? 'without a currency')}`;
}

/** As for a payment, no key is ever burnt: the same request again is done once at most. */
const unknown = (
  why: UnknownReason,
  detail: string,
  pspReference: string | null,
): Taken & { kind: 'unknown' } => ({
  kind: 'unknown',
  why,
  detail,
  pspReference,
  keyBurnt: false,
});
