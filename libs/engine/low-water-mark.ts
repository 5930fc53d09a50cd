import type { Position } from '@tender/eventstore';

interface Entry {
  position: Position;
  done: boolean;
}

/**
 * The position up to which everything is done, while work finishes out of order. A checkpoint taken from here
 * never leaves unfinished work behind it.
 */
export class LowWaterMark {
  private readonly entries: Entry[] = [];
  private head = 0;
  private mark: Position | undefined;

  /** Work at this position begins; positions come in ascending order. The returned function ends it. */
  begin(position: Position): () => void {
    const entry: Entry = { position, done: false };
    this.entries.push(entry);
    return () => {
      entry.done = true;
      this.advance();
    };
  }

  /** Everything up to here was looked at and needed no work. */
  passed(position: Position): void {
    const last = this.entries.at(-1);
    if (last?.done === true && this.entries.length > this.head) last.position = position;
    else this.entries.push({ position, done: true });
    this.advance();
  }

  get position(): Position | undefined {
    return this.mark;
  }

  /** Entries that wait for an older one to end: what unfinished work costs in memory. */
  get length(): number {
    return this.entries.length - this.head;
  }

  private advance(): void {
    for (;;) {
      const entry = this.entries[this.head];
      if (entry?.done !== true) break;
      this.mark = entry.position;
      this.head += 1;
    }
    // shifting one by one would cost a copy each time
    if (this.head > 1_000) {
      this.entries.splice(0, this.head);
      this.head = 0;
    }
  }
}
