import { EventLog } from '../log/event-log';
import { LogRecord } from '../log/record';
import { EventFilter, isVisibleInAll, toEventFilter } from '../rpc/event-filter';
import { resolveLink } from '../rpc/read-messages';
import { ALL_STREAM, GroupDefinition, StartFrom } from './group-settings';
import { GroupMessage, recordOf } from './message';

/** The reading half of a group: numbers every event it considers and keeps those that match. */
export class GroupSource {
  private readonly onAll: boolean;
  private readonly matches: EventFilter;
  /** Exclusive. */
  private cursor: number;
  /** The last event considered, matching or not. */
  place: number;
  sequence = 0;

  /** @param checkpoint the group goes on behind it; without one it starts where the settings say */
  constructor(
    private readonly log: EventLog,
    private readonly definition: GroupDefinition,
    checkpoint: number | undefined,
  ) {
    this.onAll = definition.stream === ALL_STREAM;
    this.matches = definition.filter === undefined ? () => true : toEventFilter(definition.filter);
    this.cursor = checkpoint ?? this.startBehind(definition.settings.startFrom);
    this.place = this.cursor;
  }

  /** Place of the newest event there is; -1 when there is none. */
  get lastKnown(): number {
    return this.onAll ? this.log.lastPosition : this.log.reader.lastRevision(this.definition.stream);
  }

  read(limit: number): { readonly messages: GroupMessage[]; readonly atEnd: boolean } {
    const { records, atEnd } = this.page(limit);
    const messages: GroupMessage[] = [];
    for (const record of records) {
      const placeBefore = this.place;
      this.place = this.placeOf(record);
      this.sequence += 1;
      if (this.onAll && !(isVisibleInAll(record) && this.matches(record))) continue;
      const resolved = resolveLink(this.log.reader, record, this.definition.settings.resolveLinks);
      messages.push({
        id: recordOf(resolved).id,
        resolved,
        place: this.place,
        placeBefore,
        sequence: this.sequence,
        replayed: false,
        retryCount: 0,
      });
    }
    return { messages, atEnd };
  }

  private page(limit: number): { readonly records: readonly LogRecord[]; readonly atEnd: boolean } {
    if (!this.onAll) {
      const page = this.log.reader.streamFrom(this.definition.stream, this.cursor + 1, limit);
      this.cursor = page.next - 1;
      return page;
    }
    const { records, atEnd } = this.log.reader.allAfter(this.cursor);
    const taken = records.slice(0, limit);
    this.cursor = taken.at(-1)?.position ?? this.cursor;
    return { records: taken, atEnd: atEnd && taken.length === records.length };
  }

  private placeOf(record: LogRecord): number {
    return this.onAll ? record.position : record.revision;
  }

  private startBehind(startFrom: StartFrom): number {
    return startFrom === 'end' ? this.lastKnown : startFrom - 1;
  }
}
