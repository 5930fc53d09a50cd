import type { PaymentReply } from './payment-reply';
import type { ReplyRow, WireVerdict } from './reply-table';
import { notSent, UNLISTED_ROW, validationRows, verdictIn, WIRE_ROWS } from './reply-table';

/** What the reply to a payment proves. Nothing but a row of this file may say anything else than `unknown`. */
export type Verdict = { readonly kind: 'judge_payment' } | WireVerdict;

export type OutcomeRow = ReplyRow<Verdict>;

/**
 * `422 validation` is the status of what Adyen refuses while it reads a request, and of some things that it finds out
 * later. Listed are those of the former that a request of ours can meet (Adyen docs, "API error codes"): no amount, no
 * such currency, no reference, no return address, no such stored payment method.
 */
export const VALIDATION_CODES: readonly string[] = [
  '100',
  '130',
  '137',
  '138',
  '14_030',
  '800',
  '802',
  '803',
];

/** The first row that matches decides; the last row matches every error. */
export const OUTCOME_ROWS: readonly OutcomeRow[] = [
  ...WIRE_ROWS,
  { when: { kind: 'payment' }, then: { kind: 'judge_payment' } },
  ...validationRows(VALIDATION_CODES, notSent('rejected_before_processing')),
  UNLISTED_ROW,
];

/** @throws never: a reply that no row knows is `unknown` */
export const verdictOf = (reply: PaymentReply): Verdict => verdictIn(OUTCOME_ROWS, reply);

/** What a result code says about the money. Codes that are not here say nothing that we can act on. */
export type ResultMeaning = 'authorized' | 'pending' | 'action_required' | 'refused';

/**
 * Adyen docs, "Result codes". `Error` and `Cancelled` are final, as `Refused` is: nothing will be taken. Left out on
 * purpose: `PartiallyAuthorised` (another amount than asked for), and the steps of flows that we do not start.
 */
export const RESULT_ROWS: Readonly<Record<string, ResultMeaning>> = {
  Authorised: 'authorized',
  Refused: 'refused',
  Error: 'refused',
  Cancelled: 'refused',
  Pending: 'pending',
  Received: 'pending',
  RedirectShopper: 'action_required',
};
