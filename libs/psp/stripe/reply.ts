import Stripe from 'stripe';
import type { StripeRefusal } from './decline-table';
import type { TransportFailureKind } from '../one-shot-request';
import { TransportFailure } from '../one-shot-request';
import type { ReplyHeaders } from './one-shot-http-client';
import { UnreadableReply } from './one-shot-http-client';

/** What came back from one call, before anybody judges what it means. */
export type Reply =
  | (Answered & { readonly kind: 'intent'; readonly intent: SeenIntent })
  | (Answered & { readonly kind: 'refund'; readonly refund: SeenRefund })
  | ErrorReply
  | {
      readonly kind: 'unreadable';
      readonly status: number | null;
      readonly replayed: boolean;
      readonly detail: string;
    }
  | { readonly kind: 'transport'; readonly failure: TransportFailureKind; readonly detail: string };

/** What every reply tells that Stripe itself has written. */
interface Answered {
  readonly replayed: boolean;
  /** The reply's own time, RFC 3339. */
  readonly date: string | null;
}

/** Stripe's error envelope. */
export interface ErrorReply extends StripeRefusal, Answered {
  readonly kind: 'error';
  readonly status: number;
  readonly type: string | null;
  readonly param: string | null;
  readonly message: string;
  readonly requestId: string | null;
  readonly intent: SeenIntent | null;
}

/** The part of a PaymentIntent that we judge by. `null` where Stripe says null, or says something else than expected. */
export interface SeenIntent {
  readonly id: string;
  readonly status: string;
  readonly amount: number | null;
  readonly amountReceived: number | null;
  readonly amountCapturable: number | null;
  readonly currency: string | null;
  readonly captureMethod: string | null;
  readonly attempt: string | null;
  /** Our id of the capture that was asked for last. */
  readonly operation: string | null;
  /** Seconds since 1970, as all of Stripe's times. */
  readonly created: number | null;
  readonly canceledAt: number | null;
  readonly cancellationReason: string | null;
  readonly charge: SeenCharge | null;
  readonly redirectUrl: string | null;
  readonly refusal: StripeRefusal | null;
}

export interface SeenCharge {
  readonly created: number | null;
  readonly brand: string | null;
  readonly last4: string | null;
}

