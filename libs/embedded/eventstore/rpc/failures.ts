import { Metadata, status } from '@grpc/grpc-js';

/** A refusal as gRPC carries it. The `exception` trailer decides which error class the official client throws. */
export class RpcFailure extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    this.name = 'RpcFailure';
  }

  toStatus(): { code: status; details: string; metadata: Metadata } {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(this.trailers)) metadata.set(key, trailerText(value));
    return { code: this.code, details: this.details, metadata };
  }
}

/** gRPC metadata is ASCII, stream names are not. The official client does not decode what it gets. */
function trailerText(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}

/** Anything thrown that is not a refusal is a bug, and says so to the caller. */
export function asFailure(reason: unknown): RpcFailure {
  if (reason instanceof RpcFailure) return reason;
  return new RpcFailure(status.INTERNAL, reason instanceof Error ? reason.message : String(reason));
}

export const invalidArgument = (details: string): RpcFailure =>
  new RpcFailure(status.INVALID_ARGUMENT, details);
export const unavailable = (): RpcFailure => new RpcFailure(status.UNAVAILABLE, 'Server Is Not Ready');
export const shuttingDown = (): RpcFailure => new RpcFailure(status.CANCELLED, 'Server is shutting down');
export const unauthenticated = (): RpcFailure => new RpcFailure(status.UNAUTHENTICATED, 'Unauthenticated');
export const timedOut = (): RpcFailure =>
  new RpcFailure(status.ABORTED, 'Operation timed out: the commit took too long.');

export const accessDenied = (): RpcFailure =>
  new RpcFailure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const streamDeleted = (stream: string): RpcFailure =>
  new RpcFailure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (stream: string, expected: number, actual: number): RpcFailure =>
  new RpcFailure(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      'actual-version': String(actual),
    },
  );

export const maximumAppendSizeExceeded = (maxBytes: number): RpcFailure =>
  new RpcFailure(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxBytes),
  });

export const missingMetadataProperty = (property: string): RpcFailure =>
  new RpcFailure(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const notLeader = (host: string, port: number): RpcFailure =>
  new RpcFailure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

const groupFailure =
  (code: status, exception: string, text: (stream: string, group: string) => string) =>
  (stream: string, group: string): RpcFailure =>
    new RpcFailure(code, text(stream, group), { exception, 'stream-name': stream, 'group-name': group });

export const groupDoesNotExist = groupFailure(
  status.NOT_FOUND,
  'persistent-subscription-does-not-exist',
  (stream, group) => `Subscription group ${group} on stream ${stream} does not exist.`,
);

export const groupExists = groupFailure(
  status.ALREADY_EXISTS,
  'persistent-subscription-exists',
  (stream, group) => `Subscription group ${group} on stream ${stream} exists.`,
);

export const groupDropped = groupFailure(
  status.CANCELLED,
  'persistent-subscription-dropped',
  (stream, group) => `Subscription group ${group} on stream ${stream} was dropped.`,
);

export const groupFull = groupFailure(
  status.FAILED_PRECONDITION,
  'maximum-subscribers-reached',
  (stream, group) => `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
);

export const groupFailed = (stream: string, group: string, reason: string): RpcFailure =>
  new RpcFailure(status.INTERNAL, `Subscription group ${group} on stream ${stream} failed: '${reason}'`, {
    exception: 'persistent-subscription-failed',
    'stream-name': stream,
    'group-name': group,
    reason,
  });
