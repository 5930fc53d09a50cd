import type { Clock } from './clock';

/** A scheduled piece of work: plain data, so that a queue outside the process can hold it. */
export interface TimerJob {
  readonly stream: string;
  readonly attemptId: string;
}

/**
 * Wake-ups by key. Timers hold no truth: whatever they would wake is derived again from the open flows, so a
 * lost timer costs time and a duplicated one costs a look at a settled payment.
 */
export interface Timers {
  /** Replaces what was scheduled under the key. */
  schedule(key: string, afterMs: number, job: TimerJob): void;
  has(key: string): boolean;
  /** Pending wake-ups, for metrics. */
  readonly size: number;
  close(): Promise<void>;
}

/** More than this many wake-ups stay derivable from the open flows instead of in memory. */
export const MAX_TIMERS_IN_PROCESS = 100_000;

/**
 * Timers of one process. `run` must not throw: its failures are its own to retry.
 */
export function inProcessTimers(clock: Clock, run: (job: TimerJob) => void): Timers {
  const cancels = new Map<string, () => void>();
  return {
    schedule(key, afterMs, job) {
      cancels.get(key)?.();
      cancels.delete(key);
      if (cancels.size >= MAX_TIMERS_IN_PROCESS) return;
      cancels.set(
        key,
        clock.after(afterMs, () => {
          cancels.delete(key);
          run(job);
        }),
      );
    },
    has: (key) => cancels.has(key),
    get size() {
      return cancels.size;
    },
    close() {
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
      return Promise.resolve();
    },
  };
}
