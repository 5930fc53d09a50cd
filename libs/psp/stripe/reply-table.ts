import type { NotSentReason, UnknownReason } from '@tender/domain';
import type { TransportFailureKind } from '../one-shot-request';
import type { Reply } from './reply';

/** What no table has to judge further: nothing was begun, or nobody can tell. */
export type Unproven =
  | { readonly kind: 'not_sent'; readonly why: NotSentReason }
  | { readonly kind: 'unknown'; readonly why: UnknownReason; readonly keyBurnt: boolean };

/** A kind of reply; a field that is absent matches anything. */
export interface ReplyPattern {
  readonly kind: Reply['kind'];
  readonly failure?: TransportFailureKind;
  readonly status?: number | '5xx';
  readonly type?: string;
  readonly code?: string;
  readonly replayed?: boolean;
}

/** One line of a table: what a kind of reply proves. */
export interface ReplyRow<Verdict> {
  readonly when: ReplyPattern;
  readonly then: Verdict;
}

export const unknown = (why: UnknownReason, keyBurnt = false): Unproven => ({
  kind: 'unknown',
  why,
  keyBurnt,
});
const notSent = (why: NotSentReason): Unproven => ({ kind: 'not_sent', why });

/** What proves nothing, whatever was asked for. Every table begins with these rows. */
export const LOST_ROWS: readonly ReplyRow<Unproven>[] = [
  // No connection, so not a byte left.
  { when: { kind: 'transport', failure: 'never_opened' }, then: notSent('connection_refused') },
  // It was not written any more when a connection was there.
  { when: { kind: 'transport', failure: 'too_late' }, then: notSent('expired') },
  // The request left, or may have: what happened to it is not ours to guess.
  { when: { kind: 'transport', failure: 'deadline' }, then: unknown('timeout') },
  { when: { kind: 'transport', failure: 'lost' }, then: unknown('connection_lost') },

  // Stripe docs, "Idempotent requests": a 500 is stored under its key like any other answer and comes back for ever.
  { when: { kind: 'error', status: '5xx', replayed: true }, then: unknown('server_error', true) },
  { when: { kind: 'unreadable', status: '5xx', replayed: true }, then: unknown('server_error', true) },
  { when: { kind: 'error', status: '5xx' }, then: unknown('server_error') },
  { when: { kind: 'unreadable', status: '5xx' }, then: unknown('server_error') },
  { when: { kind: 'unreadable', replayed: true }, then: unknown('unreadable_reply', true) },
  // Also a 401, 403 or 429 without Stripe's error envelope: some other server wrote it, perhaps after passing us on.
  { when: { kind: 'unreadable' }, then: unknown('unreadable_reply') },

  // Another request with the key is being worked on, or was worked on with other parameters: there is a first one.
  { when: { kind: 'error', status: 409, type: 'idempotency_error' }, then: unknown('key_in_progress') },
  { when: { kind: 'error', status: 409, code: 'idempotency_key_in_use' }, then: unknown('key_in_progress') },
  { when: { kind: 'error', status: 400, type: 'idempotency_error' }, then: unknown('key_conflict') },
  // With any other status it is still about a first request, whatever its code says.
  { when: { kind: 'error', type: 'idempotency_error' }, then: unknown('unlisted_reply') },
];

/**
 * A stored reply means that execution began. What no row before it takes for a proof will not become one by asking
 * again.
 */
export const STORED_ROW: ReplyRow<Unproven> = {
  when: { kind: 'error', replayed: true },
  then: unknown('unlisted_reply', true),
};

/**
 * Codes of `400 invalid_request_error` that are found while the parameters are read, so before anything could be
 * done (Stripe docs, "Error codes"; "Idempotent requests": a request that fails validation was never begun).
 * Left out on purpose: every `payment_intent_…` and `charge_…` code, because those judge the state of an object
 * that exists, perhaps one that our own earlier send has made.
 */
export const PARAMETER_CODES: readonly string[] = [
  'parameter_invalid_empty',
  'parameter_invalid_integer',
  'parameter_invalid_string_blank',
  'parameter_invalid_string_empty',
  'parameter_missing',
  'parameter_unknown',
  'parameters_exclusive',
  'resource_missing',
  'url_invalid',
];

export const rejectedWith = (codes: readonly string[]): readonly ReplyRow<Unproven>[] =>
  codes.map((code) => ({
    when: { kind: 'error', status: 400, type: 'invalid_request_error', code },
    then: notSent('rejected_before_processing'),
  }));

/** What is refused before any work. Only behind `STORED_ROW`: a stored refusal came from within. */
export const NOT_BEGUN_ROWS: readonly ReplyRow<Unproven>[] = [
  // Key and permission are checked before the idempotency layer.
  {
    when: { kind: 'error', status: 401, type: 'invalid_request_error' },
    then: notSent('rejected_before_processing'),
  },
  {
    when: { kind: 'error', status: 401, type: 'authentication_error' },
    then: notSent('rejected_before_processing'),
  },
  {
    when: { kind: 'error', status: 403, type: 'invalid_request_error' },
    then: notSent('rejected_before_processing'),
  },
  // The limiter stands before the layer, too. `lock_timeout` has the same status and comes from within: unlisted.
  { when: { kind: 'error', status: 429, code: 'rate_limit' }, then: notSent('rate_limited') },
  ...rejectedWith(PARAMETER_CODES),
  // No such object in this account and mode, so nothing to work on.
  {
    when: { kind: 'error', status: 404, type: 'invalid_request_error', code: 'resource_missing' },
    then: notSent('rejected_before_processing'),
  },
];

/**
 * The first row that matches decides.
 *
 * @throws never: a reply that no row knows is `unknown`
 */
export function verdictIn<Verdict>(
  rows: readonly ReplyRow<Verdict | Unproven>[],
  reply: Reply,
): Verdict | Unproven {
  return rows.find((row) => matches(row.when, reply))?.then ?? unknown('unlisted_reply');
}

/** What a table says of a word of Stripe's; a word that is only a property of every object is none. */
export const meaningOf = <Meaning>(
  table: Readonly<Record<string, Meaning>>,
  word: string,
): Meaning | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);

function matches(when: ReplyPattern, reply: Reply): boolean {
  if (when.kind !== reply.kind) return false;
  if (reply.kind === 'transport') return when.failure === reply.failure;
  if (when.replayed !== undefined && when.replayed !== reply.replayed) return false;
  if (reply.kind === 'intent' || reply.kind === 'refund') return true;
  if (!statusMatches(when.status, reply.status)) return false;
  if (reply.kind === 'unreadable') return true;
  return (
    (when.type === undefined || when.type === reply.type) &&
    (when.code === undefined || when.code === reply.code)
  );
}

function statusMatches(wanted: number | '5xx' | undefined, status: number | null): boolean {
  if (wanted === undefined) return true;
  if (status === null) return false;
  return wanted === '5xx' ? status >= 500 && status <= 599 : wanted === status;
}
