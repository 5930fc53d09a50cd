import type { NotSentReason, UnknownReason } from '@tender/domain';
import type { TransportFailureKind } from '../one-shot-request';
import type { FailedReply } from './reply';

/** What a reply without a result proves of the request, whatever the request was. */
export type WireVerdict =
  | { readonly kind: 'not_sent'; readonly why: NotSentReason }
  | { readonly kind: 'unknown'; readonly why: UnknownReason };

/** A kind of reply; a field that is absent matches anything. */
export interface ReplyPattern {
  readonly kind: FailedReply['kind'] | 'payment' | 'modification';
  readonly failure?: TransportFailureKind;
  readonly status?: number | '5xx';
  readonly errorType?: string;
  readonly errorCode?: string;
}

export interface ReplyRow<Verdict> {
  readonly when: ReplyPattern;
  readonly then: Verdict;
}

export const unknown = (why: UnknownReason): WireVerdict => ({ kind: 'unknown', why });
export const notSent = (why: NotSentReason): WireVerdict => ({ kind: 'not_sent', why });

/** One row for each code of a `422 validation`. */
export const validationRows = <Verdict>(codes: readonly string[], then: Verdict): ReplyRow<Verdict>[] =>
  codes.map((errorCode) => ({
    when: { kind: 'error', status: 422, errorType: 'validation', errorCode },
    then,
  }));

/** The first rows of every table: what holds for any request of ours. */
export const WIRE_ROWS: readonly ReplyRow<WireVerdict>[] = [
  // The SDK never came as far as calling its HTTP client.
  { when: { kind: 'not_started' }, then: notSent('rejected_before_processing') },
  // No connection, so not a byte left.
  { when: { kind: 'transport', failure: 'never_opened' }, then: notSent('connection_refused') },
  // It was not written any more when a connection was there.
  { when: { kind: 'transport', failure: 'too_late' }, then: notSent('expired') },
  // The request left, or may have: what happened to it is not ours to guess.
  { when: { kind: 'transport', failure: 'deadline' }, then: unknown('timeout') },
  { when: { kind: 'transport', failure: 'lost' }, then: unknown('connection_lost') },

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
];

/** The last row of every table. 429 is here, too: no document says that it comes before any work. */
export const UNLISTED_ROW: ReplyRow<WireVerdict> = {
  when: { kind: 'error' },
  then: unknown('unlisted_reply'),
};

/** The first row that matches decides; a reply that no row knows is `unknown`. */
export const verdictIn = <Verdict>(
  rows: readonly ReplyRow<Verdict>[],
  reply: FailedReply | { readonly kind: 'payment' | 'modification' },
): Verdict | WireVerdict => rows.find((row) => matches(row.when, reply))?.then ?? unknown('unlisted_reply');

function matches(
  when: ReplyPattern,
  reply: FailedReply | { readonly kind: 'payment' | 'modification' },
): boolean {
  if (when.kind !== reply.kind) return false;
  switch (reply.kind) {
    case 'not_started':
    case 'payment':
    case 'modification':
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
