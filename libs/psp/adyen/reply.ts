import type { TransportFailureKind, WholeReply } from '../one-shot-request';
import { scrub } from '../scrub';
import { parsed, text } from './json-fields';
import type { CallEnd } from './one-call-client';

/** What came back from a call that has no result in it, before anybody judges what that means. */
export type FailedReply =
  | ErrorReply
  | { readonly kind: 'unreadable'; readonly status: number; readonly detail: string }
  | { readonly kind: 'transport'; readonly failure: TransportFailureKind; readonly detail: string }
  | { readonly kind: 'not_started' };

/** Adyen's error envelope. */
export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  readonly errorCode: string | null;
  readonly errorType: string | null;
  readonly message: string;
  readonly pspReference: string | null;
  /** The reply's own time, RFC 3339. */
  readonly date: string | null;
}

/** Finds a result of its kind in a reply; null when there is none. */
export type ResultReader<Result> = (status: number, json: unknown, date: string | null) => Result | null;

export function readEnd<Result>(end: CallEnd, resultIn: ResultReader<Result>): Result | FailedReply {
  switch (end.kind) {
    case 'not_started':
      return { kind: 'not_started' };
    case 'failed':
      return { kind: 'transport', failure: end.failure.kind, detail: end.failure.message };
    case 'replied':
      return readReply(end.reply, resultIn);
  }
}

function readReply<Result>(
  { status, headers, text: body }: WholeReply,
  resultIn: ResultReader<Result>,
): Result | FailedReply {
  const json = parsed(body);
  const date = rfc3339(headers.date);
  const result = resultIn(status, json, date);
  if (result !== null) return result;
  if (!isSuccess(status) && (text(json, 'errorType') !== null || text(json, 'errorCode') !== null)) {
    return {
      kind: 'error',
      status,
      errorCode: text(json, 'errorCode'),
      errorType: text(json, 'errorType'),
      message: text(json, 'message') ?? '',
      pspReference: text(json, 'pspReference'),
      date,
    };
  }
  return { kind: 'unreadable', status, detail: `HTTP ${status} without a result or an error of Adyen's` };
}

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

function rfc3339(date: string | undefined): string | null {
  const unixMs = Date.parse(date ?? '');
  return Number.isNaN(unixMs) ? null : new Date(unixMs).toISOString();
}

/** For people and logs; decisions are made on the fields. */
export function describe(reply: FailedReply): string {
  switch (reply.kind) {
    case 'not_started':
      return 'the SDK did not send the request';
    case 'transport':
    case 'unreadable':
      return scrub(reply.detail);
    case 'error': {
      const { status, errorType, errorCode, pspReference, message } = reply;
      const facts = [`HTTP ${status}`, errorType, errorCode, pspReference].filter((fact) => fact !== null);
      return scrub(`${facts.join(' ')}: ${message}`);
    }
  }
}
