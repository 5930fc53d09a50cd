import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

/** Somebody with the vendor's own tool, who does to streams what no process of ours does. */
export interface StreamOperator {
  setRules(
    stream: string,
    rules: { maxAge?: number; maxCount?: number; truncateBefore?: number },
  ): Promise<void>;
  /** The stream can come back, its events cannot. */
  softDelete(stream: string): Promise<void>;
  tombstone(stream: string): Promise<void>;
  append(stream: string, type: string, data: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export function streamOperator(url: string): StreamOperator {
  const client = EventStoreDBClient.connectionString(url);
  return {
    async setRules(stream, rules) {
      await client.setStreamMetadata(stream, rules);
    },
    async softDelete(stream) {
      await client.deleteStream(stream);
    },
    async tombstone(stream) {
      await client.tombstoneStream(stream);
    },
    async append(stream, type, data) {
      await client.appendToStream(stream, jsonEvent({ type, data }));
    },
    close: () => client.dispose(),
  };
}
