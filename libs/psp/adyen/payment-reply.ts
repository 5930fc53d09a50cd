import { field, integer, text } from './json-fields';
import type { CallEnd } from './one-call-client';
import type { FailedReply } from './reply';
import { readEnd } from './reply';

/** What came back from `/payments` or `/payments/details`. */
export type PaymentReply = { readonly kind: 'payment'; readonly payment: SeenPayment } | FailedReply;

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

const HTTP_OK = 200;

export const readPaymentReply = (end: CallEnd): PaymentReply =>
  readEnd<PaymentReply>(end, (status, json, date) => {
    const payment = status === HTTP_OK ? readPayment(json, date) : null;
    return payment === null ? null : { kind: 'payment', payment };
  });

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
