import { paymentIdOf } from '@tender/domain';
import { Client, MERCHANT, type Wish } from './client';
import type { FaultKind } from './faults';
import { concluded, drained } from './simulate';
import type { DeathWish, PortCall } from './sim-process';
import { Fleet } from './fleet';
import { World } from './world';

/** A story of one payment, and what may come of it when processes die in it. */
export interface CrashScenario {
  readonly name: string;
  readonly wish: Partial<Wish>;
  /** What goes wrong besides, in this order at the first calls of each kind. */
  readonly faults: readonly FaultKind[];
  /**
   * Other ends that a crash may lead to: where the reply that proved "nothing was charged" is lost with the process,
   * the PSP is asked again, and may then say yes.
   */
  readonly orElse?: readonly string[];
}

export interface CrashPoint {
  readonly process: string;
  readonly call: PortCall;
  readonly when: 'before' | 'after';
}

export interface Ending {
  readonly status: string;
  /** Everything that must be the same with and without a crash. */
  readonly sums: string;
  readonly violations: readonly string[];
}

/** How long a killed process stays away, ms. */
const RESTART_AFTER_MS = 1_000;
/** Longer than a caller goes on asking. */
const STORY_MS = 120_000;
const KEY = 'order-1';
const SEED = 7;
/** The next start of the one that died takes over, which is the hardest case: nobody else helps. */
const WORKERS = 1;

/**
 * Plays the scenario and kills the process that reaches each of the given crash points, by their number of passing;
 * returns how it ended, and every point that was passed.
 */
export async function play(
  scenario: CrashScenario,
  deaths: readonly number[],
): Promise<{ readonly ending: Ending; readonly points: readonly CrashPoint[] }> {
  const points: CrashPoint[] = [];
  const deathWish: DeathWish = (process, call, when) => {
    points.push({ process: process.name, call, when });
    if (!deaths.includes(points.length - 1)) return false;
    world.scheduler.after(RESTART_AFTER_MS, () => {
      fleet.restart(process);
    });
    return true;
  };
  const world: World = new World({ seed: SEED, scenario: 'calm', deathWish });
  const fleet = new Fleet(world, WORKERS);
  for (const kind of scenario.faults) world.faults.next(kind);
  const client = new Client(world, fleet, KEY, scenario.wish);
  fleet.startAll();
  void client.pay();
  await world.scheduler.advance(STORY_MS);
  await drained(world, fleet, [client]);
  await concluded(world, fleet, [client]);
  fleet.killAll();
  return { ending: endingOf(world), points };
}

function endingOf({ auditor, violations }: World): Ending {
  const paymentId = paymentIdOf(MERCHANT, KEY);
  const payment = auditor.stateOf(paymentId);
  const held = auditor
    .chargesOf(paymentId)
    .map(({ psp, amountMinor, captured }) => `${psp} ${amountMinor} ${captured}`);
  const status = payment?.status ?? 'none';
  const sums = `${status}: ${payment?.authorizedMinor ?? 0n} authorised, ${payment?.capturedMinor ?? 0n} captured; at the PSPs: ${held.join(', ')}`;
  return { status, sums, violations: violations.map(({ rule, detail }) => `${rule}: ${detail}`) };
}

/** What is wrong with an ending, or undefined when it is as good as the one without a crash. */
export function difference(scenario: CrashScenario, calm: Ending, crashed: Ending): string | undefined {
  if (crashed.violations.length > 0) return crashed.violations.join('; ');
  if (crashed.sums === calm.sums || scenario.orElse?.includes(crashed.sums) === true) return undefined;
  return `${crashed.sums} instead of ${calm.sums}`;
}
