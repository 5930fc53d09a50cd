import type { TransportFailureKind, WholeReply } from '../one-shot-request';
import type { CallEnd } from './one-call-client';

/** What came back from one call, before anybody judges what it means. */
export type Reply =
  | { readonly kind: 'payment'; readonly payment: SeenPayment }
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
}

/** The part of a payment's result that we judge by. `null` where Adyen says nothing, or something else than expected. */
export interface SeenPayment {
  readonly resultCode: string;
  readonly pspReference: string | null;
  readonly merchantReference: string | null;
  readonly value: number | null;
  readonly currency: string | null;
  readonly redirectUrl: string | null;
  readonly refusal: SeenRefusal;
  readonly brand: string | null;
  readonly last4: string | null;
  /** The reply's own time, RFC 3339; a payment has none in it. */
  readonly date: string | null;
}

export interface SeenRefusal {
  readonly code: string | null;
  readonly reason: string | null;
  /** Mastercard's advice to the merchant, as its two digits. */
  readonly adviceCode: string | null;
}

type Json = Readonly<Record<string, unknown>>;

const HTTP_OK = 200;

export function readEnd(end: CallEnd): Reply {
  switch (end.kind) {
    case 'not_started':
      return { kind: 'not_started' };
    case 'failed':
      return { kind: 'transport', failure: end.failure.kind, detail: end.failure.message };
    case 'replied':
      return readReply(end.reply);
  }
}

function readReply({ status, headers, text: body }: WholeReply): Reply {
  const json = parsed(body);
  if (status === HTTP_OK) {
    const payment = readPayment(json, rfc3339(headers.date));
    if (payment !== null) return { kind: 'payment', payment };
  } else if (text(json, 'errorType') !== null || text(json, 'errorCode') !== null) {
    return {
      kind: 'error',
      status,
      errorCode: text(json, 'errorCode'),
      errorType: text(json, 'errorType'),
      message: text(json, 'message') ?? '',
      pspReference: text(json, 'pspReference'),
    };
  }
  return { kind: 'unreadable', status, detail: `HTTP ${status} without a result or an error of Adyen's` };
}

export function readPayment(json: unknown, date: string | null): SeenPayment | null {
  const resultCode = text(json, 'resultCode');
  if (resultCode === null) return null;
  const amount = field(json, 'amount');
  const action = field(json, 'action');
  const additional = field(json, 'additionalData');
  return {
    resultCode,
    pspReference: text(json, 'pspReference'),
    merchantReference: text(json, 'merchantReference'),
    value: integer(amount, 'value'),
    currency: text(amount, 'currency'),
    redirectUrl: readRedirect(action),
    refusal: {
      code: text(json, 'refusalReasonCode'),
      reason: text(json, 'refusalReason'),
      adviceCode: /^\d{2}/.exec(text(additional, 'merchantAdviceCode') ?? '')?.[0] ?? null,
    },
    brand: text(field(json, 'paymentMethod'), 'brand') ?? text(additional, 'paymentMethod'),
    last4: text(additional, 'cardSummary'),
    date,
  };
}

/** A redirect by POST needs a form that our callers do not have. */
function readRedirect(action: unknown): string | null {
  const isGet = (text(action, 'method') ?? 'GET') === 'GET';
  return text(action, 'type') === 'redirect' && isGet ? text(action, 'url') : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function rfc3339(date: string | undefined): string | null {
  const unixMs = Date.parse(date ?? '');
  return Number.isNaN(unixMs) ? null : new Date(unixMs).toISOString();
}

const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null;

const field = (json: unknown, name: string): unknown => (isObject(json) ? json[name] : undefined);

function text(json: unknown, name: string): string | null {
  const value = field(json, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

function integer(json: unknown, name: string): number | null {
  const value = field(json, name);
  return Number.isSafeInteger(value) ? (value as number) : null;
}
