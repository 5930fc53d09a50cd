import { EventStoreDBClient } from '@eventstore/db-client';
import { Codec } from './codec';

export interface EventStoreOptions {
  /** `esdb://host:port?tls=false` or `esdb+discover://…`. */
  readonly url: string;
  readonly codec: Codec;
  /** How long an append may take before its outcome counts as unknown. */
  readonly appendTimeoutMs?: number;
  /** How long one read of a stream or a page may take. */
  readonly readTimeoutMs?: number;
  /** Shown by the server's statistics; unique per process helps whoever reads them. */
  readonly connectionName?: string;
  /** A connection that never appends does not count towards the limit of one appending connection. */
  readonly readOnly?: boolean;
  /** For tests of the limit itself. */
  readonly allowSecondAppender?: boolean;
}

export const DEFAULT_APPEND_TIMEOUT_MS = 5_000;
export const DEFAULT_READ_TIMEOUT_MS = 10_000;

export function openClient(options: EventStoreOptions, role: 'append' | 'read'): EventStoreDBClient {
  const name = options.connectionName ?? `tender-${process.pid}`;
  const separator = options.url.includes('?') ? '&' : '?';
  // must throw: with `throwOnAppendFailure=false` client 6.2.1 reports revision 1 on every conflict
  const settings = `connectionName=${encodeURIComponent(`${name}-${role}`)}&throwOnAppendFailure=true`;
  return EventStoreDBClient.connectionString(`${options.url}${separator}${settings}`);
}

/** Keeps a late answer from mattering: the timer belongs to us because batch appends and reads have no deadline. */
export function within<T>(timeoutMs: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }, timeoutMs);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
