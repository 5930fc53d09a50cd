/** A scheduled piece of work: plain data, so that a queue outside the process can hold it. */
export interface TimerJob {
  readonly stream: string;
  /** The attempt or the operation that is looked at. */
  readonly subject: string;
}

/** What a due timer does. It may happen twice, and early; a rejection is reported, and the job is over. */
export type RunTimer = (job: TimerJob) => Promise<void>;

export interface TimerProblem {
  readonly what: 'timer_not_scheduled' | 'timer_failed' | 'timers_unreachable';
  readonly detail: string;
}

export interface PendingTimers {
  /** Their time has not come. */
  readonly scheduled: number;
  /** Their time has come, and nobody has taken them yet. */
  readonly due: number;
  readonly running: number;
}

/**
 * Wake-ups by key. Timers hold no truth: whatever they would wake is derived again from the open flows, so a
 * lost timer costs time and a duplicated one costs a look at a settled payment. That is why nothing here fails:
 * what cannot be scheduled is reported and left to be derived.
 */
export interface Timers {
  /**
   * Replaces what was scheduled under the key. While the key's job runs, the new one waits: its delay begins at
   * the end of the run at the latest.
   */
  schedule(key: string, afterMs: number, job: TimerJob): void;
  /** Schedules only if no job of the key is waiting for its time; for a running one it may do either. */
  ensure(key: string, afterMs: number, job: TimerJob): void;
  /** For metrics. Rejects when it cannot be known now. */
  pending(): Promise<PendingTimers>;
  /** Starts nothing any more, and waits a limited time for what is running. */
  close(): Promise<void>;
}

/** Whoever runs longer than this when the timers close is left behind, ms. */
export const CLOSE_TIMERS_WITHIN_MS = 3_000;
