import type { PaymentRefusal, RefundRefusal, RoutingRefusal } from '@tender/domain';

/**
 * Every problem this API answers with: RFC 9457 problem details by code. The code is the contract, the title is for
 * people, and neither ever repeats what the caller sent.
 */
const PROBLEMS = {
  malformed_request: [400, 'The request is not well-formed HTTP'],
  malformed_body: [400, 'The body is not well-formed JSON'],
  idempotency_key_missing: [400, 'The Idempotency-Key header is required'],
  idempotency_key_invalid: [400, 'The Idempotency-Key header is malformed'],
  unauthenticated: [401, 'No valid API key was given'],
  signature_invalid: [401, 'The signature does not fit what was sent'],
  forbidden: [403, 'The API key lacks the scope for this'],
  not_found: [404, 'There is nothing here'],
  request_timeout: [408, 'The request was not sent in time'],
  conflict: [409, 'Other requests kept changing this object'],
  operation_in_progress: [409, 'Another capture or cancel of this payment is under way'],
  body_too_large: [413, 'The body is too large'],
  path_too_long: [414, 'The path is too long'],
  unsupported_media_type: [415, 'Only application/json is accepted'],
  validation_failed: [422, 'A field breaks its rule'],
  idempotency_key_reused: [422, 'This Idempotency-Key was used with another request'],
  card_data_forbidden: [422, 'Card numbers are not accepted here'],
  currency_not_supported: [422, 'No payment provider can charge this amount in this currency'],
  no_usable_payment_method: [422, 'No payment provider can use this payment method'],
  not_capturable: [422, 'This payment has nothing to capture'],
  not_cancelable: [422, 'This payment can no longer be canceled'],
  amount_exceeds_authorized: [422, 'The amount is more than what was authorised'],
  amount_exceeds_captured: [422, 'The amount is more than what is left of what was captured'],
  payment_disputed: [422, 'The buyer’s bank has taken this money; the dispute has to end first'],
  too_many_refunds: [422, 'This payment has too many refunds'],
  not_resolvable: [422, 'This has ended: there is nothing to find out about it'],
  not_retryable: [422, 'This refund has not failed, or nothing is owed by it any more'],
  not_abandonable: [422, 'This refund has not failed, or nothing is owed by it any more'],
  too_many_tries: [422, 'This refund was tried too often'],
  no_action_expected: [422, 'This payment does not wait for its buyer'],
  rate_limited: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers are too large'],
  internal_error: [500, 'Something went wrong on our side'],
  unavailable: [503, 'The service cannot confirm this at the moment'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

export const statusOf = (code: ProblemCode): number => PROBLEMS[code][0];

/** Exhaustive: a new refusal of the domain does not compile until it has a public code. */
export const PROBLEM_OF_REFUSAL: Readonly<
  Record<PaymentRefusal['code'] | RefundRefusal['code'] | RoutingRefusal, ProblemCode>
> = {
  idempotency_key_reused: 'idempotency_key_reused',
  attempt_not_found: 'not_found',
  payment_not_found: 'not_found',
  operation_not_found: 'not_found',
  no_action_expected: 'no_action_expected',
  not_capturable: 'not_capturable',
  not_cancelable: 'not_cancelable',
  operation_in_progress: 'operation_in_progress',
  not_resolvable: 'not_resolvable',
  amount_exceeds_authorized: 'amount_exceeds_authorized',
  amount_exceeds_captured: 'amount_exceeds_captured',
  payment_disputed: 'payment_disputed',
  too_many_refunds: 'too_many_refunds',
  not_retryable: 'not_retryable',
  not_abandonable: 'not_abandonable',
  too_many_tries: 'too_many_tries',
  refund_not_found: 'not_found',
  // said to a notice, never to a caller
  news_too_early: 'conflict',
  no_usable_payment_method: 'no_usable_payment_method',
  currency_not_supported: 'currency_not_supported',
};

export interface FieldError {
  /** Dotted path into the body, `metadata.order`; empty for the body itself. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where a request cannot be answered with what it asked for. Its texts are our own, never the caller's. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(code);
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problemJson({ code, details }: Problem, requestId: string): string {
  const [status, title] = PROBLEMS[code];
  return JSON.stringify({
    type: `urn:tender:problem:${code}`,
    title,
    status,
    detail: details.detail ?? title,
    code,
    request_id: requestId,
    ...(details.errors === undefined ? {} : { errors: details.errors }),
  });
}
