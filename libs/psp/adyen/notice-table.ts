import type {
  DisputeStage,
  NewsIgnored,
  OperationFailure,
  OperationKind,
  RefundFailure,
} from '@tender/domain';

/** What an event proves, by whether it "succeeded". */
export type NoticeMeaning =
  | { readonly kind: 'authorization'; readonly resultCode: 'Authorised' | 'Refused' }
  | { readonly kind: 'done'; readonly operation: OperationKind }
  | { readonly kind: 'failed'; readonly operation: OperationKind }
  /** A refund that had been given back, as part of a reversal. */
  | { readonly kind: 'taken_back' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'dispute'; readonly stage: DisputeStage }
  | NewsIgnored;

export interface NoticeRow<Meaning = NoticeMeaning> {
  readonly true: Meaning;
  readonly false: Meaning;
}

const ignored = (because: string): { readonly kind: 'ignored'; readonly because: string } => ({
  kind: 'ignored',
  because,
});
/** Somebody gave money back in the Customer Area: it is in no book of ours. */
export const UNASKED_REFUND: NewsIgnored = {
  kind: 'ignored',
  because: 'nobody here has asked for this refund',
  needsPerson: true,
};
const always = (meaning: NoticeMeaning): NoticeRow => ({ true: meaning, false: meaning });
const resultOf = (operation: OperationKind): NoticeRow => ({
  true: { kind: 'done', operation },
  false: { kind: 'failed', operation },
});

/** A dispute's events report what has happened; one that "failed" reports nothing. */
const disputed = (stage: DisputeStage): NoticeRow => ({
  true: { kind: 'dispute', stage },
  false: ignored('a report of a dispute that itself failed'),
});

/** Adyen docs, "Webhook types", "Cancel", "Capture", "Reversal". An event code without a row is ignored, and said so. */
export const NOTICE_ROWS: Readonly<Record<string, NoticeRow>> = {
  AUTHORISATION: {
    true: { kind: 'authorization', resultCode: 'Authorised' },
    false: { kind: 'authorization', resultCode: 'Refused' },
  },
  CAPTURE: resultOf('capture'),
  // Its "success" is that of the report. Whether the capture had succeeded before, and so is taken back, or was still
  // open, and so has failed, only the payment knows.
  CAPTURE_FAILED: {
    true: { kind: 'failed', operation: 'capture' },
    false: ignored('a report of a failed capture that itself failed'),
  },
  CANCELLATION: resultOf('cancel'),
  TECHNICAL_CANCEL: resultOf('cancel'),
  CANCEL_OR_REFUND: resultOf('reversal'),
  EXPIRE: { true: { kind: 'expired' }, false: ignored('an authorisation that did not expire') },
  REFUND: { true: UNASKED_REFUND, false: ignored('a refund that nobody here has asked for was not made') },
  REFUND_FAILED: { true: { kind: 'taken_back' }, false: ignored('a report that itself failed') },
  REFUNDED_REVERSED: { true: { kind: 'taken_back' }, false: ignored('a report that itself failed') },
  // Adyen docs, "Dispute webhooks". All events of a dispute have its reference.
  NOTIFICATION_OF_FRAUD: always(ignored('a warning of the issuer’s: nobody disputes it yet')),
  REQUEST_FOR_INFORMATION: disputed('inquiry_opened'),
  NOTIFICATION_OF_CHARGEBACK: disputed('opened'),
  CHARGEBACK: disputed('funds_withdrawn'),
  INFORMATION_SUPPLIED: disputed('under_review'),
  CHARGEBACK_REVERSED: disputed('funds_reinstated'),
  ISSUER_RESPONSE_TIMEFRAME_EXPIRED: disputed('won'),
  PREARBITRATION_WON: disputed('won'),
  PREARBITRATION_LOST: disputed('lost'),
  // "The payment scheme has ruled": the last word, after a pre-arbitration that nobody gave in to
  SCHEME_ARBITRATION_WON: disputed('won'),
  SCHEME_ARBITRATION_LOST: disputed('lost'),
  // "The disputed amount is deducted from your account", for the second time and for good.
  SECOND_CHARGEBACK: disputed('lost'),
  DISPUTE_DEFENSE_PERIOD_ENDED: disputed('lost'),
};

/** What an event proves of a refund that was asked for by itself. */
export type RefundMeaning =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: RefundFailure | 'by_reason'; readonly debited: boolean }
  | { readonly kind: 'ignored'; readonly because: string };

/**
 * Adyen docs, "Refund", "Failed refund". A REFUND that did not succeed was rejected before anything was paid; the other
 * two come after our balance was debited, and tell that it was credited again.
 */
export const REFUND_NOTICE_ROWS: Readonly<Record<string, NoticeRow<RefundMeaning>>> = {
  REFUND: { true: { kind: 'done' }, false: { kind: 'failed', why: 'by_reason', debited: false } },
  REFUND_FAILED: {
    true: { kind: 'failed', why: 'by_reason', debited: true },
    false: ignored('a report of a failed refund that itself failed'),
  },
  REFUNDED_REVERSED: {
    true: { kind: 'failed', why: 'returned', debited: true },
    false: ignored('a report of a returned refund that itself failed'),
  },
};

/** As below: told by the words that they begin with, since Adyen documents no list. */
export const REFUND_FAILURE_ROWS: readonly { readonly words: RegExp; readonly why: RefundFailure }[] = [
  { words: /^insufficient balance on payment\b/i, why: 'exceeds_captured' },
  { words: /^transaction (?:hasn.t|has not) been captured\b/i, why: 'not_refundable' },
];

/** The second success of one capture (Adyen docs, "Failed capture"). */
export const RECAPTURED = /\brecaptured\b/i;

const ABOUT = '(?:the )?(?:original )?(?:transaction|payment|authori[sz]ation)';
const STATE = '(?:(?:has|is|was) )?(?:already )?(?:been )?';

/**
 * Adyen documents no list of these reasons: they are told by the words that they begin with, so that "has not been
 * captured" is none of them. The first row that matches decides; anything else is a refusal without a name.
 */
export const FAILURE_ROWS: readonly { readonly words: RegExp; readonly why: OperationFailure }[] = [
  { words: new RegExp(`^${ABOUT} (?:was |is )?not found\\b`, 'i'), why: 'not_found' },
  // nothing is authorised before the merchant hands in what the buyer brought back (Adyen docs, "Redirect 3DS2")
  { words: new RegExp(`^${ABOUT} (?:was |is )not authori[sz]ed\\b`, 'i'), why: 'not_authorized' },
  { words: new RegExp(`^(?:${ABOUT} )?${STATE}captured\\b`, 'i'), why: 'already_captured' },
  { words: new RegExp(`^(?:${ABOUT} )?${STATE}cancell?ed\\b`, 'i'), why: 'already_canceled' },
  { words: new RegExp(`^(?:${ABOUT} )?${STATE}expired\\b`, 'i'), why: 'expired' },
];

/**
 * @param knowsPayment whether the notice names the payment: one that Adyen can name was found, whatever the words
 */
export function failureOf(reason: string, knowsPayment: boolean): OperationFailure {
  const why = FAILURE_ROWS.find(({ words }) => words.test(reason))?.why ?? 'refused';
  return why === 'not_found' && knowsPayment ? 'refused' : why;
}
