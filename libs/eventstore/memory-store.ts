import { EncodedEvent, StoredEvent } from './codec';
import { AppendRefused } from './failures';
import { MAX_APPEND_BYTES } from './limits';
import { ExpectedRevision, Position } from './log';
import { MemoryGroup } from './memory-group';

/** Kept as text, so that nothing passes from writer to reader that JSON would not carry; a codec that knows the event by its id may never ask for it. */
class Row implements StoredEvent {
  constructor(
    readonly stream: string,
    readonly revision: bigint,
    readonly position: Position,
    readonly id: string,
    readonly type: string,
    private readonly text: { readonly data: string; readonly metadata: string },
  ) {}

  get data(): unknown {
    return JSON.parse(this.text.data) as unknown;
  }

  get metadata(): unknown {
    return JSON.parse(this.text.metadata) as unknown;
  }
}

export type StoreAnswer =
  | { kind: 'appended'; revision: bigint; position: Position }
  | { kind: 'wrong_revision'; current: bigint | 'no_stream' };

/** Above 0, since a subscription after {0,0} is exclusive and would miss an event there. */
const FIRST_POSITION = 64n;
/** Positions of a real log are byte offsets of aligned records. */
const ALIGNMENT = 8n;
const RECORD_HEADER_BYTES = 64;

/**
 * The durable half of the memory log. It outlives the logs opened on it, so a simulated process can crash and come back, and
 * two versions of the program can work on one store.
 */
export class MemoryStore {
  private readonly rows: Row[] = [];
  private readonly streams = new Map<string, Row[]>();
  private readonly listeners = new Set<() => void>();
  private readonly groups = new Map<string, MemoryGroup>();
  private nextPosition = FIRST_POSITION;

  get size(): number {
    return this.rows.length;
  }

  append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): StoreAnswer {
    const rows = this.streams.get(stream) ?? [];
    const current = rows.length - 1;
    const wanted = expected === 'no_stream' ? -1 : Number(expected);
    if (wanted > current) return wrongRevision(current);
    if (wanted < current) return repeatedAppend(rows, wanted, events) ?? wrongRevision(current);
    return this.write(stream, rows, events);
  }

  stream(name: string, from: number, maxCount: number): StoredEvent[] {
    const rows = this.streams.get(name) ?? [];
    return rows.slice(from, from + maxCount);
  }

  at(index: number): StoredEvent {
    return this.row(index);
  }

  streamAt(index: number): string {
    return this.row(index).stream;
  }

  positionAt(index: number): Position {
    return this.row(index).position;
  }

  /** Index of the first event behind a position, which need not be the position of any event. */
  indexAfter(position: Position): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.row(middle).position.commit <= position.commit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls back after each append that stored something; returns the way to stop it. */
  onAppended(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The group of that name, made by the first who asks for it. */
  group(name: string, prefixes: readonly string[]): MemoryGroup {
    const group = this.groups.get(name) ?? new MemoryGroup(this, prefixes);
    this.groups.set(name, group);
    return group;
  }

  groupIfThere(name: string): MemoryGroup | undefined {
    return this.groups.get(name);
  }

  /** The server goes away and comes back: its groups go on from where they last wrote down how far they were. */
  restart(): void {
    for (const group of this.groups.values()) group.restart('the server was restarted');
  }

  /** Nobody who holds an event has acknowledged it in time: it goes to somebody again. */
  expireDeliveries(): void {
    for (const group of this.groups.values()) group.expire();
  }

  /** Somebody deleted the groups: whoever enters one makes it anew, from the start of the log. */
  deleteGroups(): void {
    for (const group of this.groups.values()) group.restart('the group was deleted');
    this.groups.clear();
  }

  private write(stream: string, rows: Row[], events: readonly EncodedEvent[]): StoreAnswer {
    const texts = events.map((event) => ({
      data: JSON.stringify(event.data),
      metadata: JSON.stringify(event.metadata),
    }));
    const sizes = events.map((event, index) => sizeOf(event.type, texts[index]));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > MAX_APPEND_BYTES)
      throw new AppendRefused(stream, `${total} bytes, at most ${MAX_APPEND_BYTES}`);
    let last: Row | undefined;
    events.forEach((event, index) => {
      const text = texts[index] ?? { data: '', metadata: '' };
      const position = { commit: this.nextPosition, prepare: this.nextPosition };
      last = new Row(stream, BigInt(rows.length), position, event.id, event.type, text);
      rows.push(last);
      this.rows.push(last);
      this.nextPosition += recordLength((sizes[index] ?? 0) + stream.length);
    });
    if (last === undefined) throw new AppendRefused(stream, 'nothing to append');
    this.streams.set(stream, rows);
    for (const listener of [...this.listeners]) listener();
    return { kind: 'appended', revision: last.revision, position: last.position };
  }

  private row(index: number): Row {
    const row = this.rows[index];
    if (row === undefined) throw new RangeError(`no event at index ${index}`);
    return row;
  }
}

/** EventStoreDB 24.10: the same ids at the revisions that this append asked for are its earlier delivery, whatever came later. */
function repeatedAppend(
  rows: readonly Row[],
  wanted: number,
  events: readonly EncodedEvent[],
): StoreAnswer | undefined {
  if (!events.every((event, index) => rows[wanted + 1 + index]?.id === event.id)) return undefined;
  const last = rows[wanted + events.length];
  return last && { kind: 'appended', revision: last.revision, position: last.position };
}

const wrongRevision = (current: number): StoreAnswer => ({
  kind: 'wrong_revision',
  current: current < 0 ? 'no_stream' : BigInt(current),
});

/** As EventStoreDB counts towards `MaxAppendSize`: data, metadata and the type in UTF-16. */
const sizeOf = (type: string, text: { data: string; metadata: string } | undefined): number =>
  Buffer.byteLength(text?.data ?? '') + Buffer.byteLength(text?.metadata ?? '') + 2 * type.length;

const recordLength = (bytes: number): bigint =>
  ((BigInt(RECORD_HEADER_BYTES + bytes) + ALIGNMENT - 1n) / ALIGNMENT) * ALIGNMENT;
