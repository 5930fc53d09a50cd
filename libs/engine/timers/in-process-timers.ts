import type { Clock } from './clock';
import { CLOSE_TIMERS_WITHIN_MS, type RunTimer, type TimerProblem, type Timers } from './timers';
import { withinMs } from './within';

/** More than this many wake-ups stay derivable from the open flows instead of in memory. */
export const MAX_TIMERS_IN_PROCESS = 100_000;

export interface InProcessTimersOptions {
  readonly clock: Clock;
  readonly run: RunTimer;
  readonly report: (problem: TimerProblem) => void;
}

/** Timers of one process, for one process: they end with it. */
export function inProcessTimers({ clock, run, report }: InProcessTimersOptions): Timers {
  const cancels = new Map<string, () => void>();
  const running = new Set<Promise<void>>();
  let closed = false;
  const start: RunTimer = async (job) => {
    try {
      await run(job);
    } catch (error) {
      report({ what: 'timer_failed', detail: String(error) });
    }
  };
  const schedule: Timers['schedule'] = (key, afterMs, job) => {
    cancels.get(key)?.();
    cancels.delete(key);
    if (closed || cancels.size >= MAX_TIMERS_IN_PROCESS) return;
    const due = (): void => {
      cancels.delete(key);
      const run = start(job).finally(() => running.delete(run));
      running.add(run);
    };
    cancels.set(key, clock.after(afterMs, due));
  };
  return {
    schedule,
    ensure(key, afterMs, job) {
      if (!cancels.has(key)) schedule(key, afterMs, job);
    },
    pending: () => Promise.resolve({ scheduled: cancels.size, due: 0, running: running.size }),
    async close() {
      closed = true;
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
      if (running.size > 0) await withinMs(clock, CLOSE_TIMERS_WITHIN_MS, Promise.all(running));
    },
  };
}
