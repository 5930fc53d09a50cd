import { EventFile } from './event-file';
import { LogRecord, TOMBSTONE_REVISION } from './record';
import { StreamHead, StreamHeads } from './stream-heads';
import { isMetastream, isSoftDeleted, originalOf, StreamMetadata } from './stream-metadata';
import { TailRing } from './tail-ring';

/** A page is materialised, then the read transaction is let go: one held across a wait would pin old pages. */
export const PAGE_RECORDS = 128;
export const PAGE_BYTES = 256 * 1024;

export interface Page {
  readonly records: readonly LogRecord[];
  /** Nothing durable lies beyond this page at this moment. */
  readonly atEnd: boolean;
}

export interface StreamPage extends Page {
  /** Where the next page starts. */
  readonly next: number;
}

export type StreamState = 'tombstoned' | 'missing' | 'live';

/** Reads what is durable, in pages, with the limits that stream metadata sets (`$maxCount`, `$maxAge`, `$tb`). */
export class LogReader {
  constructor(
    private readonly file: EventFile,
    private readonly heads: StreamHeads,
    private readonly ring: TailRing,
    private readonly lastPosition: () => number,
    private readonly now: () => number,
  ) {}

  /** A soft-deleted stream is `missing`; the metastream of a tombstoned stream is tombstoned with it. */
  state(stream: string): StreamState {
    const head = this.heads.head(stream);
    if (head.durableTombstoned) return 'tombstoned';
    if (isMetastream(stream) && this.heads.head(originalOf(stream)).durableTombstoned) return 'tombstoned';
    if (head.durableLast < 0) return 'missing';
    return isSoftDeleted(this.heads.durableMetadata(head)) ? 'missing' : 'live';
  }

  /** -1 if the stream has no event. */
  lastRevision(stream: string): number {
    return this.heads.head(stream).durableLast;
  }

  metadata(stream: string): StreamMetadata {
    return this.heads.durableMetadata(this.heads.head(stream));
  }

  /** The last event of a stream, whatever its metadata hides. */
  lastRecord(stream: string): LogRecord | undefined {
    return this.heads.lastRecord(this.heads.head(stream));
  }

  tombstone(stream: string): LogRecord | undefined {
    const head = this.heads.head(stream);
    return head.durableTombstoned ? this.file.recordAt(head.number, TOMBSTONE_REVISION) : undefined;
  }

  /** Records of `$all` above `position`. */
  allAfter(position: number): Page {
    if (position >= this.ring.floor) {
      const records = this.ring.after(position, PAGE_RECORDS);
      return { records, atEnd: records.length < PAGE_RECORDS };
    }
    const last = this.lastPosition();
    const records = this.file.forward(position + 1, PAGE_RECORDS, PAGE_BYTES);
    while ((records.at(-1)?.position ?? 0) > last) records.pop();
    return { records, atEnd: records.length === 0 || records.at(-1)?.position === last };
  }

  /** Records of `$all` below `position`, newest first. */
  allBefore(position: number): Page {
    const records = this.file.backward(Math.min(position, this.lastPosition() + 1), PAGE_RECORDS, PAGE_BYTES);
    return { records, atEnd: records.length === 0 };
  }

  /** Visible events of a stream from `revision` on. */
  streamFrom(stream: string, revision: number, limit = PAGE_RECORDS): StreamPage {
    this.heads.trim();
    const head = this.heads.head(stream);
    const metadata = this.heads.durableMetadata(head);
    const start = Math.max(revision, lowerBound(head, metadata));
    if (start > head.durableLast) {
      // a soft delete hides all revisions, but a recreated stream goes on behind its last one
      return { records: [], atEnd: true, next: Math.max(revision, head.durableLast + 1) };
    }
    const page = this.slice(head, start, Math.min(limit, PAGE_RECORDS));
    const next = (page.at(-1)?.revision ?? head.durableLast) + 1;
    return { records: this.young(page, metadata), atEnd: next > head.durableLast, next };
  }

  /** Visible events of a stream from `revision` down. */
  streamDown(stream: string, revision: number, limit = PAGE_RECORDS): StreamPage {
    this.heads.trim();
    const head = this.heads.head(stream);
    const metadata = this.heads.durableMetadata(head);
    const least = lowerBound(head, metadata);
    const start = Math.min(revision, head.durableLast);
    if (start < least) return { records: [], atEnd: true, next: start };
    const count = Math.min(limit, PAGE_RECORDS, start - least + 1);
    const first = start - count + 1;
    const page =
      first >= head.firstTailRevision
        ? head.tail.slice(first - head.firstTailRevision, start + 1 - head.firstTailRevision).reverse()
        : this.file.streamPage(head.number, start, count, PAGE_BYTES, true);
    const next = (page.at(-1)?.revision ?? 0) - 1;
    return { records: this.young(page, metadata), atEnd: next < least, next };
  }

  /** The event a link points to, unless it is gone or hidden. */
  linkTarget(stream: string, revision: number): LogRecord | undefined {
    if (this.state(stream) !== 'live') return undefined;
    return this.streamFrom(stream, revision, 1).records.find((record) => record.revision === revision);
  }

  private slice(head: StreamHead, start: number, limit: number): readonly LogRecord[] {
    const inTail = start - head.firstTailRevision;
    if (inTail >= 0) return head.tail.slice(inTail, inTail + limit);
    const records = this.file.streamPage(head.number, start, limit, PAGE_BYTES, false);
    while ((records.at(-1)?.revision ?? 0) > head.durableLast) records.pop();
    return records;
  }

  private young(records: readonly LogRecord[], { maxAgeSeconds }: StreamMetadata): readonly LogRecord[] {
    if (maxAgeSeconds === undefined) return records;
    const oldest = this.now() - maxAgeSeconds * 1000;
    return records.filter((record) => record.createdMs >= oldest);
  }
}

/** The first revision that metadata leaves visible. Events below stay in `$all` until scavenged. */
function lowerBound(head: StreamHead, { truncateBefore, maxCount }: StreamMetadata): number {
  const byCount = maxCount === undefined ? 0 : head.durableLast - maxCount + 1;
  return Math.max(0, truncateBefore ?? 0, byCount);
}
