import { LogRecord } from './record';

/** Bounds of the records kept in memory behind the end of the log; whichever is reached first. */
export const TAIL_RECORDS = 16_384;
export const TAIL_BYTES = 32 * 1024 * 1024;

/**
 * The newest durable records. A reader whose cursor is at or behind {@link floor} finds every later record here,
 * so live subscriptions and reads of busy streams touch no disk page and share one buffer per event.
 */
export class TailRing {
  private records: LogRecord[] = [];
  private start = 0;
  private bytes = 0;
  private floorPosition: number;

  constructor(
    lastPosition: number,
    private readonly evicted: (record: LogRecord) => void,
    private readonly maxRecords = TAIL_RECORDS,
    private readonly maxBytes = TAIL_BYTES,
  ) {
    this.floorPosition = lastPosition;
  }

  /** Every record above this position is in the ring. */
  get floor(): number {
    return this.floorPosition;
  }

  push(record: LogRecord): void {
    this.records.push(record);
    this.bytes += record.stored.length;
    while (this.records.length - this.start > this.maxRecords || this.bytes > this.maxBytes) {
      const oldest = this.records[this.start];
      if (oldest === undefined) break;
      this.start += 1;
      this.bytes -= oldest.stored.length;
      this.floorPosition = oldest.position;
      this.evicted(oldest);
    }
    if (this.start > this.maxRecords) {
      this.records = this.records.slice(this.start);
      this.start = 0;
    }
  }

  /** Up to `limit` records above `position`, which must not be below {@link floor}. */
  after(position: number, limit: number): readonly LogRecord[] {
    let low = this.start;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.records[middle]?.position ?? Infinity) > position) high = middle;
      else low = middle + 1;
    }
    return this.records.slice(low, low + limit);
  }
}
