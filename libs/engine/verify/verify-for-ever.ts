import type { LeasedWork } from '../lease';
import type { Clock } from '../timers/clock';
import type { VerifiedPage } from './verification';

/** One walk over the log, which somebody can go on with later. */
export interface Walk {
  nextPage(): Promise<VerifiedPage>;
  /** Up to here everything was looked at, and what was found is told. */
  save(): Promise<void>;
  /** The end was reached: the next walk begins at the beginning. */
  finish(): Promise<void>;
}

export interface VerifierDeps {
  readonly clock: Clock;
  /** Share of the time that may be spent, above 0 and up to 1: after each page it rests for the remaining share. */
  readonly share: number;
  /** Goes on where the last walk was saved. */
  readonly begin: () => Promise<Walk>;
  readonly onPage: (page: VerifiedPage) => void;
  /** A walk has come to its end. */
  readonly onPass: () => void;
  /** A walk is over before its end; another one begins where it was saved. */
  readonly onFailure: (error: unknown) => void;
}

/** Between two walks, ms: on a small log one would follow upon the other. */
export const REST_BETWEEN_WALKS_MS = 60_000;
/** What may be checked twice after a restart, ms. */
export const SAVE_WALK_EVERY_MS = 10_000;
const AFTER_FAILURE_MS = 5_000;
/** However slow one page was, the next one is not put off for longer, ms. */
export const LONGEST_REST_MS = 60_000;

/** How long to rest after work of this length, ms. */
export const restAfter = (workedMs: number, share: number): number =>
  Math.min(LONGEST_REST_MS, Math.ceil(workedMs * (1 / share - 1)));

/** Walks over the log again and again, within its share of the time. */
export function verifyForEver(deps: VerifierDeps): LeasedWork {
  const { clock, share, begin, onPage, onPass, onFailure } = deps;
  if (!(share > 0 && share <= 1))
    throw new RangeError(`a share of the time is above 0 and at most 1, not ${share}`);
  let wake: () => void = () => undefined;
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const rest = async (ms: number): Promise<void> => {
    if (isStopping()) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  };

  const walkOnce = async (): Promise<void> => {
    const walk = await begin();
    let savedAtMs = clock.now();
    while (!isStopping()) {
      const beganAtMs = clock.now();
      const page = await walk.nextPage();
      onPage(page);
      if (page.done) {
        await walk.finish();
        onPass();
        return;
      }
      if (clock.now() - savedAtMs >= SAVE_WALK_EVERY_MS) {
        await walk.save();
        savedAtMs = clock.now();
      }
      await rest(restAfter(clock.now() - beganAtMs, share));
    }
    await walk.save();
  };

  const run = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await walkOnce();
        await rest(REST_BETWEEN_WALKS_MS);
      } catch (error) {
        onFailure(error);
        await rest(AFTER_FAILURE_MS);
      }
    }
  };

  const finished = run();
  return {
    finished,
    async stop() {
      stopping = true;
      wake();
      await finished;
    },
  };
}
