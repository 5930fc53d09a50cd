import type { OperationFailure, OperationOutcome, OperationRequest, UnknownReason } from '@tender/domain';
import { judgeRefund } from './refund-outcome';
import { CANCEL_BY_STATUS, CAPTURE_BY_STATUS, EXPIRED_REASONS, type OperationRow } from './operation-table';
import { describe } from './outcome';
import type { Reply, SeenIntent, SeenRefund } from './reply';
import { timeOf } from './reply';
import { meaningOf, verdictIn } from './reply-table';
import { scrub } from '../scrub';
import { fromStripeAmount } from './stripe-amount';

/** What an object has to agree with before it may be believed. */
export interface AskedOperation {
  readonly attemptId: string;
  readonly currency: string;
  /** Null where nobody asked: then what was done is taken as it is. */
  readonly amountMinor: bigint | null;
  readonly operationId: string | null;
}

/** `not_done`: the object is there, and what was asked has not been done to it. */
export type Judged = OperationOutcome | { readonly kind: 'not_done'; readonly status: string };

/** Judges the object in a reply; null when it is none that can be judged. */
type Judge = (reply: Reply, heardAt: string) => Judged | null;

export function operationOutcome(
  reply: Reply,
  rows: readonly OperationRow[],
  judge: Judge,
  nowMs: () => number,
): OperationOutcome {
  const heardAt = heardAtOf(reply, nowMs);
  const verdict = verdictIn(rows, reply);
  const replayed = 'replayed' in reply && reply.replayed;
  switch (verdict.kind) {
    case 'judge': {
      const judged = judge(reply, heardAt);
      if (judged === null) return unknown('unlisted_reply', describe(reply), null, replayed);
      if (reply.kind === 'intent' && judged.kind === 'failed') {
        return unknown('unlisted_reply', `done, and yet ${judged.detail}`, judged.pspReference, replayed);
      }
      if (judged.kind !== 'not_done') return judged;
      return unknown('unlisted_reply', `the intent stays in ${scrub(judged.status)}`, null, replayed);
    }
    case 'failed':
      return failed(verdict.why, describe(reply), null, heardAt);
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail: describe(reply) };
    case 'unknown':
      return unknown(verdict.why, describe(reply), null, verdict.keyBurnt);
  }
}

/** Stripe gives a capture no time of its own, and a refusal none either: the time of the reply is the nearest. */
export const heardAtOf = (reply: Reply, nowMs: () => number): string =>
  ('date' in reply ? reply.date : null) ?? new Date(nowMs()).toISOString();

/** The intent of a reply, also within an error. */
export const intentIn = (reply: Reply): SeenIntent | null =>
  reply.kind === 'intent' || reply.kind === 'error' ? reply.intent : null;

/** What an intent says of a capture, wherever it was read. */
export function judgeCapture(intent: SeenIntent, asked: AskedOperation, heardAt: string): Judged {
  const mismatch = disagreement(intent, asked);
  if (mismatch !== null) return unknown('amount_mismatch', mismatch, null);
  switch (meaningOf(CAPTURE_BY_STATUS, intent.status)) {
    case 'captured':
      return captured(intent, asked, heardAt);
    case 'canceled':
      return failed(
        EXPIRED_REASONS.includes(intent.cancellationReason ?? '') ? 'expired' : 'already_canceled',
        `canceled: ${scrub(intent.cancellationReason ?? 'no reason given')}`,
        intent.id,
        timeOf(intent.canceledAt) ?? heardAt,
      );
    case 'not_done':
      return { kind: 'not_done', status: intent.status };
    case undefined:
      return unknown('unlisted_reply', `intent status ${scrub(intent.status)}`, intent.id);
  }
}

/**
 * An intent is captured once. Another amount than was asked is either somebody else's capture, so that ours can
 * never be, or our own gone wrong, which nobody should book.
 */
function captured(intent: SeenIntent, asked: AskedOperation, occurredAt: string): OperationOutcome {
  const { id: pspReference, amountReceived } = intent;
  const taken = amountReceived === null ? undefined : fromStripeAmount(amountReceived, intent.currency ?? '');
  const detail = `amount_received is ${amountReceived ?? 'absent'}`;
  if (taken === undefined || taken.amountMinor <= 0n) return unknown('amount_mismatch', detail, pspReference);
  if (asked.amountMinor === null || taken.amountMinor === asked.amountMinor) {
    return { kind: 'succeeded', pspReference, amountMinor: taken.amountMinor, occurredAt };
  }
  return intent.operation === asked.operationId
    ? unknown('amount_mismatch', detail, pspReference)
    : failed('already_captured', detail, pspReference, occurredAt);
}

/** What an intent says of a cancel, or of a reversal of what nobody had captured. */
export function judgeCancel(intent: SeenIntent, asked: AskedOperation, heardAt: string): Judged {
  const mismatch = disagreement(intent, asked);
  if (mismatch !== null) return unknown('amount_mismatch', mismatch, null);
  switch (meaningOf(CANCEL_BY_STATUS, intent.status)) {
    case 'canceled': {
      // whoever did it: it is what was wanted, and cannot be undone
      const occurredAt = timeOf(intent.canceledAt) ?? heardAt;
      return { kind: 'succeeded', pspReference: intent.id, amountMinor: null, occurredAt };
    }
    case 'captured':
      return failed('already_captured', 'the intent has succeeded', intent.id, heardAt);
    case 'not_done':
      return { kind: 'not_done', status: intent.status };
    case undefined:
      return unknown('unlisted_reply', `intent status ${scrub(intent.status)}`, intent.id);
  }
}

/** What a refund says of the reversal that it was made for: it gives back everything, or it has failed. */
export function judgeReversal(refund: SeenRefund, asked: AskedOperation, heardAt: string): OperationOutcome {
  const outcome = judgeRefund(refund, asked, heardAt);
  return outcome.kind === 'failed'
    ? failed(
        outcome.why === 'disputed' ? 'disputed' : 'refused',
        outcome.detail,
        outcome.pspReference,
        outcome.occurredAt,
      )
    : outcome;
}

/** Another attempt's intent or another currency: whatever it says, it does not say it about ours. */
function disagreement(intent: SeenIntent, asked: AskedOperation): string | null {
  if (intent.attempt !== asked.attemptId) return `metadata.attempt is ${scrub(intent.attempt ?? 'absent')}`;
  return intent.currency?.toUpperCase() === asked.currency
    ? null
    : `the currency is ${scrub(intent.currency ?? 'absent')}`;
}

const failed = (
  why: OperationFailure,
  detail: string,
  pspReference: string | null,
  occurredAt: string,
): OperationOutcome => ({ kind: 'failed', why, detail: scrub(detail), pspReference, occurredAt });

export const unknown = (
  why: UnknownReason,
  detail: string,
  pspReference: string | null,
  keyBurnt = false,
): Extract<OperationOutcome, { kind: 'unknown' }> => ({
  kind: 'unknown',
  why,
  detail,
  pspReference,
  keyBurnt,
});

/** What a recorded operation's reply or look-up has to agree with. */
export const askedBy = ({
  attemptId,
  currency,
  amountMinor,
  operationId,
}: OperationRequest): AskedOperation => ({
  attemptId,
  currency,
  amountMinor,
  operationId,
});