/** The part of a Refund that we judge by. */
export interface SeenRefund {
  readonly id: string;
  readonly status: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly created: number | null;
  readonly intentId: string | null;
  readonly attempt: string | null;
  readonly operation: string | null;
  readonly failureReason: string | null;
  /** Whether Stripe has taken the amount out of our balance, also where it has put it back since. */
  readonly debited: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const HTTP_OK = 200;

/** A result of the SDK. It hands out any JSON without an `error` as a result, whatever the status: so look at both. */
export function readResult(result: Stripe.Response<object>): Reply {
  const { statusCode: status, headers } = result.lastResponse;
  const replayed = isReplayed(headers);
  const date = dateOf(headers);
  if (status === HTTP_OK) {
    const intent = readIntent(result);
    if (intent !== null) return { kind: 'intent', intent, replayed, date };
    const refund = readRefund(result);
    if (refund !== null) return { kind: 'refund', refund, replayed, date };
  }
  return { kind: 'unreadable', status, replayed, detail: `HTTP ${status} without an object or an error` };
}

/** Whatever the SDK threw. What it is not known to throw is a lost call: never a proof of anything. */
export function readFailure(thrown: unknown): Exclude<Reply, { kind: 'intent' | 'refund' }> {
  if (!(thrown instanceof Stripe.errors.StripeError)) return lost('the reply could not be handled');
  const { detail, statusCode: status } = thrown;
  if (detail instanceof TransportFailure) {
    return { kind: 'transport', failure: detail.kind, detail: detail.message };
  }
  const cause = field(thrown.raw, 'exception');
  if (cause instanceof UnreadableReply) {
    return {
      kind: 'unreadable',
      status: cause.status,
      replayed: isReplayed(cause.headers),
      detail: cause.message,
    };
  }
  return status === undefined ? lost('the SDK failed without a reply') : errorReply(thrown, status);
}

const lost = (detail: string): Reply & { kind: 'transport' } => ({
  kind: 'transport',
  failure: 'lost',
  detail,
});

function errorReply(thrown: InstanceType<typeof Stripe.errors.StripeError>, status: number): ErrorReply {
  const headers = thrown.headers ?? {};
  return {
    ...refusalOf(thrown.raw),
    kind: 'error',
    status,
    type: text(thrown.raw, 'type'),
    param: text(thrown.raw, 'param'),
    message: text(thrown.raw, 'message') ?? '',
    requestId: headers['request-id'] ?? null,
    replayed: isReplayed(headers),
    intent: readIntent(field(thrown.raw, 'payment_intent')),
    date: dateOf(headers),
  };
}

export function readIntent(json: unknown): SeenIntent | null {
  const id = text(json, 'id');
  const status = text(json, 'status');
  if (id === null || status === null || text(json, 'object') !== 'payment_intent') return null;
  const lastError = field(json, 'last_payment_error');
  return {
    id,
    status,
    amount: integer(json, 'amount'),
    amountReceived: integer(json, 'amount_received'),
    amountCapturable: integer(json, 'amount_capturable'),
    currency: text(json, 'currency'),
    captureMethod: text(json, 'capture_method'),
    attempt: text(field(json, 'metadata'), 'attempt'),
    operation: text(field(json, 'metadata'), 'operation'),
    created: integer(json, 'created'),
    canceledAt: integer(json, 'canceled_at'),
    cancellationReason: text(json, 'cancellation_reason'),
    charge: readCharge(field(json, 'latest_charge')),
    redirectUrl: text(field(field(json, 'next_action'), 'redirect_to_url'), 'url'),
    refusal: isObject(lastError) ? refusalOf(lastError) : null,
  };
}

export function readRefund(json: unknown): SeenRefund | null {
  const id = text(json, 'id');
  const status = text(json, 'status');
  if (id === null || status === null || text(json, 'object') !== 'refund') return null;
  return {
    id,
    status,
    amount: integer(json, 'amount'),
    currency: text(json, 'currency'),
    created: integer(json, 'created'),
    intentId: text(json, 'payment_intent'),
    attempt: text(field(json, 'metadata'), 'attempt'),
    operation: text(field(json, 'metadata'), 'operation'),
    failureReason: text(json, 'failure_reason'),
    debited: text(json, 'balance_transaction') !== null,
  };
}

function readCharge(json: unknown): SeenCharge | null {
  if (!isObject(json)) return null;
  const card = field(field(json, 'payment_method_details'), 'card');
  return { created: integer(json, 'created'), brand: text(card, 'brand'), last4: text(card, 'last4') };
}

const refusalOf = (json: unknown): StripeRefusal => ({
  code: text(json, 'code'),
  declineCode: text(json, 'decline_code'),
  adviceCode: text(json, 'advice_code'),
  networkAdviceCode: text(json, 'network_advice_code'),
});

/** Null also for a time that no calendar has. */
export function rfc3339(unixMs: number): string | null {
  const at = new Date(unixMs);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** Of one of Stripe's own times, RFC 3339. */
export const timeOf = (seconds: number | null): string | null =>
  seconds === null ? null : rfc3339(seconds * 1000);

const dateOf = ({ date }: Readonly<ReplyHeaders>): string | null =>
  rfc3339(typeof date === 'string' ? Date.parse(date) : NaN);

const isReplayed = (headers: Readonly<ReplyHeaders>): boolean => headers['idempotent-replayed'] === 'true';

const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null;

export const field = (json: unknown, name: string): unknown => (isObject(json) ? json[name] : undefined);

export function text(json: unknown, name: string): string | null {
  const value = field(json, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function integer(json: unknown, name: string): number | null {
  const value = field(json, name);
  return Number.isSafeInteger(value) ? (value as number) : null;
}
