import type { Payment } from '@tender/domain';
import { paymentIdOf } from '@tender/domain';
import type { SchemeScript } from './card-schemes';
import { Client, MERCHANT, type Wish } from './client';
import type { FaultKind } from './faults';
import type { Patches } from './patches';
import { concluded, drained } from './simulate';
import type { DeathWish, Halting, PortCall } from './sim-process';
import { Fleet } from './fleet';
import { World } from './world';

/** A story of one payment, and what may come of it when processes die in it. */
export interface CrashScenario {
  readonly name: string;
  readonly wish: Partial<Wish>;
  /** What goes wrong besides, in this order at the first calls of each kind. */
  readonly faults: readonly FaultKind[];
  /** What goes wrong at the calls that follow the first settled answer. */
  readonly later?: readonly FaultKind[];
  /** What schemes and banks do to the charge, where the faults say that they do something. */
  readonly schemes?: SchemeScript;
  /** How long no PSP says anything, from the beginning on. */
  readonly silentMs?: number;
  /** How long the story goes on after everybody has asked for everything. */
  readonly lastsMs?: number;
  /**
   * Other ends that a crash may lead to: where the reply that proved "nothing was charged" is lost with the process,
   * the PSP is asked again, and may then say yes.
   */
  readonly orElse?: readonly string[];
  /** Other ends where a process of the API stands still over a request, and the merchant goes on without its answer. */
  readonly orUnheard?: readonly string[];
}

export interface CrashPoint {
  readonly process: string;
  readonly call: PortCall;
  readonly when: 'before' | 'after';
}

export interface Ending {
  readonly status: string;
  /** Why nothing came of it, in the word that the merchant is told; null: something did. */
  readonly failure: string | null;
  /** Everything that must be the same with and without a crash. */
  readonly sums: string;
  /** What is posted, by account. */
  readonly books: string;
  readonly violations: readonly string[];
}

/** How long a killed process stays away, ms. */
const RESTART_AFTER_MS = 1_000;
/** Longer than a caller goes on asking. */
const STORY_MS = 120_000;
const KEY = 'order-1';
export const STORY_PAYMENT_ID = paymentIdOf(MERCHANT, KEY);
const SEED = 7;

/** Who is there, and what they do besides dying. */
export interface Among {
  readonly workers: number;
  readonly halting?: Halting;
}

/** The next start of the one that died takes over, which is the hardest case: nobody else helps. */
const ALONE: Among = { workers: 1 };

/**
 * Plays the scenario and kills the process that reaches each of the given crash points, by their number of passing;
 * returns how it ended, and every point that was passed.
 */
export async function play(
  scenario: CrashScenario,
  deaths: readonly number[],
  patches: Patches = {},
): Promise<{ readonly ending: Ending; readonly points: readonly CrashPoint[] }> {
  const points: CrashPoint[] = [];
  const dies: DeathWish = (process, call, when) => {
    points.push({ process: process.name, call, when });
    return deaths.includes(points.length - 1);
  };
  const world = await told(scenario, dies, patches);
  return { ending: endingOf(world), points };
}

/** Plays the scenario to its end; who dies by the wish comes back after a moment. */
export async function told(
  scenario: CrashScenario,
  dies: DeathWish,
  patches: Patches = {},
  { workers, halting }: Among = ALONE,
): Promise<World> {
  const deathWish: DeathWish = (process, call, when) => {
    if (!dies(process, call, when)) return false;
    world.auditor.note(STORY_PAYMENT_ID, `${process.name} dies`, `${when} ${call}`);
    world.scheduler.after(RESTART_AFTER_MS, () => {
      fleet.restart(process);
    });
    return true;
  };
  const world: World = new World({
    ...{ seed: SEED, scenario: 'calm', deathWish, patches },
    // as the workers of one installation have it; the one that is alone has nobody to share with
    ...(halting === undefined ? {} : { halting, leased: true }),
  });
  const fleet = new Fleet(world, workers);
  for (const kind of scenario.faults) world.faults.next(kind);
  if (scenario.silentMs !== undefined) {
    for (const psp of Object.values(world.psps)) psp.blackOut(scenario.silentMs);
  }
  for (const psp of Object.values(world.psps)) psp.schemes.script = scenario.schemes ?? {};
  const client = new Client(world, fleet, KEY, { refunds: 'nothing', ...scenario.wish });
  fleet.startAll();
  client.onAnswered = () => {
    for (const kind of scenario.later ?? []) world.faults.next(kind);
  };
  void client.pay();
  await world.scheduler.advance(STORY_MS);
  if (scenario.lastsMs !== undefined) {
    world.faults.heal();
    await world.scheduler.advance(scenario.lastsMs);
  }
  await drained(world, fleet, [client]);
  await concluded(world, fleet, [client]);
  fleet.killAll();
  return world;
}

export function endingOf({ auditor, books, violations }: World): Ending {
  const paymentId = STORY_PAYMENT_ID;
  const payment = auditor.stateOf(paymentId);
  const held = auditor.charges
    .heldFor(paymentId)
    .map(({ psp, amountMinor, captured }) => `${psp} ${amountMinor} ${captured}`);
  const status = payment?.status ?? 'none';
  const sums = `${status}: ${payment?.authorizedMinor ?? 0n} authorised, ${payment?.capturedMinor ?? 0n} captured; at the PSPs: ${held.join(', ')}`;
  const later = payment === null ? '' : laterOf(payment);
  return {
    status,
    failure: payment?.failure?.code ?? null,
    sums: `${sums}${later}`,
    books: books.posted(),
    violations: violations.map(({ rule, detail }) => `${rule}: ${detail}`),
  };
}

/** Nothing where nothing was given back or disputed. */
function laterOf(payment: Payment): string {
  const refunds = payment.refunds.map(({ amountMinor, standing }) => `${amountMinor} ${standing}`);
  const disputes = payment.disputes.map(({ status, withdrawnMinor }) => `${status}, ${withdrawnMinor} out`);
  return [
    ...(refunds.length === 0 ? [] : [`; refunds: ${refunds.sort().join(', ')}`]),
    ...(disputes.length === 0 ? [] : [`; disputes: ${disputes.join(', ')}`]),
  ].join('');
}

/** What is wrong with an ending, or undefined when it is as good as the one without a crash. */
export function difference(scenario: CrashScenario, calm: Ending, crashed: Ending): string | undefined {
  if (crashed.violations.length > 0) return crashed.violations.join('; ');
  if (crashed.sums === calm.sums) {
    // where it may end otherwise, the same end may have been come to by a charge that was given back
    const isSame = scenario.orElse !== undefined || crashed.books === calm.books;
    return isSame ? undefined : `${crashed.books} in the books instead of ${calm.books}`;
  }
  if (scenario.orElse?.includes(crashed.sums) === true) return undefined;
  return `${crashed.sums} instead of ${calm.sums}`;
}
