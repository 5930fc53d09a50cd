import { EventStoreDBClient, RecordedEvent as ClientEvent } from '@eventstore/db-client';
import { Codec } from './codec';
import { isStreamDeleted, isStreamNotFound, reasonOf } from './esdb-errors';
import { EsdbReader, toStored } from './esdb-reader';
import { EventLogUnavailable } from './failures';
import { InspectedPage, InspectedRecord, NO_RULES, StreamRules } from './inspection';
import { Position } from './log';

const TOMBSTONE = '$streamDeleted';
/** The metadata of a stream is a stream of its own: `$$` and its name. */
const METASTREAM = '$$';

/** Reads the log as its keeper: what readers stop at is told instead. */
export class EsdbInspector {
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly reader: EsdbReader,
    private readonly codec: Codec,
  ) {}

  async inspectAll(
    after: Position | 'start',
    prefixes: readonly string[],
    maxCount: number,
  ): Promise<InspectedPage> {
    const records: InspectedRecord[] = [];
    const ours = (stream: string): boolean => prefixes.some((prefix) => stream.startsWith(prefix));
    const page = await this.reader.pageOfAll(after, maxCount, (event, position) => {
      const { streamId } = event;
      if (ours(streamId)) records.push(this.recordOf(event, position));
      else if (streamId.startsWith(METASTREAM) && ours(streamId.slice(METASTREAM.length))) {
        records.push({ kind: 'rules_changed', stream: streamId.slice(METASTREAM.length), position });
      }
    });
    return { records, ...page };
  }

  async streamRules(stream: string): Promise<StreamRules> {
    try {
      const { metadata } = await this.client.getStreamMetadata(stream);
      return {
        maxAgeS: metadata?.maxAge,
        maxCount: metadata?.maxCount,
        truncateBefore: revisionOf(metadata?.truncateBefore),
      };
    } catch (error) {
      // a tombstoned stream is told by its own record
      if (isStreamNotFound(error) || isStreamDeleted(error)) return NO_RULES;
      throw new EventLogUnavailable('streamRules', reasonOf(error), { cause: error });
    }
  }

  private recordOf(event: ClientEvent, position: Position): InspectedRecord {
    const { streamId: stream, revision } = event;
    if (event.type === TOMBSTONE) return { kind: 'tombstoned', stream, position };
    try {
      return { kind: 'event', event: this.codec.decode(toStored(event, position)) };
    } catch (error) {
      return { kind: 'unreadable', stream, revision, position, reason: reasonOf(error) };
    }
  }
}

/** The client has words for the two ends of a stream. */
const revisionOf = (bound: number | 'start' | 'end' | undefined): number | undefined => {
  if (bound === 'end') return Number.MAX_SAFE_INTEGER;
  return bound === 'start' ? undefined : bound;
};
