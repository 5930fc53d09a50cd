import { Faults } from '../faults';
import { Durability, EventFile } from './event-file';
import { GroupCommit } from './group-commit';
import { LogReader } from './log-reader';
import { RecentIds } from './recent-ids';
import { LogRecord, ProposedEvent } from './record';
import { StreamHeads } from './stream-heads';
import { TailRing } from './tail-ring';
import { WriteBatch, WriteOutcome, WriteRequest } from './write-batch';

export interface EventLogOptions {
  readonly directory: string;
  readonly durability: Durability;
  readonly faults: Faults;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Newest records kept in memory; default `TAIL_RECORDS`. */
  readonly tailRecords?: number | undefined;
  /** The disk refused a commit and the log has closed itself to writes. */
  readonly failed: (reason: unknown) => void;
}

/** The store behind the RPCs: one ordered log, its streams, one writer, and a bell that rings when something is durable. */
export class EventLog {
  readonly reader: LogReader;
  private readonly heads: StreamHeads;
  private readonly ring: TailRing;
  private readonly recentIds = new RecentIds();
  private readonly writer: GroupCommit;
  private readonly next: { position: number; streamNumber: number };
  private readonly listeners = new Set<() => void>();
  private readonly streamListeners = new Map<string, Set<() => void>>();
  private last: number;

  private constructor(
    private readonly file: EventFile,
    private readonly options: EventLogOptions,
  ) {
    const end = file.end();
    this.last = end.last;
    this.next = { position: end.next, streamNumber: file.nextStreamNumber() };
    this.heads = new StreamHeads(file);
    const evicted = (record: LogRecord): void => {
      this.heads.forget(record);
    };
    this.ring = new TailRing(end.last, evicted, options.tailRecords);
    this.reader = new LogReader(file, this.heads, this.ring, () => this.last, options.now);
    this.writer = new GroupCommit((requests) => this.commit(requests), options.failed);
  }

  static async open(options: EventLogOptions): Promise<EventLog> {
    const file = new EventFile(options.directory, options.durability);
    await file.checkFormat();
    return new EventLog(file, options);
  }

  /** Position of the newest durable record: every read and subscription is bounded by it. */
  get lastPosition(): number {
    return this.last;
  }

  submit(request: WriteRequest, done: (outcome: WriteOutcome) => void): void {
    this.writer.submit(request, done);
  }

  write(request: WriteRequest): Promise<WriteOutcome> {
    return new Promise((resolve) => {
      this.writer.submit(request, resolve);
    });
  }

  append(stream: string, expected: number, events: readonly ProposedEvent[]): Promise<WriteOutcome> {
    return this.write({ kind: 'append', stream, expected, events });
  }

  /** Calls `wake` after each commit that touched the stream, or after each commit; returns how to stop. */
  onCommit(stream: string | undefined, wake: () => void): () => void {
    if (stream === undefined) {
      this.listeners.add(wake);
      return () => this.listeners.delete(wake);
    }
    const waiting = this.streamListeners.get(stream) ?? new Set();
    this.streamListeners.set(stream, waiting.add(wake));
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.streamListeners.get(stream) === waiting)
        this.streamListeners.delete(stream);
    };
  }

  /** As after a restart or a change of leader: a retry with `any` is no longer recognised. */
  forgetRecentIds(): void {
    this.recentIds.forget();
  }

  /** Wakes every subscription though nothing happened. */
  wakeAll(): void {
    for (const wake of this.listeners) wake();
    for (const waiting of this.streamListeners.values()) for (const wake of waiting) wake();
  }

  /** Answers what is being committed, refuses what is queued and what comes. */
  stopWriting(): Promise<void> {
    return this.writer.close();
  }

  async close(): Promise<void> {
    await this.stopWriting();
    await this.file.close();
  }

  private async commit(requests: readonly WriteRequest[]): Promise<WriteOutcome[]> {
    const { faults, now } = this.options;
    await faults.beforeCommit();
    this.heads.trim();
    const batch = new WriteBatch(this.file, this.heads, this.recentIds, this.next, now());
    // no await between the puts: lmdb makes one transaction of those of one turn
    const outcomes = requests.map((request) => batch.apply(request));
    if (batch.records.length > 0) await this.file.committed();
    batch.publish();
    for (const record of batch.records) this.ring.push(record);
    this.last = batch.records.at(-1)?.position ?? this.last;
    faults.beforeReply();
    if (batch.records.length > 0)
      setImmediate(() => {
        this.wake(batch.records);
      });
    return outcomes;
  }

  private wake(records: readonly LogRecord[]): void {
    for (const wake of this.listeners) wake();
    if (this.streamListeners.size === 0) return;
    const woken = new Set<Set<() => void>>();
    for (const record of records) {
      const waiting = this.streamListeners.get(record.stream);
      if (waiting !== undefined) woken.add(waiting);
    }
    for (const waiting of woken) for (const wake of waiting) wake();
  }
}
