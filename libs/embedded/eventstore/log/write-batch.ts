import { randomUUID } from 'node:crypto';
import { EventFile } from './event-file';
import { checkExpectedRevision, StreamFacts } from './expected-revision';
import { RecentIds } from './recent-ids';
import { encodeRecord, LogRecord, positionAfter, ProposedEvent, TOMBSTONE_REVISION } from './record';
import { StreamHead, StreamHeads } from './stream-heads';
import {
  isMetastream,
  isSoftDeleted,
  METADATA_EVENT,
  metastreamOf,
  originalOf,
  parseStreamMetadata,
  softDeleteMetadata,
  withTruncateBefore,
} from './stream-metadata';

export interface WriteRequest {
  readonly kind: 'append' | 'soft-delete' | 'tombstone';
  readonly stream: string;
  /** A revision, or one of the codes of `expected-revision.ts`. */
  readonly expected: number;
  /** Empty for deletes. */
  readonly events: readonly ProposedEvent[];
}

export type WriteOutcome =
  /** `revision` is -1 and `position` absent when an empty append wrote nothing. */
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong-expected-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' }
  /** The server stopped or its disk failed: whether the events are stored is unknown. */
  | { readonly kind: 'unavailable' };

const NO_BYTES = new Uint8Array(0);
const STREAM_DELETED_EVENT = '$streamDeleted';

/** Applies requests one after the other, each seeing the ones before it, and issues the puts of one transaction. */
export class WriteBatch {
  readonly records: LogRecord[] = [];
  readonly touched = new Set<StreamHead>();

  constructor(
    private readonly file: EventFile,
    private readonly heads: StreamHeads,
    private readonly recentIds: RecentIds,
    private readonly next: { position: number; streamNumber: number },
    private readonly nowMs: number,
  ) {}

  apply(request: WriteRequest): WriteOutcome {
    const head = this.heads.head(request.stream);
    const softDeleted = isSoftDeleted(this.heads.metadata(head));
    const facts = this.facts(head, softDeleted);
    const ids = request.kind === 'append' ? request.events.map((event) => event.id) : [randomUUID()];
    const verdict = checkExpectedRevision(facts, request.expected, ids);
    switch (verdict.kind) {
      case 'stream-deleted':
        return { kind: 'stream-deleted' };
      case 'wrong-expected-version':
        return { kind: 'wrong-expected-version', current: head.last };
      case 'idempotent':
        return this.original(head, verdict.last);
      case 'ok':
        return this.write(request, head, facts);
    }
  }

  /** Metadata as this batch leaves it becomes what readers see. */
  publish(): void {
    for (const head of this.touched) {
      this.heads.publish(head);
      if (!isMetastream(head.name)) continue;
      const original = this.heads.head(originalOf(head.name));
      const written = this.heads.lastRecord(head);
      if (written === undefined) continue;
      original.metadata = original.durableMetadata = parseStreamMetadata(written.data);
    }
  }

  private write(request: WriteRequest, head: StreamHead, facts: StreamFacts): WriteOutcome {
    switch (request.kind) {
      case 'append':
        return this.append(request, head, facts.softDeleted);
      case 'soft-delete':
        // since 21.10 a stream that never existed cannot be deleted
        if (facts.last < 0 && !facts.hasMetadata) return { kind: 'wrong-expected-version', current: -1 };
        return this.writeMetadata(head.name, softDeleteMetadata());
      case 'tombstone': {
        const record = this.put(head, systemEvent(STREAM_DELETED_EVENT, NO_BYTES, false), TOMBSTONE_REVISION);
        head.tombstoned = true;
        return { kind: 'written', revision: head.last, position: record.position };
      }
    }
  }

  private append(request: WriteRequest, head: StreamHead, softDeleted: boolean): WriteOutcome {
    const firstRevision = head.last + 1;
    let position: number | undefined;
    for (const event of request.events) {
      position = this.put(head, event, head.last + 1).position;
      this.recentIds.remember(head.name, event.id, head.last);
    }
    if (position === undefined) return { kind: 'written', revision: head.last, position };
    const revision = head.last;
    if (isMetastream(head.name)) this.metadataAppended(head, request.events);
    else if (softDeleted) {
      const metastream = this.heads.head(metastreamOf(head.name));
      const last = this.heads.recordAt(metastream, metastream.last)?.data;
      this.writeMetadata(head.name, withTruncateBefore(last, firstRevision));
    }
    return { kind: 'written', revision, position };
  }

  /** Writing metadata to a soft-deleted stream undeletes it too: its old events stay hidden. */
  private metadataAppended(metastream: StreamHead, events: readonly ProposedEvent[]): void {
    const original = this.heads.head(originalOf(metastream.name));
    const wasSoftDeleted = isSoftDeleted(this.heads.metadata(original));
    const written = Buffer.from(events.at(-1)?.data ?? NO_BYTES);
    original.metadata = parseStreamMetadata(written);
    if (wasSoftDeleted) this.writeMetadata(original.name, withTruncateBefore(written, original.last + 1));
  }

  private writeMetadata(stream: string, json: Buffer): WriteOutcome {
    const original = this.heads.head(stream);
    // read the durable value before the metastream moves on
    this.heads.durableMetadata(original);
    const record = this.put(this.heads.head(metastreamOf(stream)), systemEvent(METADATA_EVENT, json, true));
    original.metadata = parseStreamMetadata(json);
    return { kind: 'written', revision: record.revision, position: record.position };
  }

  private put(head: StreamHead, event: ProposedEvent, revision = head.last + 1): LogRecord {
    if (head.number === 0) {
      head.number = this.next.streamNumber++;
      this.file.putStream(head.name, head.number);
    }
    const record = encodeRecord(head.name, revision, this.next.position, this.nowMs, event);
    this.next.position = positionAfter(record.position, record.stored.length);
    this.file.putRecord(head.number, record);
    this.records.push(record);
    this.touched.add(head);
    head.pending.push(record);
    if (revision !== TOMBSTONE_REVISION) head.last = revision;
    return record;
  }

  private original(head: StreamHead, revision: number): WriteOutcome {
    return { kind: 'written', revision, position: this.heads.recordAt(head, revision)?.position };
  }

  private facts(head: StreamHead, softDeleted: boolean): StreamFacts {
    const { heads, recentIds } = this;
    const isMeta = isMetastream(head.name);
    return {
      last: head.last,
      tombstoned: head.tombstoned || (isMeta && heads.head(originalOf(head.name)).tombstoned),
      softDeleted,
      get hasMetadata(): boolean {
        return heads.head(metastreamOf(head.name)).last >= 0;
      },
      recentRevision: (id) => recentIds.revisionOf(head.name, id),
      idAt: (revision) => heads.recordAt(head, revision)?.id,
    };
  }
}

/** An event the server itself writes. */
export function systemEvent(
  type: string,
  data: Uint8Array,
  isJson = true,
  metadata = NO_BYTES,
): ProposedEvent {
  return { id: randomUUID(), type, isJson, metadata, data };
}
