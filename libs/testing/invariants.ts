/**
 * What must be true of every payment, whatever fails. One list for unit tests, simulations, runs against real
 * processes, and the checker of a live system: each feeds an `Auditor` with what it can see.
 */
export const INVARIANTS = {
  one_charge: 'A payment is charged at most once over all PSPs, except for charges that were given back.',
  charge_explained: 'Every charge that a PSP holds is told by an event of its payment.',
  success_is_real: 'A payment that succeeded has a captured charge at a PSP.',
  captures_agree: 'What the PSPs took and keep is what the payment says was captured.',
  captured_once: 'An authorisation is captured once at most.',
  late_success_reversed: 'A charge that has no sale is given back.',
  position_until_returned:
    'A charge that its PSP refuses to give back stands open, with its key, its age and its amount in the books, until a person speaks.',
  word_as_told:
    'What a person found out is recorded as he told it, of what he looked at, and of nothing else.',
  failed_is_uncharged: 'No PSP holds a charge for a payment that is failed or canceled.',
  unwanted_not_charged: 'Once the end of a payment is requested, no request leaves that could charge it.',
  durable_before_call: 'No PSP is called for an attempt before its AttemptStarted is durable.',
  one_open_attempt: 'At most one attempt of a payment is open at any time.',
  one_open_operation:
    'No request leaves for one of two operations that are open on one charge, unless both end what is no sale.',
  asked_under_its_key: 'What a PSP has answered to a reversal was asked under the key of that reversal.',
  captured_within_authorised: 'Captured is never more than authorised, and authorised never more than asked.',
  terminal_stays: 'Nothing follows an end except evidence, late successes and what is done about them.',
  contiguous: 'The events of a stream arrive without a hole and in order.',
  same_key_same_payment: 'The same idempotency key always names the same payment.',
  same_key_same_outcome: 'The same idempotency key is always answered with the same outcome, byte by byte.',
  key_of_another_body: 'A key is refused for another body, and only for another body.',
  acknowledged_survives: 'What a caller was told is recorded, and stays.',
  told_as_recorded:
    'Whoever asks for the events of a payment gets every one of them, in order, and no other.',
  read_model_follows:
    'The read model is the fold of the stream at its revision, and its revision only grows.',
  refunds_within_captured:
    'What refunds hold and disputes have taken is never more than was captured, unless a bank or a scheme took it.',
  refunded_once: 'A refund is paid out once at most, whatever is sent again.',
  refund_where_captured: 'A refund is asked only of the PSP that captured.',
  owed_until_given:
    'What a PSP had accepted to give back is owed until it is given, or given up by a person.',
  refunds_agree: 'What the PSPs gave back is what the refunds and their payments say.',
  disputes_agree: 'What disputes have taken is what the PSPs say, in whatever order it was told.',
  sale_bears_its_own: 'What banks take of another charge than the sale is nothing of what was captured.',
  paid_by_bank:
    'A charge without a sale that its buyer has got by his bank is owed to nobody, and stands open for nobody.',
  books_balance:
    'Debits are credits, in every journal, layer and currency; no account stands on the side on which it never may.',
  booked_once: 'An event makes one journal by a template at most.',
  memo_ends: 'When faults end, no memo is left of what has ended.',
  books_agree: 'When faults end, the books say of every PSP what the PSP says.',
  nothing_left_open: 'When faults end, every attempt comes to an end that is proven, or to the buyer.',
  queues_drain: 'When faults end, no work is left waiting.',
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** An event as any log tells it. */
export interface AuditedEvent {
  readonly type: string;
  readonly data: object;
  readonly revision: bigint;
  readonly metadata: { readonly recordedAt: string };
}

export interface Violation {
  readonly rule: Invariant;
  readonly paymentId: string;
  readonly detail: string;
}
