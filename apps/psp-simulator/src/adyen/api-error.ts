/** An error of Adyen's API before it is rendered. Source: Adyen docs, "API error codes" and "API idempotency". */
export interface ApiError {
  readonly error: true;
  readonly status: number;
  readonly errorCode: string;
  readonly errorType: 'validation' | 'security' | 'internal';
  readonly message: string;
  /** Sent as `transient-error: true`: the same key may be sent again. */
  readonly transient?: boolean;
}

export function isApiError(value: object): value is ApiError {
  return 'error' in value && value.error === true;
}

export function errorBody({ status, errorCode, message, errorType }: ApiError): string {
  return JSON.stringify({ status, errorCode, message, errorType });
}

const make = (
  status: number,
  errorCode: string,
  errorType: ApiError['errorType'],
  message: string,
  transient = false,
): ApiError => ({ error: true, status, errorCode, errorType, message, ...(transient && { transient }) });

export const invalid = (errorCode: string, message: string): ApiError =>
  make(422, errorCode, 'validation', message);

export const UNPARSABLE = make(400, '702', 'validation', 'Unable to parse the request.');
export const UNAUTHORIZED = make(401, '000', 'security', 'HTTP Status Response - Unauthorized');
export const WRONG_ACCOUNT = make(403, '901', 'security', 'Invalid Merchant Account');
export const UNKNOWN_ROUTE = make(404, '000', 'validation', 'There is no such service.');
export const TOO_MANY = make(429, '429', 'validation', 'Too many requests.');
export const SERVER_ERROR = make(500, '903', 'internal', 'Internal error');
export const BUSY = make(503, '703', 'validation', 'required resource temporarily unavailable', true);

/** @param status 409 in the present docs, 422 in older ones */
export const keyInProgress = (status: 409 | 422): ApiError =>
  make(status, '704', 'validation', 'request already processed or in progress', true);

/** A key that was used for another request. */
export const KEY_REUSED = make(422, '704', 'validation', 'request already processed or in progress');
