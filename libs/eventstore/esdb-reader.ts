import {
  AllStreamResolvedEvent,
  BACKWARDS,
  END,
  EventStoreDBClient,
  RecordedEvent as ClientEvent,
  START,
  StreamingRead,
} from '@eventstore/db-client';
import { Codec, StoredEvent } from './codec';
import { within } from './esdb-connection';
import { isStreamNotFound, reasonOf } from './esdb-errors';
import { EventLogUnavailable, StreamTooLong } from './failures';
import { MAX_STREAM_EVENTS } from './limits';
import { AllPage, comparePositions, Position, RecordedEvent } from './log';

/** An event as the client gives it, with its JSON already parsed. */
export function toStored(event: ClientEvent, position: Position): StoredEvent {
  return {
    stream: event.streamId,
    revision: event.revision,
    position,
    id: event.id,
    type: event.type,
    data: event.isJson ? event.data : undefined,
    metadata: event.metadata,
  };
}

export class EsdbReader {
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly codec: Codec,
    private readonly timeoutMs: number,
  ) {}

  async readStream(stream: string, from: bigint): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    const source = this.client.readStream(stream, {
      fromRevision: from === 0n ? START : from,
      maxCount: MAX_STREAM_EVENTS + 1,
    });
    try {
      await this.collect('readStream', source, ({ event }) => {
        // a server before 22.6 sends no position, and is too old for everything else here
        if (event?.position === undefined)
          throw new EventLogUnavailable('readStream', 'an event without a position');
        events.push(this.codec.decode(toStored(event, event.position)));
      });
    } catch (error) {
      if (isStreamNotFound(error)) return [];
      throw unavailable('readStream', error);
    }
    if (events.length > MAX_STREAM_EVENTS) throw new StreamTooLong(stream, MAX_STREAM_EVENTS);
    return events;
  }

  async readAll(after: Position | 'start', prefixes: readonly string[], maxCount: number): Promise<AllPage> {
    const events: RecordedEvent[] = [];
    const page = await this.pageOfAll(after, maxCount, (event, at) => {
      if (prefixes.some((prefix) => event.streamId.startsWith(prefix))) {
        events.push(this.codec.decode(toStored(event, at)));
      }
    });
    return { events, ...page };
  }

  /** Hands over the next `maxCount` events of the log, whatever they are. */
  async pageOfAll(
    after: Position | 'start',
    maxCount: number,
    take: (event: ClientEvent, position: Position) => void,
  ): Promise<Omit<AllPage, 'events'>> {
    let position = after === 'start' ? undefined : after;
    let considered = 0;
    // the server reads from a position on, that one included: ask for one more and skip it
    const wanted = after === 'start' ? maxCount + 1 : maxCount + 2;
    const source = this.client.readAll({ fromPosition: after === 'start' ? START : after, maxCount: wanted });
    await this.collectAll(source, (event, at) => {
      if (after !== 'start' && comparePositions(at, after) <= 0) return;
      considered += 1;
      if (considered > maxCount) return;
      position = at;
      take(event, at);
    });
    return { position, end: considered <= maxCount };
  }

  /** Of the last event in the log; undefined in an empty one. */
  async lastPosition(): Promise<Position | undefined> {
    let last: Position | undefined;
    const source = this.client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 });
    await this.collectAll(source, (_, at) => {
      last = at;
    });
    return last;
  }

  private async collectAll(
    source: StreamingRead<AllStreamResolvedEvent>,
    take: (event: ClientEvent, position: Position) => void,
  ): Promise<void> {
    try {
      await this.collect('readAll', source, ({ event }) => {
        if (event !== undefined) take(event, event.position);
      });
    } catch (error) {
      throw unavailable('readAll', error);
    }
  }

  /** `data` events cost a third of `for await` per event; the caller's `maxCount` bounds what arrives. */
  private collect<E>(operation: string, source: StreamingRead<E>, take: (item: E) => void): Promise<void> {
    const work = new Promise<void>((resolve, reject) => {
      source.on('error', reject);
      source.on('end', resolve);
      source.on('data', (item: E) => {
        try {
          take(item);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          cancel(source);
        }
      });
    });
    return within(this.timeoutMs, work, () => {
      cancel(source);
      throw new EventLogUnavailable(operation, `no answer within ${this.timeoutMs} ms`);
    });
  }
}

function cancel<E>(source: StreamingRead<E>): void {
  source.removeAllListeners('data');
  source.cancel().catch(() => undefined);
}

/** Errors of ours (unknown type, malformed event) pass as they are. */
function unavailable(operation: string, error: unknown): unknown {
  const fromClient = error instanceof Error && ('code' in error || '_raw' in error);
  return fromClient ? new EventLogUnavailable(operation, reasonOf(error), { cause: error }) : error;
}
