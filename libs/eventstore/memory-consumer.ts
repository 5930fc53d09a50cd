import { MemoryFaults } from './memory-faults';

export interface MemoryConsumerOptions {
  readonly faults: MemoryFaults;
  readonly turn: () => Promise<void>;
  readonly schedule: (task: () => void) => void;
}

/**
 * One reader of the memory store: hands over batch after batch, waits where there is none, and ends where it was closed
 * or has failed. What a batch is, and what it means to be dropped, is the subscription's.
 */
export abstract class MemoryConsumer<Batch> implements AsyncIterator<Batch> {
  protected closed = false;
  protected failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly how: MemoryConsumerOptions) {}

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    return this;
  }

  async next(): Promise<IteratorResult<Batch>> {
    const { turn, faults } = this.how;
    await turn();
    for (;;) {
      if (this.closed) return { done: true, value: undefined };
      if (this.failure !== undefined) throw this.failure;
      const fault = faults.deliver?.();
      if (fault === 'dropped') this.drop('fault');
      else if (fault === 'delayed') await turn();
      else {
        const batch = this.take();
        if (batch !== undefined) return { done: false, value: batch };
        await this.signalled();
      }
    }
  }

  async return(): Promise<IteratorResult<Batch>> {
    await this.close();
    return { done: true, value: undefined };
  }

  abstract close(): Promise<void>;

  /** The server's side of it. */
  abstract drop(reason: string): void;

  /** Undefined where there is nothing to hand over. */
  protected abstract take(): Batch | undefined;

  /** There may be something to hand over, or no more. */
  protected signal(): void {
    const { wake } = this;
    if (wake === undefined) return;
    this.wake = undefined;
    this.how.schedule(wake);
  }

  private async signalled(): Promise<void> {
    if (this.failure !== undefined) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
}
