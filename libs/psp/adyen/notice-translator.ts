import type {
  NewsAsked,
  NoticeFields,
  NoticeTranslator,
  OperationKind,
  OperationOutcome,
  PspNews,
  UnknownReason,
} from '@tender/domain';
import { FACT_RANK, partsOfRefundReference } from '@tender/domain';
import { scrub } from '../scrub';
import { disputeNews } from './dispute-news';
import { text } from './json-fields';
import type { NoticeMeaning } from './notice-table';
import { failureOf, NOTICE_ROWS, RECAPTURED, REFUND_NOTICE_ROWS, UNASKED_REFUND } from './notice-table';
import { outcomeOf } from './outcome';
import { refundNews } from './refund-news';
import { refusalCodeOf } from './refusal-reasons';
import type { SeenNotice } from './seen-notice';
import { amountOf, attemptIn, moneyIn, seenIn } from './seen-notice';

/**
 * Adyen's notices, in the words of replies. Of an item only the references, the amount, the event code and the success
 * are signed; the time, the reason and what a reversal did rest on the connection alone.
 */
export const adyenNotices: NoticeTranslator = {
  psp: 'adyen',
  subjectOf(fields) {
    const reference = text(fields, 'merchantReference') ?? '';
    const refundId = partsOfRefundReference(reference)?.refundId;
    if (refundId !== undefined) return { kind: 'refund', refundId, operationId: reference };
    const attemptId = attemptIn(reference);
    return attemptId === null ? null : { kind: 'attempt', attemptId };
  },
  translate(fields, asked) {
    const meaning = meaningOf(fields, NOTICE_ROWS);
    if (meaning.kind === 'ignored') return meaning;
    if (attemptIn(text(fields, 'merchantReference') ?? '') !== asked.attemptId) {
      return ignored('it is about another attempt');
    }
    const notice = seenIn(fields, text(fields, 'eventCode') ?? '');
    if (notice === null) return ignored(NOT_PLACED);
    switch (meaning.kind) {
      case 'authorization':
        return authorization(notice, meaning.resultCode, asked);
      case 'done':
        return operation(notice, meaning.operation, done(notice, meaning.operation, asked));
      case 'failed':
        return operation(notice, meaning.operation, failed(notice, asked));
      case 'taken_back':
        return takenBack(notice, asked);
      case 'expired':
        return expired(notice, asked);
      case 'dispute':
        return disputeNews(notice, meaning.stage);
    }
  },
  translateRefund(fields, asked) {
    const meaning = meaningOf(fields, REFUND_NOTICE_ROWS);
    if (meaning.kind === 'ignored') return meaning;
    const notice = seenIn(fields, text(fields, 'eventCode') ?? '');
    if (notice === null) return { kind: 'ignored', because: NOT_PLACED };
    return notice.merchantReference === asked.operationId
      ? refundNews(notice, meaning, asked)
      : { kind: 'ignored', because: 'it is about another try of the refund' };
  },
};

const NOT_PLACED = 'it has no reference of Adyen’s or no time';

type Ignored = Extract<NoticeMeaning, { kind: 'ignored' }>;

/** What a table says of an event code and its success; what no table knows is ignored, and said so. */
function meaningOf<Meaning>(
  fields: NoticeFields,
  rows: Readonly<Record<string, { readonly true: Meaning; readonly false: Meaning }>>,
): Meaning | Ignored {
  const eventCode = text(fields, 'eventCode') ?? '';
  const success = text(fields, 'success');
  const row = Object.hasOwn(rows, eventCode) ? rows[eventCode] : undefined;
  if (row === undefined) {
    return { kind: 'ignored', because: `${scrub(eventCode) || 'no event code'} is not read` };
  }
  return success === 'true' || success === 'false'
    ? row[success]
    : { kind: 'ignored', because: 'success is neither true nor false' };
}

const ignored = (because: string): PspNews => ({ kind: 'ignored', because });

/** Judged as the reply would have been. */
function authorization(notice: SeenNotice, resultCode: string, asked: NewsAsked): PspNews {
  const { pspReference, merchantReference, value, currency, reason, occurredAt, fields } = notice;
  const additional = fields.additionalData;
  const payment = {
    resultCode,
    pspReference,
    merchantReference,
    value,
    currency,
    redirectUrl: null,
    refusal: {
      code: refusalCodeOf(reason),
      reason: reason === '' ? null : reason,
      adviceCode: /^\d{2}/.exec(text(additional, 'merchantAdviceCode') ?? '')?.[0] ?? null,
    },
    brand: text(fields, 'paymentMethod'),
    last4: text(additional, 'cardSummary'),
    date: occurredAt,
  };
  return { kind: 'authorization', outcome: outcomeOf({ kind: 'payment', payment }, asked, () => 0) };
}

