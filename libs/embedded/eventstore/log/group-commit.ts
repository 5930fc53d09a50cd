import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises';
import { WriteOutcome, WriteRequest } from './write-batch';

/** One transaction takes at most this much, so that one turn of the event loop stays short. */
export const BATCH_OPERATIONS = 1_000;
export const BATCH_BYTES = 4 * 1024 * 1024;
/** A batch larger than this makes the next one wait for company: with few writers waiting would only add latency. */
const LONELY_BATCH = 2;
const GATHER_MS = 1;

type Done = (outcome: WriteOutcome) => void;

interface Queued {
  readonly request: WriteRequest;
  readonly done: Done;
}

/** Makes the outcomes of a batch durable; rejects when the disk refused. */
export type CommitBatch = (requests: readonly WriteRequest[]) => Promise<WriteOutcome[]>;

/**
 * The single writer. It takes whatever has queued up, commits it as one transaction and answers only then: also a refusal
 * may rest on a write of the same batch. One batch is in flight at a time.
 */
export class GroupCommit {
  private queue: Queued[] = [];
  private running = false;
  private closed = false;
  private idle: Promise<void> = Promise.resolve();
  private gathered: { readonly size: number; readonly wake: () => void } | undefined;

  constructor(
    private readonly commit: CommitBatch,
    /** The disk refused a transaction. Memory is ahead of it now, so the server must end. */
    private readonly failed: (reason: unknown) => void,
  ) {}

  submit(request: WriteRequest, done: Done): void {
    if (this.closed) {
      done({ kind: 'unavailable' });
      return;
    }
    this.queue.push({ request, done });
    if (this.gathered !== undefined && this.queue.length >= this.gathered.size) this.gathered.wake();
    if (this.running) return;
    this.running = true;
    this.idle = this.run();
  }

  /** Refuses what is queued and waits for the batch in flight. */
  async close(): Promise<void> {
    this.closed = true;
    this.gathered?.wake();
    await this.idle;
  }

  private async run(): Promise<void> {
    let previous = 0;
    while (this.queue.length > 0 && !this.closed) {
      if (previous > LONELY_BATCH) await this.gather(previous);
      else await endOfTurn();
      const batch = this.take();
      previous = batch.length;
      if (!(await this.commitBatch(batch))) break;
    }
    this.running = false;
    if (!this.closed) return;
    for (const { done } of this.queue.splice(0)) done({ kind: 'unavailable' });
  }

  private async commitBatch(batch: readonly Queued[]): Promise<boolean> {
    try {
      const outcomes = await this.commit(batch.map(({ request }) => request));
      for (const [index, { done }] of batch.entries()) done(outcomes[index] ?? { kind: 'unavailable' });
      return true;
    } catch (reason) {
      this.closed = true;
      for (const { done } of batch) done({ kind: 'unavailable' });
      this.failed(reason);
      return false;
    }
  }

  private async gather(size: number): Promise<void> {
    if (this.queue.length >= size) {
      await endOfTurn();
      return;
    }
    const company = new Promise<void>((wake) => {
      this.gathered = { size, wake };
    });
    const patience = new AbortController();
    await Promise.race([
      company,
      pause(GATHER_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    this.gathered = undefined;
  }

  private take(): Queued[] {
    let bytes = 0;
    let count = 0;
    for (const { request } of this.queue) {
      for (const event of request.events) bytes += event.data.length + event.metadata.length;
      if (count > 0 && (count >= BATCH_OPERATIONS || bytes > BATCH_BYTES)) break;
      count += 1;
    }
    return this.queue.splice(0, count);
  }
}
