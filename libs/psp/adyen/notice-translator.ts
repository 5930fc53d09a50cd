import type {
  Money,
  NewsAsked,
  NoticeFields,
  NoticeTranslator,
  OperationKind,
  OperationOutcome,
  PspNews,
  UnknownReason,
} from '@tender/domain';
import { partsOfAttemptId } from '@tender/domain';
import { scrub } from '../scrub';
import { fromAdyenAmount } from './adyen-amount';
import { integer, text } from './json-fields';
import { failureOf, NOTICE_ROWS } from './notice-table';
import { outcomeOf } from './outcome';
import { refusalCodeOf } from './refusal-reasons';

/** The fields of a stored notice that news are made of. */
interface SeenNotice {
  readonly eventCode: string;
  readonly pspReference: string;
  readonly originalReference: string | null;
  readonly merchantReference: string;
  readonly value: number | null;
  readonly currency: string | null;
  readonly reason: string;
  readonly occurredAt: string;
  readonly fields: NoticeFields;
}

/**
 * Adyen's notices, in the words of replies. Of an item only the references, the amount, the event code and the success
 * are signed; the time, the reason and what a reversal did rest on the connection alone.
 */
export const adyenNotices: NoticeTranslator = {
  psp: 'adyen',
  subjectOf(fields) {
    const attemptId = attemptIn(text(fields, 'merchantReference') ?? '');
    return attemptId === null ? null : { kind: 'attempt', attemptId };
  },
  translate(fields, asked) {
    const eventCode = text(fields, 'eventCode') ?? '';
    const success = text(fields, 'success');
    const row = Object.hasOwn(NOTICE_ROWS, eventCode) ? NOTICE_ROWS[eventCode] : undefined;
    if (row === undefined) return ignored(`${scrub(eventCode) || 'no event code'} is not read`);
    if (success !== 'true' && success !== 'false') return ignored(`success is neither true nor false`);
    const meaning = row[success];
    if (meaning.kind === 'ignored') return meaning;
    if (attemptIn(text(fields, 'merchantReference') ?? '') !== asked.attemptId)
      return ignored('it is about another attempt');
    const notice = seenIn(fields, eventCode);
    if (notice === null) return ignored('it has no reference of Adyen’s or no time');
    switch (meaning.kind) {
      case 'authorization':
        return authorization(notice, meaning.resultCode, asked);
      case 'done':
        return operation(notice, meaning.operation, done(notice, meaning.operation, asked));
      case 'failed':
        return operation(notice, meaning.operation, failed(notice, asked));
      case 'expired':
        return expired(notice, asked);
    }
  },
};

const ignored = (because: string): PspNews => ({ kind: 'ignored', because });

/** Of a payment the reference is the attempt's id; of a modification the operation's, which begins with it, or again that. */
function attemptIn(reference: string): string | null {
  const [attemptId = ''] = reference.split('-', 1);
  return partsOfAttemptId(attemptId) === undefined ? null : attemptId;
}

function seenIn(fields: NoticeFields, eventCode: string): SeenNotice | null {
  const pspReference = text(fields, 'pspReference');
  const occurredAt = utcOf(text(fields, 'eventDate') ?? '');
  if (pspReference === null || occurredAt === null) return null;
  return {
    eventCode,
    pspReference,
    originalReference: text(fields, 'originalReference'),
    merchantReference: text(fields, 'merchantReference') ?? '',
    value: integer(fields.amount, 'value'),
    currency: text(fields.amount, 'currency'),
    reason: text(fields, 'reason') ?? '',
    occurredAt,
    fields,
  };
}

/** A time without a zone would be another one on another machine. */
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

function utcOf(eventDate: string): string | null {
  const unixMs = WITH_ZONE.test(eventDate) ? Date.parse(eventDate) : NaN;
  return Number.isNaN(unixMs) ? null : new Date(unixMs).toISOString();
}

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

const operation = (
  { pspReference }: SeenNotice,
  kind: OperationKind,
  outcome: OperationOutcome,
): PspNews => ({ kind: 'operation', operation: kind, pspReference, outcome, rank: 1 });

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

const moneyIn = ({ value, currency }: SeenNotice): Money | undefined =>
  value === null || currency === null ? undefined : fromAdyenAmount(value, currency);

const amountOf = ({ value, currency }: SeenNotice): string =>
  `amount is ${value ?? 'absent'} ${scrub(currency ?? 'without a currency')}`;

const contradicted = (notice: SeenNotice): OperationOutcome =>
  unknown('amount_mismatch', amountOf(notice), notice.pspReference);

const unknown = (why: UnknownReason, detail: string, pspReference: string): OperationOutcome => ({
  kind: 'unknown',
  why,
  detail,
  pspReference,
  keyBurnt: false,
});
