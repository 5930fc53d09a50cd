import type { ApiError } from './api-error';
import { declineOf } from './declines';
import type { Intent } from './intent';
import { refundOf } from './refund';
import { intentJson, paymentMethodJson, refundJson, type View } from './views';

/**
 * What a request is answered with, kept under its key. Bodies are not kept but rendered again from the same record, which
 * gives the same bytes at a fraction of the memory.
 */
export interface StoredAnswer {
  readonly status: number;
  /** Of the request that was executed; a replay names it in `Original-Request`. */
  readonly requestId: string;
  /** The intent as it was; a card error carries it inside. */
  readonly intent: Intent | null;
  readonly error: ApiError | null;
  readonly expand: readonly string[];
  /** The refund of the intent that is shown instead of it. */
  readonly refundId?: string;
}

export function renderAnswer(answer: StoredAnswer, view: View): string {
  const { intent, error } = answer;
  if (error !== null) return JSON.stringify({ error: errorJson(error, answer, view) });
  if (intent === null) throw new Error('an answer is an intent or an error');
  if (answer.status === 402) return JSON.stringify({ error: cardErrorJson(intent, answer, view) });
  const { refundId, expand } = answer;
  return JSON.stringify(
    refundId === undefined
      ? intentJson(intent, expand, view)
      : refundJson(refundOf(intent, refundId), intent, expand, view),
  );
}

export function errorJson(error: ApiError, answer: StoredAnswer, view: View): object {
  return {
    ...(error.code === undefined ? {} : { code: error.code, doc_url: docUrl(error.code) }),
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(answer.intent === null ? {} : { payment_intent: intentJson(answer.intent, [], view) }),
    ...(error.status === 500 ? {} : { request_log_url: logUrl(answer.requestId) }),
    type: error.type,
  };
}

function cardErrorJson(intent: Intent, answer: StoredAnswer, view: View): object {
  const { lastError } = intent;
  if (lastError === null) throw new Error('a card error without a decline');
  const decline = declineOf(lastError.decline);
  const charge = intent.charges[intent.charges.length - 1];
  return {
    ...(decline.adviceCode === null ? {} : { advice_code: decline.adviceCode }),
    ...(charge === undefined ? {} : { charge: charge.id }),
    code: decline.code,
    decline_code: decline.declineCode,
    doc_url: docUrl(decline.code),
    message: decline.message,
    ...(decline.param === undefined ? {} : { param: decline.param }),
    payment_intent: intentJson(intent, [], view),
    payment_method: paymentMethodJson(lastError.paymentMethod, intent.createdMs),
    request_log_url: logUrl(answer.requestId),
    type: 'card_error',
  };
}

export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

function logUrl(requestId: string): string {
  return `https://dashboard.stripe.com/test/logs/${requestId}`;
}
