import {
  EventStoreDBClient,
  jsonEvent,
  JSONEventData,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { EncodedEvent } from './codec';
import { DEFAULT_APPEND_TIMEOUT_MS, EventStoreOptions, openClient, within } from './esdb-connection';
import { isRefusal, needsNewClient, reasonOf } from './esdb-errors';
import { AppendRefused } from './failures';
import { AppendOutcome, ExpectedRevision } from './log';

let appenders = 0;

const utf8 = new TextEncoder();

/**
 * Metadata goes as bytes: client 6.2.1 turns an object into base64, which google-protobuf decodes again character by
 * character, twice for each event. For the data of a JSON event it offers no such way.
 */
const proposed = ({ id, type, data, metadata }: EncodedEvent): JSONEventData =>
  jsonEvent({ id, type, data, metadata: utf8.encode(JSON.stringify(metadata)) });

/**
 * Appends, and nothing else, go through this client. Client 6.2.1 keeps pending appends in one map per process and empties
 * it when any batch stream fails: two streams would reject each other's appends and the late replies would crash the
 * process (docs/adr/0001). A failing read on the same client could open a second stream, hence the separate one.
 */
export class EsdbAppender {
  private client: EventStoreDBClient;
  private replacing: Promise<void> | undefined;
  private readonly timeoutMs: number;

  constructor(private readonly options: EventStoreOptions) {
    if (appenders > 0 && options.allowSecondAppender !== true) {
      throw new Error('one appending connection per process: share it, or open the second one with readOnly');
    }
    appenders += 1;
    this.timeoutMs = options.appendTimeoutMs ?? DEFAULT_APPEND_TIMEOUT_MS;
    this.client = openClient(options, 'append');
  }

  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
  ): Promise<AppendOutcome> {
    return within(this.timeoutMs, this.send(stream, expected, events), () => ({
      kind: 'unknown',
      reason: `no answer within ${this.timeoutMs} ms`,
    }));
  }

  async close(): Promise<void> {
    appenders -= 1;
    await this.replacing;
    await this.client.dispose();
  }

  private async send(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
  ): Promise<AppendOutcome> {
    if (this.replacing !== undefined) await this.replacing;
    const { client } = this;
    try {
      const result = await client.appendToStream(stream, events.map(proposed), {
        expectedRevision: expected,
        deadline: this.timeoutMs,
      });
      if (result.position === undefined) return { kind: 'unknown', reason: 'an answer without a position' };
      return { kind: 'appended', revision: result.nextExpectedRevision, position: result.position };
    } catch (error) {
      return this.failed(client, stream, error);
    }
  }

  private failed(client: EventStoreDBClient, stream: string, error: unknown): AppendOutcome {
    if (error instanceof WrongExpectedVersionError) {
      const current = error.actualVersion;
      return { kind: 'wrong_revision', current: typeof current === 'bigint' ? current : 'no_stream' };
    }
    if (isRefusal(error)) throw new AppendRefused(stream, reasonOf(error), { cause: error });
    if (needsNewClient(error) && client === this.client) this.replacing ??= this.replace(client);
    return { kind: 'unknown', reason: reasonOf(error) };
  }

  /** The old streams are gone before the new client opens one: never two at a time. */
  private async replace(client: EventStoreDBClient): Promise<void> {
    await client.dispose();
    this.client = openClient(this.options, 'append');
    this.replacing = undefined;
  }
}
