import { EventFile } from './event-file';
import { LogRecord } from './record';
import {
  METASTREAM_METADATA,
  StreamMetadata,
  isMetastream,
  metastreamOf,
  parseStreamMetadata,
} from './stream-metadata';

/** Heads kept before idle ones are dropped and read from disk again when needed. */
export const HEADS_LIMIT = 100_000;
/** Newest records a head holds on to, so that reading a stream in use touches no disk page. */
export const HEAD_TAIL_RECORDS = 256;

/**
 * What is known of one stream. The writer's fields run ahead of the disk while a batch is being committed;
 * readers look at the `durable…` ones only, so nobody ever sees an event that a power cut could take back.
 */
export class StreamHead {
  /** Key in the index; 0 until the first event. */
  number = 0;
  last = -1;
  tombstoned = false;
  durableLast = -1;
  durableTombstoned = false;
  /** Written, not yet durable. */
  pending: LogRecord[] = [];
  /** The newest durable events without a gap, oldest first. */
  tail: LogRecord[] = [];
  /** Metadata as the writer sees it and as readers do; loaded when first asked for. */
  metadata: StreamMetadata | undefined;
  durableMetadata: StreamMetadata | undefined;

  constructor(readonly name: string) {}

  get firstTailRevision(): number {
    return this.durableLast + 1 - this.tail.length;
  }
}

export class StreamHeads {
  private readonly heads = new Map<string, StreamHead>();

  constructor(
    private readonly file: EventFile,
    private readonly limit = HEADS_LIMIT,
  ) {}

  head(name: string): StreamHead {
    const known = this.heads.get(name);
    if (known !== undefined) return known;
    const head = this.load(name);
    this.heads.set(name, head);
    return head;
  }

  /**
   * Drops idle heads when there are too many. Only to be called while nobody holds a head:
   * one dropped in the middle of a write would be loaded twice and lose the write.
   */
  trim(): void {
    if (this.heads.size <= this.limit) return;
    const wanted = this.limit * 0.9;
    for (const [name, head] of this.heads) {
      if (this.heads.size <= wanted) return;
      const idle = head.pending.length === 0 && head.tail.length === 0;
      if (idle && head.metadata === head.durableMetadata) this.heads.delete(name);
    }
  }

  /** Metadata for readers. */
  durableMetadata(head: StreamHead): StreamMetadata {
    if (head.durableMetadata === undefined) this.loadMetadata(head);
    return head.durableMetadata ?? METASTREAM_METADATA;
  }

  /** Metadata for the writer, with what this batch has changed. */
  metadata(head: StreamHead): StreamMetadata {
    if (head.metadata === undefined) this.loadMetadata(head);
    return head.metadata ?? METASTREAM_METADATA;
  }

  /** The last durable event of a stream, from memory if it is there. */
  lastRecord(head: StreamHead): LogRecord | undefined {
    if (head.durableLast < 0) return undefined;
    return head.tail.at(-1) ?? this.file.recordAt(head.number, head.durableLast);
  }

  recordAt(head: StreamHead, revision: number): LogRecord | undefined {
    if (revision > head.durableLast) return head.pending[revision - head.durableLast - 1];
    return head.tail[revision - head.firstTailRevision] ?? this.file.recordAt(head.number, revision);
  }

  /** The pending events of a head have become durable. */
  publish(head: StreamHead): void {
    for (const record of head.pending) {
      if (!record.isTombstone) head.tail.push(record);
    }
    if (head.tail.length > HEAD_TAIL_RECORDS) head.tail = head.tail.slice(-HEAD_TAIL_RECORDS / 2);
    head.pending = [];
    head.durableLast = head.last;
    head.durableTombstoned = head.tombstoned;
  }

  /** A record left the ring, so its head lets go of it too: memory stays bounded by the ring. */
  forget(record: LogRecord): void {
    const head = this.heads.get(record.stream);
    if (head?.tail[0] === record) head.tail.shift();
  }

  private load(name: string): StreamHead {
    const head = new StreamHead(name);
    const number = this.file.streamNumber(name);
    if (number === undefined) return head;
    const { last, tombstoned } = this.file.streamTail(number);
    head.number = number;
    head.last = head.durableLast = last;
    head.tombstoned = head.durableTombstoned = tombstoned;
    return head;
  }

  private loadMetadata(head: StreamHead): void {
    if (isMetastream(head.name)) {
      head.metadata = head.durableMetadata = METASTREAM_METADATA;
      return;
    }
    const written = this.lastRecord(this.head(metastreamOf(head.name)));
    const metadata = parseStreamMetadata(written?.data ?? Buffer.from('{}'));
    head.durableMetadata ??= metadata;
    head.metadata ??= metadata;
  }
}
