import type { Reply } from './reply';
import {
  LOST_ROWS,
  NOT_BEGUN_ROWS,
  PARAMETER_CODES,
  rejectedWith,
  STORED_ROW,
  verdictIn,
  type ReplyRow,
  type Unproven,
} from './reply-table';

/** What a reply to an authorisation proves. Nothing but a row of this table may say anything else than `unknown`. */
export type Verdict = { readonly kind: 'judge_intent' } | { readonly kind: 'declined' } | Unproven;

export type OutcomeRow = ReplyRow<Verdict>;

/** An authorisation makes the object that its amount is judged for, so that such a refusal comes before any work. */
const AMOUNT_CODES: readonly string[] = ['amount_too_large', 'amount_too_small'];

export const VALIDATION_CODES: readonly string[] = [...AMOUNT_CODES, ...PARAMETER_CODES];

/** The first row that matches decides; what none matches is `unknown`. */
export const OUTCOME_ROWS: readonly OutcomeRow[] = [
  ...LOST_ROWS,

  { when: { kind: 'intent' }, then: { kind: 'judge_intent' } },
  // Stripe docs, "Errors": 402, the parameters were valid but the request failed. Only a card error is a decline;
  // it stays one when it is replayed, because it is the stored end of the one execution.
  { when: { kind: 'error', status: 402, type: 'card_error' }, then: { kind: 'declined' } },

  STORED_ROW,
  ...NOT_BEGUN_ROWS,
  ...rejectedWith(AMOUNT_CODES),
];

export const verdictOf = (reply: Reply): Verdict => verdictIn(OUTCOME_ROWS, reply);

/** What an intent's status says about the money. Statuses that are not here say nothing yet. */
export type IntentMeaning =
  | 'captured'
  | 'authorized'
  | 'pending'
  | 'action_required'
  | 'refused'
  | 'canceled';

/**
 * Stripe docs, "How PaymentIntents work". `requires_payment_method` is a refusal only with the error that caused it;
 * without one, and in `requires_confirmation`, the confirmation may still be running.
 */
export const INTENT_ROWS: Readonly<Record<string, IntentMeaning>> = {
  succeeded: 'captured',
  requires_capture: 'authorized',
  processing: 'pending',
  requires_action: 'action_required',
  requires_payment_method: 'refused',
  canceled: 'canceled',
};
