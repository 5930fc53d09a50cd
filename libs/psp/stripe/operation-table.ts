import type { OperationFailure, RefundFailure } from '@tender/domain';
import { LOST_ROWS, NOT_BEGUN_ROWS, STORED_ROW, type ReplyRow, type Unproven } from './reply-table';

/**
 * What a reply to a capture, a cancel or a refund proves. `judge`: the object in the reply tells, also within an
 * error. Nothing but a row of this file may say anything else than `unknown`; of what is `unknown` here, a look-up
 * of the intent or of its refunds always tells the end.
 */
export type OperationVerdict =
  | { readonly kind: 'judge' }
  | { readonly kind: 'failed'; readonly why: OperationFailure }
  | Unproven;

export type OperationRow = ReplyRow<OperationVerdict>;

const JUDGE = { kind: 'judge' } as const;
const failed = (why: OperationFailure): OperationVerdict => ({ kind: 'failed', why });

const refusedWith = (code: string, then: OperationVerdict): OperationRow => ({
  when: { kind: 'error', status: 400, type: 'invalid_request_error', code },
  then,
});

/**
 * Stripe docs, "Error codes": the intent's state does not allow it. The error carries the intent; a state that is
 * an end stays one, so that a stored reply proves the same.
 */
const WRONG_STATE = refusedWith('payment_intent_unexpected_state', JUDGE);

/** The first row that matches decides; what none matches is `unknown`. */
export const CAPTURE_ROWS: readonly OperationRow[] = [
  ...LOST_ROWS,
  { when: { kind: 'intent' }, then: JUDGE },
  WRONG_STATE,
  refusedWith('charge_already_captured', JUDGE),
  // "The charge cannot be captured as the authorization has expired."
  refusedWith('charge_expired_for_capture', failed('expired')),
  // More than is held, or less than Stripe takes: judged against the intent as it stands, and stays so.
  refusedWith('amount_too_large', failed('refused')),
  refusedWith('amount_too_small', failed('refused')),
  STORED_ROW,
  ...NOT_BEGUN_ROWS,
];

export const CANCEL_ROWS: readonly OperationRow[] = [
  ...LOST_ROWS,
  { when: { kind: 'intent' }, then: JUDGE },
  WRONG_STATE,
  STORED_ROW,
  ...NOT_BEGUN_ROWS,
];

type FailedFor<Why> = { readonly kind: 'judge' } | { readonly kind: 'failed'; readonly why: Why } | Unproven;
export type ReversalRow = ReplyRow<FailedFor<OperationFailure>>;
export type RefundRow = ReplyRow<FailedFor<RefundFailure>>;

/**
 * A refusal that Stripe keeps under the key of a refund, or of a reversal, is its end: it is what became of the first request
 * with the key, so no request with it has made a refund or will; and none is sent that Stripe could have forgotten. Said for
 * the first time it may be overtaken by a send that is still on its way. Were it no end, every new key would be refused like
 * the one before (by a dispute, or by what somebody gave back in Stripe's dashboard), and the refund would be open for ever.
 */
const refusedForGood = <Why extends OperationFailure | RefundFailure>(
  why: Why,
  code?: string,
): ReplyRow<{ readonly kind: 'failed'; readonly why: Why }> => ({
  when: {
    kind: 'error',
    status: 400,
    type: 'invalid_request_error',
    ...(code !== undefined && { code }),
    replayed: true,
  },
  then: { kind: 'failed', why },
});

/**
 * What is in the way of a reversal, a refund in Stripe's dashboard say, may come to nothing still: so it is a plain refusal,
 * and asked for again. A dispute is decided by the buyer's bank.
 */
export const REVERSAL_ROWS: readonly ReversalRow[] = [
  ...LOST_ROWS,
  { when: { kind: 'refund' }, then: JUDGE },
  refusedForGood('disputed', 'charge_disputed'),
  refusedForGood('refused'),
  STORED_ROW,
  ...NOT_BEGUN_ROWS,
];

export const REFUND_ROWS: readonly RefundRow[] = [
  ...LOST_ROWS,
  { when: { kind: 'refund' }, then: JUDGE },
  refusedForGood('disputed', 'charge_disputed'),
  refusedForGood('exceeds_captured', 'charge_already_refunded'),
  // "greater than the unrefunded amount on charge" comes without a code
  refusedForGood('refused'),
  STORED_ROW,
  ...NOT_BEGUN_ROWS,
];

/** What an intent's status says of a capture or a cancel. Statuses that are not here prove nothing. */
export type OperationMeaning = 'captured' | 'canceled' | 'not_done';

/**
 * Stripe docs, "How PaymentIntents work". `processing` is left out: it may be our own capture that is being worked on.
 */
export const CAPTURE_BY_STATUS: Readonly<Record<string, OperationMeaning>> = {
  succeeded: 'captured',
  canceled: 'canceled',
  requires_capture: 'not_done',
  requires_action: 'not_done',
  requires_confirmation: 'not_done',
  requires_payment_method: 'not_done',
};

export const CANCEL_BY_STATUS: Readonly<Record<string, OperationMeaning>> = {
  ...CAPTURE_BY_STATUS,
  // whatever becomes of it, it is not canceled
  processing: 'not_done',
};

/** Stripe docs, "The Refund object". `requires_action` waits for a buyer whom nobody sends anywhere: unlisted. */
export type RefundMeaning = 'given_back' | 'pending' | 'failed' | 'canceled';

export const REFUND_BY_STATUS: Readonly<Record<string, RefundMeaning>> = {
  succeeded: 'given_back',
  pending: 'pending',
  failed: 'failed',
  canceled: 'canceled',
};

/** Stripe docs, "The Refund object": `failure_reason`. A reason that is not here is a refusal without a name. */
export const REFUND_FAILURE_BY_REASON: Readonly<Record<string, RefundFailure>> = {
  charge_for_pending_refund_disputed: 'disputed',
  declined: 'declined_by_issuer',
  expired_or_canceled_card: 'card_expired_or_canceled',
  insufficient_funds: 'insufficient_balance',
  lost_or_stolen_card: 'card_lost_or_stolen',
  merchant_request: 'canceled',
};

/** Why an intent was canceled, where nobody did it: the time for capturing it was over. */
export const EXPIRED_REASONS: readonly string[] = ['automatic', 'expired'];
