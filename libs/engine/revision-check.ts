import type { RecordedEvent } from '@tender/eventstore';
import { LRUCache } from 'lru-cache';

/** Streams whose last revision is remembered; older ones are checked again from their next event on. */
export const MAX_CHECKED_STREAMS = 50_000;

export class RevisionGap extends Error {
  override readonly name = 'RevisionGap';
}

/** The events of a stream must arrive without a hole: a skipped event is a payment half told. */
export class RevisionCheck {
  private readonly last: LRUCache<string, bigint>;

  constructor(max = MAX_CHECKED_STREAMS) {
    this.last = new LRUCache({ max });
  }

  /** @returns false when the event was seen before */
  accept({ stream, revision }: Pick<RecordedEvent, 'stream' | 'revision'>): boolean {
    const last = this.last.get(stream);
    if (last !== undefined) {
      if (revision <= last) return false;
      if (revision !== last + 1n) throw new RevisionGap(`${stream}: revision ${revision} follows ${last}`);
    }
    this.last.set(stream, revision);
    return true;
  }
}
