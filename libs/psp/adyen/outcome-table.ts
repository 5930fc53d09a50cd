import type { NotSentReason, UnknownReason } from '@tender/domain';
import type { Reply } from './reply';

/** What a reply proves. Nothing but a row of this file may say anything else than `unknown`. */
export type Verdict =
  | { readonly kind: 'judge_payment' }
  | { readonly kind: 'not_sent'; readonly why: NotSentReason }
  | { readonly kind: 'unknown'; readonly why: UnknownReason };

/** A kind of reply; a field that is absent matches anything. */
export interface ReplyPattern {
  readonly kind: Reply['kind'];
  readonly failure?: 'never_opened' | 'deadline' | 'lost';
  readonly status?: number | '5xx';
  readonly errorType?: string;
  readonly errorCode?: string;
}

export interface OutcomeRow {
  readonly when: ReplyPattern;
  readonly then: Verdict;
}

const unknown = (why: UnknownReason): Verdict => ({ kind: 'unknown', why });
const notSent = (why: NotSentReason): Verdict => ({ kind: 'not_sent', why });

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
  // The SDK never came as far as calling its HTTP client.
  { when: { kind: 'not_started' }, then: notSent('rejected_before_processing') },
  // No connection, so not a byte left.
  { when: { kind: 'transport', failure: 'never_opened' }, then: notSent('connection_refused') },
  // The request left, or may have: what happened to it is not ours to guess.
  { when: { kind: 'transport', failure: 'deadline' }, then: unknown('timeout') },
  { when: { kind: 'transport', failure: 'lost' }, then: unknown('connection_lost') },

  { when: { kind: 'payment' }, then: { kind: 'judge_payment' } },

  // A request with this key is being worked on, or was; the status has been 409 and 422 over the years.
  { when: { kind: 'error', errorCode: '704' }, then: unknown('key_in_progress') },
  // Also 503 with `transient-error: true`: that invites the same key again, and proves nothing of the first send.
  { when: { kind: 'error', status: '5xx' }, then: unknown('server_error') },
  { when: { kind: 'unreadable', status: '5xx' }, then: unknown('server_error') },
  // Also a 401 or 403 without Adyen's envelope: some other server wrote it, perhaps after passing us on.
  { when: { kind: 'unreadable' }, then: unknown('unreadable_reply') },

  // Who we are is checked before what we ask for (Adyen docs, "Response handling").
  {
    when: { kind: 'error', status: 401, errorType: 'security' },
    then: notSent('rejected_before_processing'),
  },
  {
    when: { kind: 'error', status: 403, errorType: 'security' },
    then: notSent('rejected_before_processing'),
  },
  // The request could not even be parsed.
  {
    when: { kind: 'error', status: 400, errorType: 'validation', errorCode: '702' },
    then: notSent('rejected_before_processing'),
  },
  ...VALIDATION_CODES.map((errorCode) => ({
    when: { kind: 'error' as const, status: 422, errorType: 'validation', errorCode },
    then: notSent('rejected_before_processing'),
  })),

  // 429 is here, too: no document says that it comes before any work.
  { when: { kind: 'error' }, then: unknown('unlisted_reply') },
];

/** @throws never: a reply that no row knows is `unknown` */
export function verdictOf(reply: Reply): Verdict {
  return OUTCOME_ROWS.find((row) => matches(row.when, reply))?.then ?? unknown('unlisted_reply');
}

function matches(when: ReplyPattern, reply: Reply): boolean {
  if (when.kind !== reply.kind) return false;
  switch (reply.kind) {
    case 'not_started':
    case 'payment':
      return true;
    case 'transport':
      return when.failure === reply.failure;
    case 'unreadable':
      return statusMatches(when.status, reply.status);
    case 'error':
      return (
        statusMatches(when.status, reply.status) &&
        (when.errorType === undefined || when.errorType === reply.errorType) &&
        (when.errorCode === undefined || when.errorCode === reply.errorCode)
      );
  }
}

function statusMatches(wanted: number | '5xx' | undefined, status: number): boolean {
  if (wanted === undefined) return true;
  return wanted === '5xx' ? status >= 500 && status <= 599 : wanted === status;
}

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
