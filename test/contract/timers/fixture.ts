import {
  bullTimers,
  inProcessTimers,
  systemClock,
  type RunTimer,
  type TimerJob,
  type TimerProblem,
  type Timers,
} from '@tender/engine';
import { VirtualClock } from '@tender/testing';
import { randomUUID } from 'node:crypto';

/** One implementation, with the time it lives in. */
export interface OpenedTimers {
  readonly problems: readonly TimerProblem[];
  nowMs(): number;
  pass(ms: number): Promise<void>;
  /** Lets time pass until it is so. */
  until(isSo: () => boolean | Promise<boolean>): Promise<void>;
  /** One process; where the implementation is for several, all share what is scheduled. */
  start(run: RunTimer): Timers;
  /** Everything that was scheduled is gone. Answers the timers to go on with. */
  lose(run: RunTimer): Promise<Timers>;
  close(): Promise<void>;
}

/** Far beyond what a busy machine may make of a few hundred milliseconds. */
const GIVE_UP_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 5;

const untilWith =
  (time: Pick<OpenedTimers, 'nowMs' | 'pass'>): OpenedTimers['until'] =>
  async (isSo) => {
    const giveUpAtMs = time.nowMs() + GIVE_UP_AFTER_MS;
    while (!(await isSo())) {
      if (time.nowMs() > giveUpAtMs) throw new Error(`not so after ${GIVE_UP_AFTER_MS} ms: ${String(isSo)}`);
      await time.pass(LOOK_EVERY_MS);
    }
  };

/** What ran, and when, in the order of the starts. */
export class Runs {
  readonly jobs: TimerJob[] = [];
  private readonly atMs: number[] = [];
  ended = 0;
  private releases: (() => void)[] = [];

  constructor(private readonly time: Pick<OpenedTimers, 'nowMs'>) {}

  readonly run: RunTimer = (job) => {
    this.jobs.push(job);
    this.atMs.push(this.time.nowMs());
    return Promise.resolve();
  };

  /** Runs until it is released. */
  readonly held: RunTimer = async (job) => {
    await this.run(job);
    await new Promise<void>((resolve) => this.releases.push(resolve));
    this.ended += 1;
  };

  releaseAll(): void {
    for (const release of this.releases) release();
    this.releases = [];
  }

  firstAtMs(): number {
    return this.atMs[0] ?? Number.NaN;
  }

  attempts(): string[] {
    return this.jobs.map(({ subject }) => subject);
  }
}

/** In one process, on a virtual clock. */
export function openInProcess(): OpenedTimers {
  const clock = new VirtualClock();
  const problems: TimerProblem[] = [];
  const started: Timers[] = [];
  const time = {
    nowMs: () => clock.now(),
    pass: (ms: number) => clock.advance(ms),
  };
  const start = (run: RunTimer): Timers => {
    const timers = inProcessTimers({ clock, run, report: (problem) => problems.push(problem) });
    started.push(timers);
    return timers;
  };
  const close = async (): Promise<void> => {
    for (const timers of started) await timers.close();
  };
  return {
    ...time,
    problems,
    until: untilWith(time),
    start,
    async lose(run) {
      await close();
      return start(run);
    },
    close,
  };
}

export interface OpenedBull extends OpenedTimers {
  readonly redisUrl: string;
  readonly prefix: string;
}

/** Short, as the tests wait for it; the same for all processes of a queue. */
export const RECOVER_AFTER_MS = 2_000;

/** On a Redis, in real time; each opening has keys of its own. */
export function openBull(
  redisUrl: string,
  flush: () => Promise<void>,
  recoverAfterMs = RECOVER_AFTER_MS,
): OpenedBull {
  const prefix = `{contract-${randomUUID()}}`;
  const problems: TimerProblem[] = [];
  const started: Timers[] = [];
  const time = {
    nowMs: () => Date.now(),
    pass: (ms: number) => new Promise<void>((resolve) => systemClock.after(ms, resolve)),
  };
  const start = (run: RunTimer): Timers => {
    const report = (problem: TimerProblem): number => problems.push(problem);
    const timers = bullTimers({ redisUrl, prefix, run, report, recoverAfterMs });
    started.push(timers);
    return timers;
  };
  return {
    ...time,
    redisUrl,
    prefix,
    problems,
    until: untilWith(time),
    start,
    async lose(run) {
      await flush();
      return started.at(-1) ?? start(run);
    },
    async close() {
      await Promise.all(started.map((timers) => timers.close()));
    },
  };
}
