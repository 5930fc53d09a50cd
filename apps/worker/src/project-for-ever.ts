import {
  Changes,
  type Clock,
  type LeasedWork,
  type ReaderProblem,
  type RunningProjection,
} from '@tender/engine';

export interface ForEver {
  /** In problems. */
  readonly name: string;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
  /**
   * Finds out what is live, and gives what begins to project it at its checkpoint.
   *
   * @param stoppedBy is told why nothing is written, and undefined as soon as something is again
   */
  readonly prepare: (stoppedBy: (why: string | undefined) => void) => Promise<() => RunningProjection>;
  /** Whether it ended since something else is live now: it goes on there at once. */
  readonly isSwitch: (error: unknown) => boolean;
  /** What does not heal by itself may be healed by a person: when it begins again, ms. */
  readonly againAfterMs: (error: unknown) => number;
}

export interface ProjectionForEver extends LeasedWork {
  readonly state: () => {
    readonly live: boolean;
    readonly applied: number;
    /** Why nothing is written, until something is again. */
    readonly stoppedBy: string | undefined;
  };
}

/**
 * A projection that never ends the worker: money moves whether or not it can be listed or booked just now, and the log
 * keeps what has to be. What stops it is told, and tried again.
 */
export function projectForEver({
  name,
  clock,
  report,
  prepare,
  isSwitch,
  againAfterMs,
}: ForEver): ProjectionForEver {
  let running: RunningProjection | undefined;
  let stoppedBy: string | undefined;
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const changes = new Changes();

  const project = async (): Promise<void> => {
    const begin = await prepare((why) => {
      stoppedBy = why;
    });
    if (isStopping()) return;
    running = begin();
    await running.finished;
  };

  const run = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await project();
      } catch (error) {
        if (isSwitch(error)) continue;
        stoppedBy = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        report({ reader: name, what: 'stopped', error });
        if (!isStopping()) await changes.nextWithin(clock, againAfterMs(error));
      } finally {
        running = undefined;
      }
    }
  };

  const finished = run();
  return {
    finished,
    state: () => ({
      live: running?.state().live ?? false,
      applied: running?.state().applied ?? 0,
      stoppedBy,
    }),
    async stop() {
      stopping = true;
      changes.tell();
      await running?.stop();
      await finished;
    },
  };
}
