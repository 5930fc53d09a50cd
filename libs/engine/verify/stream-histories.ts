import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { LRUCache } from 'lru-cache';

/** Streams kept until the page is done, some events each. */
const MAX_HISTORIES_KEPT = 1_000;

/** Reads the beginning of a stream that a checker has let go of. Of a page several checkers may ask for the same. */
export class StreamHistories {
  private readonly recent = new LRUCache<string, Promise<readonly RecordedEvent[]>>({
    max: MAX_HISTORIES_KEPT,
  });
  /** Streams read so far: what a small memory costs. */
  reads = 0;

  constructor(private readonly log: Pick<EventLog, 'readStream'>) {}

  /** The events before a revision, as the store gives them now. */
  async before(stream: string, revision: bigint): Promise<readonly RecordedEvent[]> {
    let reading = this.recent.get(stream);
    if (reading === undefined) {
      this.reads += 1;
      reading = this.log.readStream(stream);
      this.recent.set(stream, reading);
    }
    return (await reading).filter((event) => event.revision < revision);
  }

  /** A page is done: what was read for it may be old by the next one. */
  forget(): void {
    this.recent.clear();
  }
}
