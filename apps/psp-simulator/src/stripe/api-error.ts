/** An error body of Stripe's API before it is rendered. */
export interface ApiError {
  readonly error: true;
  readonly status: number;
  readonly type: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'card_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  /** Sent as `Stripe-Should-Retry`; absent where Stripe leaves the choice to the client. */
  readonly shouldRetry?: boolean;
}

export function isApiError(value: object): value is ApiError {
  return 'error' in value && value.error === true;
}

export function invalidRequest(message: string, code?: string, param?: string): ApiError {
  return {
    error: true,
    status: 400,
    type: 'invalid_request_error',
    message,
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
    shouldRetry: false,
  };
}

export function missingParam(param: string): ApiError {
  return invalidRequest(`Missing required param: ${param}.`, 'parameter_missing', param);
}

export function noSuchObject(what: string, id: string, status: 400 | 404, param: string): ApiError {
  return { ...invalidRequest(`No such ${what}: '${id}'`, 'resource_missing', param), status };
}

export function unexpectedState(message: string): ApiError {
  return invalidRequest(message, 'payment_intent_unexpected_state');
}

export function unauthorized(authorization: string | undefined): ApiError {
  return {
    error: true,
    status: 401,
    type: 'invalid_request_error',
    message:
      authorization === undefined
        ? 'You did not provide an API key. Send it in the Authorization header, using Bearer auth.'
        : 'Invalid API Key provided.',
  };
}

export function unknownRoute(method: string, path: string): ApiError {
  return {
    error: true,
    status: 404,
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}).`,
    shouldRetry: false,
  };
}

export function keyUsedWithOtherParams(key: string): ApiError {
  return {
    error: true,
    status: 400,
    type: 'idempotency_error',
    message:
      'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
      `Try using a key other than '${key}' if you meant to execute a different request.`,
    shouldRetry: false,
  };
}

export function keyInUse(key: string): ApiError {
  return {
    error: true,
    status: 409,
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Stripe-Idempotency-Key: ${key}.`,
    shouldRetry: true,
  };
}

export const RATE_LIMITED: ApiError = {
  error: true,
  status: 429,
  type: 'invalid_request_error',
  code: 'rate_limit',
  message: 'Request rate limit exceeded.',
};

export const LOCK_TIMEOUT: ApiError = {
  error: true,
  status: 429,
  type: 'invalid_request_error',
  code: 'lock_timeout',
  message: 'This object is locked by another request to our API or by one of our internal processes.',
  shouldRetry: true,
};

const SERVER_ERROR_TEXT = 'An unknown error occurred.';

/** Answered by the API itself: kept under the key, so that repeating the request is of no use. */
export const SERVER_ERROR: ApiError = {
  error: true,
  status: 500,
  type: 'api_error',
  message: SERVER_ERROR_TEXT,
  shouldRetry: false,
};

/** Answered by something in front of the API, which knows nothing of the request. */
export const EDGE_ERROR: ApiError = {
  error: true,
  status: 500,
  type: 'api_error',
  message: SERVER_ERROR_TEXT,
};
