import {
  ErrorType,
  isCommandError,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client';

/** gRPC status codes after which the client makes a new channel by itself. */
const GRPC_CANCELLED = 1;
const GRPC_UNAVAILABLE = 14;

const REFUSALS: ReadonlySet<string> = new Set([
  ErrorType.ACCESS_DENIED,
  ErrorType.STREAM_DELETED,
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
]);

/** Whatever is not listed may have been stored: it is unknown, never a no. */
export const isRefusal = (error: unknown): error is Error => isClientError(error) && REFUSALS.has(error.type);

export const isStreamNotFound = (error: unknown): boolean => error instanceof StreamNotFoundError;

export const isStreamDeleted = (error: unknown): boolean => error instanceof StreamDeletedError;

export const isGroupMissing = (error: unknown): boolean =>
  error instanceof PersistentSubscriptionDoesNotExistError;

export const isGroupThere = (error: unknown): boolean => error instanceof PersistentSubscriptionExistsError;

export const reasonOf = (error: unknown): string => {
  if (isClientError(error)) return `${error.type}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
};

/**
 * Client 6.2.1 fetches the server's features once per channel and keeps a rejected answer, so every later append fails with
 * it; it forgets only when the code is one that makes it reconnect. In-band answers carry no code and are not meant.
 */
export const needsNewClient = (error: unknown): boolean =>
  isClientError(error) &&
  typeof error.code === 'number' &&
  error.code !== GRPC_CANCELLED &&
  error.code !== GRPC_UNAVAILABLE;

interface ClientError extends Error {
  readonly type: string;
  readonly code?: number;
}

/** A failed feature request surfaces as the bare gRPC error, which has a code and no type. */
function isClientError(error: unknown): error is ClientError {
  if (!(error instanceof Error)) return false;
  return isCommandError(error) || 'code' in error;
}
