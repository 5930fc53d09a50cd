import type { OperationFailure, OperationKind } from '@tender/domain';

/** What an event proves, by whether it "succeeded". */
export type NoticeMeaning =
  | { readonly kind: 'authorization'; readonly resultCode: 'Authorised' | 'Refused' }
  | { readonly kind: 'done'; readonly operation: OperationKind }
  | { readonly kind: 'failed'; readonly operation: OperationKind }
  | { readonly kind: 'expired' }
  | { readonly kind: 'ignored'; readonly because: string };

export interface NoticeRow {
  readonly true: NoticeMeaning;
  readonly false: NoticeMeaning;
}

const ignored = (because: string): NoticeMeaning => ({ kind: 'ignored', because });
const always = (meaning: NoticeMeaning): NoticeRow => ({ true: meaning, false: meaning });
const resultOf = (operation: OperationKind): NoticeRow => ({
  true: { kind: 'done', operation },
  false: { kind: 'failed', operation },
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
  REFUND: always(ignored('nobody here has asked for this refund')),
  REFUND_FAILED: always(ignored('nobody here has asked for this refund')),
  REFUNDED_REVERSED: always(ignored('nobody here has asked for this refund')),
};

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