const operation = (notice: SeenNotice, kind: OperationKind, outcome: OperationOutcome): PspNews => ({
  kind: 'operation',
  operation: kind,
  pspReference: notice.pspReference,
  // of a modification: the payment that was modified
  paymentReference: notice.originalReference,
  outcome,
  rank: rankOf(notice, outcome.kind),
});

/** What had succeeded is taken back; any other failure is a refusal of what never was done. */
const TAKES_BACK: ReadonlySet<string> = new Set(['CAPTURE_FAILED', 'REFUND_FAILED', 'REFUNDED_REVERSED']);

/** In one second a capture may succeed, be taken back, and succeed again: the last is told in other words. */
function rankOf({ eventCode, reason }: SeenNotice, kind: OperationOutcome['kind']): number {
  switch (kind) {
    case 'succeeded':
      return eventCode === 'CAPTURE' && RECAPTURED.test(reason) ? FACT_RANK.done_again : FACT_RANK.done;
    case 'failed':
      return TAKES_BACK.has(eventCode) ? FACT_RANK.failed : FACT_RANK.refused;
    case 'pending':
    case 'not_sent':
    case 'unknown':
      return FACT_RANK.pending;
  }
}

/**
 * The refund that a reversal came to has failed after all. A refund that somebody made by hand carries the payment's own
 * reference, and is none of ours.
 */
const takenBack = (notice: SeenNotice, asked: NewsAsked): PspNews =>
  notice.merchantReference.startsWith(`${asked.attemptId}-reversal-`)
    ? operation(notice, 'reversal', failed(notice, asked))
    : UNASKED_REFUND;

function done(notice: SeenNotice, kind: OperationKind, asked: NewsAsked): OperationOutcome {
  const { pspReference, occurredAt } = notice;
  const amountMinor = amountIn(notice, asked);
  if (amountMinor === undefined) return contradicted(notice);
  const succeeded = { kind: 'succeeded', pspReference, occurredAt } as const;
  if (kind === 'cancel') return { ...succeeded, amountMinor: null };
  if (kind === 'reversal') {
    const action = text(notice.fields.additionalData, 'modification.action');
    if (action === 'cancel') return { ...succeeded, amountMinor: null };
    if (action !== 'refund') return unknown('unlisted_reply', 'it does not say what was done', pspReference);
  }
  // a success has to say of how much
  return amountMinor === 0n ? contradicted(notice) : { ...succeeded, amountMinor };
}

/** A failure moved nothing: it may be of any amount, also of one that was too much, but not of another currency. */
function failed(notice: SeenNotice, asked: NewsAsked): OperationOutcome {
  if (notice.value !== 0 && moneyIn(notice)?.currency !== asked.currency) return contradicted(notice);
  const { eventCode, pspReference, originalReference, reason, occurredAt } = notice;
  // what the scheme gave back was captured before: no word of the reason ends the authorisation
  const why = eventCode === 'CAPTURE_FAILED' ? 'refused' : failureOf(reason, originalReference !== null);
  const detail = scrub(`${eventCode}: ${reason === '' ? 'no reason' : reason}`);
  return { kind: 'failed', why, detail, pspReference, occurredAt };
}

/** Adyen names the payment in the original reference; in an event of the payment itself it is the reference. */
function expired(notice: SeenNotice, asked: NewsAsked): PspNews {
  if (amountIn(notice, asked) === undefined) return ignored(`its ${amountOf(notice)}`);
  const { originalReference, pspReference, occurredAt } = notice;
  return { kind: 'expired', pspReference: originalReference ?? pspReference, occurredAt };
}

/**
 * Of how much it is, in our units; undefined when it cannot be about this attempt: another currency, no amount of ours,
 * or more than was ever asked for. Nothing of any currency contradicts nothing: cancels are told with it.
 */
function amountIn(notice: SeenNotice, asked: NewsAsked): bigint | undefined {
  if (notice.value === 0) return 0n;
  const money = moneyIn(notice);
  const fits =
    money?.currency === asked.currency && money.amountMinor > 0n && money.amountMinor <= asked.amountMinor;
  return fits ? money.amountMinor : undefined;
}

const contradicted = (notice: SeenNotice): OperationOutcome =>
  unknown('amount_mismatch', amountOf(notice), notice.pspReference);

const unknown = (why: UnknownReason, detail: string, pspReference: string): OperationOutcome => ({
  kind: 'unknown',
  why,
  detail,
  pspReference,
  keyBurnt: false,
});
