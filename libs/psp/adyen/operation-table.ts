import type { OperationFailure, RefundFailure } from '@tender/domain';
import type { ModificationReply } from './modification-reply';
import type { ReplyRow, WireVerdict } from './reply-table';
import { notSent, UNLISTED_ROW, validationRows, verdictIn, WIRE_ROWS } from './reply-table';

/** What the answer to a capture, a cancel or a reversal proves. Whatever has no row is `unknown`. */
export type OperationVerdict =
  | { readonly kind: 'judge_modification' }
  | { readonly kind: 'failed'; readonly why: OperationFailure }
  | WireVerdict;

export type OperationRow = ReplyRow<OperationVerdict>;

/**
 * What Adyen refuses while it reads a modification of ours (Adyen docs, "API error codes"): no amount, no reference, no
 * such amount, another currency than the payment's.
 */
export const MODIFICATION_VALIDATION_CODES: readonly string[] = ['100', '130', '137', '138'];

/** "Original pspReference required for this operation": this merchant account has no such payment. */
export const NO_SUCH_PAYMENT = '167';

/** The first row that matches decides; the last row matches every error. */
export const OPERATION_ROWS: readonly OperationRow[] = [
  ...WIRE_ROWS,
  { when: { kind: 'modification' }, then: { kind: 'judge_modification' } },
  ...validationRows<OperationVerdict>(MODIFICATION_VALIDATION_CODES, notSent('rejected_before_processing')),
  // Not `not_found`: Adyen gave us that reference, so the payment is there; an account that cannot see it is no proof
  // that no money is held.
  ...validationRows<OperationVerdict>([NO_SUCH_PAYMENT], { kind: 'failed', why: 'refused' }),
  UNLISTED_ROW,
];

/** @throws never: a reply that no row knows is `unknown` */
export const operationVerdictOf = (reply: ModificationReply): OperationVerdict =>
  verdictIn(OPERATION_ROWS, reply);

/** What the answer to a refund proves. Whatever has no row is `unknown`. */
export type RefundVerdict =
  | { readonly kind: 'judge_modification' }
  | { readonly kind: 'failed'; readonly why: RefundFailure }
  | WireVerdict;

/**
 * Whether there is so much left of the charge, Adyen finds out later and tells by a notice: there is no row for it. The
 * validation codes prove that nothing was begun, and a layout that Adyen does not read is ours to mend.
 */
export const REFUND_ROWS: readonly ReplyRow<RefundVerdict>[] = [
  ...WIRE_ROWS,
  { when: { kind: 'modification' }, then: { kind: 'judge_modification' } },
  ...validationRows<RefundVerdict>(MODIFICATION_VALIDATION_CODES, notSent('rejected_before_processing')),
  // as above: not `not_refundable`, since Adyen has told us of that charge
  ...validationRows<RefundVerdict>([NO_SUCH_PAYMENT], { kind: 'failed', why: 'refused' }),
  UNLISTED_ROW,
];

/** @throws never: a reply that no row knows is `unknown` */
export const refundVerdictOf = (reply: ModificationReply): RefundVerdict => verdictIn(REFUND_ROWS, reply);

/** Adyen docs, "Modifications": a modification is "received", and its result comes by webhook; there is no other status. */
export const TAKEN = 'received';
