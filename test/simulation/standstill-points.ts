import { START_WITHIN_MS } from '@tender/domain';
import { BEAT_EVERY_MS, TAKEN_OVER_AFTER_MS } from '@tender/engine';
import { LEAVES_WITHIN_MS } from '@tender/psp/resilience';
import type { CrashPoint, CrashScenario, Ending } from './crash-points';
import { difference, endingOf, told } from './crash-points';
import type { Patches } from './patches';
import type { Halting } from './sim-process';
import { keysKeptMs } from './simulated-psp';
import { CONNECTION_LOST_AFTER_MS } from './standstill';
import { PERMIT_WAIT_MS } from './worker-process';

/** A limit that a process may stand still across: what holds before it does not hold behind it. */
interface Limit {
  readonly name: string;
  readonly ms: (scenario: CrashScenario) => number;
  /** How far from it is surely on one side of it, ms. */
  readonly marginMs: number;
  /** Just under it is the same as just over another one. */
  readonly onlyOver?: true;
}

const SEND_WINDOW_MS = PERMIT_WAIT_MS + LEAVES_WITHIN_MS;

const LIMITS: readonly Limit[] = [
  // who waits for it looks once a beat, and the record may be as old when it is first seen
  { name: 'the lease', ms: () => TAKEN_OVER_AFTER_MS, marginMs: 2 * BEAT_EVERY_MS + 100 },
  { name: 'the send window', ms: () => SEND_WINDOW_MS, marginMs: 100 },
  { name: 'the connection', ms: () => CONNECTION_LOST_AFTER_MS, marginMs: 1_000, onlyOver: true },
  { name: 'the time for a first send', ms: () => START_WITHIN_MS, marginMs: 5_000 },
  { name: 'the PSP’s keys', ms: ({ wish }) => keysKeptMs(wish.first ?? 'stripe'), marginMs: 60_000 },
];

/** How long a process stands still, by the limit that it just keeps or just misses. */
export interface Standstill {
  readonly name: string;
  readonly ms: (scenario: CrashScenario) => number;
}

export const STANDSTILLS: readonly Standstill[] = LIMITS.flatMap(({ name, ms, marginMs, onlyOver }) =>
  (onlyOver === true ? (['over'] as const) : (['under', 'over'] as const)).map((side) => ({
    name: `just ${side} ${name}`,
    ms: (scenario: CrashScenario) => ms(scenario) + (side === 'under' ? -marginMs : marginMs),
  })),
);

/** Where a process stood still, and for how long. */
export interface Stop {
  readonly point: CrashPoint;
  readonly forMs: number;
}

/**
 * What a stop may cost besides time, by the word that the merchant is told: nobody was charged, and there is proof of it.
 * A request that was held up does not leave; and a buyer whose word was held up has not authenticated.
 */
const MISSED: Readonly<Record<string, (stop: Stop) => boolean>> = {
  expired: ({ point, forMs }) => isWorker(point) && forMs > SEND_WINDOW_MS,
  authentication_abandoned: ({ point }) => !isWorker(point),
};

const isWorker = ({ process }: CrashPoint): boolean => process.startsWith('worker');

/** What is wrong with an ending, or undefined when it is as good as the one where nobody stood still. */
export function differenceWhenStopped(
  scenario: CrashScenario,
  calm: Ending,
  stopped: Ending,
  stop: Stop,
): string | undefined {
  const differs = difference(scenario, calm, stopped);
  if (differs === undefined || stopped.violations.length > 0) return differs;
  const { failure, sums, books } = stopped;
  if (!isWorker(stop.point) && scenario.orUnheard?.includes(sums) === true) return undefined;
  const isUncharged = sums === NOBODY_CHARGED && books === '';
  return isUncharged && failure !== null && MISSED[failure]?.(stop) === true ? undefined : differs;
}

const NOBODY_CHARGED = 'failed: 0 authorised, 0 captured; at the PSPs: ';

/** Of the stops of a story one in so many is tried, unless all are asked for. */
export const EVERY_STOP = 97;
export const HOT_STOPS: Readonly<Record<string, number>> = {
  'the reply is lost': 1,
  'a capture of a part at Adyen, its reply is lost': 5,
  'a refund, its reply is lost': 5,
};
export const everyStopOf = (story: string): number => HOT_STOPS[story] ?? EVERY_STOP;

/** One stands still, and the other goes on without it. */
const WORKERS = 2;

/**
 * Plays the scenario, and the process that comes to the given point, by its number of passing, stands still there for so
 * long, and goes on where it stood. Returns how it ended, and every point that was passed.
 */
export async function playStopped(
  scenario: CrashScenario,
  stop: { readonly at: number; readonly forMs: number } | undefined,
  patches: Patches = {},
): Promise<{ readonly ending: Ending; readonly points: readonly CrashPoint[] }> {
  const points: CrashPoint[] = [];
  const halting: Halting = (process, call, when) => {
    points.push({ process: process.name, call, when });
    return stop?.at === points.length - 1 ? stop.forMs : 0;
  };
  const world = await told(scenario, () => false, patches, { workers: WORKERS, halting });
  return { ending: endingOf(world), points };
}
