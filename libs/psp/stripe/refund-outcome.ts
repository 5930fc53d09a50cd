import type { RefundOutcome, RefundRequest, UnknownReason } from '@tender/domain';
import { REFUND_BY_STATUS, REFUND_FAILURE_BY_REASON, REFUND_ROWS } from './operation-table';
import { describe } from './outcome';
import type { Reply, SeenRefund } from './reply';
import { timeOf } from './reply';
import { meaningOf, verdictIn } from './reply-table';
import { scrub } from '../scrub';
import { fromStripeAmount } from './stripe-amount';

/** What a refund has to agree with before it may be believed. */
export type AskedRefund = Pick<RefundRequest, 'attemptId' | 'currency'> & {
  /** Null where nobody asked: then what was given back is taken as it is. */
  readonly amountMinor: bigint | null;
  readonly operationId: string | null;
};

/**
 * The reply to a refund request.
 *
 * @param heardAt used where Stripe gives the fact no time of its own
 */
export function refundReplyOutcome(reply: Reply, asked: AskedRefund, heardAt: string): RefundOutcome {
  const verdict = verdictIn(REFUND_ROWS, reply);
  switch (verdict.kind) {
    case 'judge':
      return reply.kind === 'refund'
        ? judgeRefund(reply.refund, asked, heardAt)
        : unknown('unlisted_reply', describe(reply), null);
    case 'failed': {
      const detail = describe(reply);
      return {
        kind: 'failed',
        why: verdict.why,
        debited: false,
        detail,
        pspReference: null,
        occurredAt: heardAt,
      };
    }
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail: describe(reply) };
    case 'unknown':
      return unknown(verdict.why, describe(reply), null, verdict.keyBurnt);
  }
}

/** What a refund says of the request that it was made for, wherever it was read. */
export function judgeRefund(refund: SeenRefund, asked: AskedRefund, heardAt: string): RefundOutcome {
  const { id: pspReference, amount, currency, status } = refund;
  const given = amount === null ? undefined : fromStripeAmount(amount, currency ?? '');
  if (refund.attempt !== asked.attemptId || refund.operation !== asked.operationId) {
    return unknown('amount_mismatch', 'the refund is another operation’s', null);
  }
  if (
    given?.currency !== asked.currency ||
    given.amountMinor <= 0n ||
    (asked.amountMinor !== null && given.amountMinor !== asked.amountMinor)
  ) {
    const detail = `the refund’s amount is ${amount ?? 'absent'} ${scrub(currency ?? 'without a currency')}`;
    return unknown('amount_mismatch', detail, pspReference);
  }
  switch (meaningOf(REFUND_BY_STATUS, status)) {
    case 'given_back': {
      const occurredAt = timeOf(refund.created) ?? heardAt;
      return { kind: 'succeeded', pspReference, amountMinor: given.amountMinor, occurredAt };
    }
    case 'pending':
      return { kind: 'pending', pspReference };
    case 'failed':
      return failed(refund, heardAt);
    case 'canceled':
      return { ...failed(refund, heardAt), why: 'canceled' };
    case undefined:
      return unknown('unlisted_reply', `refund status ${scrub(status)}`, pspReference);
  }
}

type Failed = Extract<RefundOutcome, { kind: 'failed' }>;

function failed({ id, status, failureReason, debited }: SeenRefund, occurredAt: string): Failed {
  const why = meaningOf(REFUND_FAILURE_BY_REASON, failureReason ?? '') ?? 'refused';
  const detail = scrub(`refund ${status}: ${failureReason ?? ''}`);
  return { kind: 'failed', why, debited, detail, pspReference: id, occurredAt };
}

const unknown = (
  why: UnknownReason,
  detail: string,
  pspReference: string | null,
  keyBurnt = false,
): RefundOutcome => ({ kind: 'unknown', why, detail, pspReference, keyBurnt });
