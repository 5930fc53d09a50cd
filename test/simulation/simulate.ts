import type { BookTotals, Violation } from '@tender/testing';
import { isOpenOperation } from '@tender/domain';
import { needsPerson } from '@tender/readmodels';
import { Client } from './client';
import type { FaultCounts, ScenarioName } from './faults';
import type { Patches } from './patches';
import { Fleet } from './fleet';
import { Operator } from './operator';
import { World } from './world';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Payments in one world: enough to meet each other, few enough that a failure can be read. */
export const PAYMENTS_A_WORLD = 100;
const ARRIVAL_EVERY_MS = 200;
/** Fast enough for a circuit to learn from the calls of its window. */
const ARRIVAL_EVERY_MS_IN_A_RUSH = 20;
/** Longer than any PSP holds an authorisation. */
export const MONTH_MS = 35 * 24 * HOUR_MS;
const ARRIVE_WITHIN_AT_LEAST_MS = 5_000;
const FAULTY_AFTER_THE_LAST_ARRIVAL_MS = 30_000;
/** Longer than every schedule: the ladder's longest pause, a pending payment, the settling time. */
const DRAIN_WITHIN_MS = 72 * HOUR_MS;
const ASKED_AGAIN_AT_MOST = 20;
const RESTORED_AFTER_MS = 25 * HOUR_MS;

export interface SimulationOptions {
  readonly seed: number;
  readonly payments: number;
  readonly scenario: ScenarioName;
  readonly patches?: Patches;
  readonly counts?: FaultCounts;
  /** For whoever looks for one: what is broken may go on for ever. */
  readonly untilViolated?: boolean;
}

/** What a world was at its end. */
export interface SimulationResult {
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly steps: number;
  readonly historyHash: () => string;
  readonly historyOf: (paymentId: string) => readonly string[];
  readonly paymentIds: readonly string[];
  readonly problems: ReadonlyMap<string, number>;
  /** How many payments and refunds ended in which state. */
  readonly endings: ReadonlyMap<string, number>;
  /** What came together in the books. */
  readonly totals: BookTotals;
}

/**
 * One world from its first payment to its end. First with faults, the safety rules checked at every step; then
 * everything heals, and whatever is still open has to come to a proven end.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const world = new World(options);
  if (options.untilViolated === true) world.scheduler.isOver = () => world.violations.length > 0;
  const fleet = new Fleet(world);
  const clients = Array.from(
    { length: options.payments },
    (_, index) => new Client(world, fleet, `order-${index}`),
  );
  new Operator(world, fleet).start();
  fleet.startAll();
  await withFaults(world, fleet, clients);
  const checkpointGoesBack = world.faults.happens('checkpoint_gone_back');
  const monthPasses = world.faults.happens('month_passes');
  await drained(world, fleet, clients);
  await settledLater(world, fleet, clients);
  if (checkpointGoesBack) await restored(world, fleet);
  if (monthPasses) await world.scheduler.advance(MONTH_MS);
  await concluded(world, fleet, clients);
  fleet.killAll();
  return {
    violations: world.violations,
    events: world.events,
    steps: world.scheduler.steps,
    historyHash: () => world.historyHash(),
    historyOf: (paymentId) => world.historyOf(paymentId),
    paymentIds: clients.map(({ paymentId }) => paymentId),
    problems: world.problems,
    endings: world.auditor.endings(),
    totals: world.books.totals(),
  };
}

async function withFaults(world: World, fleet: Fleet, clients: readonly Client[]): Promise<void> {
  const { chance, scheduler } = world;
  const everyMs = world.faults.happens('rush') ? ARRIVAL_EVERY_MS_IN_A_RUSH : ARRIVAL_EVERY_MS;
  const arriveWithinMs = Math.max(ARRIVE_WITHIN_AT_LEAST_MS, clients.length * everyMs);
  const faultyForMs =
    arriveWithinMs + chance.random() * FAULTY_AFTER_THE_LAST_ARRIVAL_MS + darkness(world, arriveWithinMs);
  for (const client of clients) {
    scheduler.after(chance.random() * arriveWithinMs, () => void client.pay());
  }
  for (const which of [0, 1, 2]) {
    crashes(world, 'worker_crash', () => {
      fleet.killWorker(which);
      return () => {
        fleet.restartWorker(which);
      };
    });
  }
  for (const which of [0, 1, 2]) {
    crashes(world, 'worker_stopped', () => {
      fleet.stopWorker(which, world.standstillMs(chance));
      return () => undefined;
    });
  }
  crashes(world, 'store_restart', () => {
    world.store.restart();
    return () => undefined;
  });
  crashes(world, 'message_timeout', () => {
    world.store.expireDeliveries();
    return () => undefined;
  });
  for (const which of [0, 1]) {
    crashes(world, 'api_crash', () => {
      fleet.killApi(which);
      return () => {
        fleet.restartApi(which);
      };
    });
  }
  await scheduler.advance(faultyForMs);
}

/** A PSP that does not answer for minutes, or for longer than it keeps its keys. */
function darkness(world: World, arriveWithinMs: number): number {
  const { chance, faults, scheduler, psps } = world;
  if (!faults.happens('blackout')) return 0;
  const lastsMs = chance.happens(0.5) ? chance.random() * 10 * MINUTE_MS : chance.between(23, 40) * HOUR_MS;
  scheduler.after(chance.random() * arriveWithinMs, () => {
    chance.oneOf([psps.stripe, psps.stripe, psps.adyen]).blackOut(lastsMs);
  });
  return lastsMs + (chance.happens(0.5) ? 0 : HOUR_MS);
}

type TimedFault = 'worker_crash' | 'worker_stopped' | 'api_crash' | 'store_restart' | 'message_timeout';

/** Kills at random instants, and starts again after a moment, or after longer than a first send may take. */
function crashes(world: World, kind: TimedFault, kill: () => () => void): void {
  const { chance, faults, scheduler } = world;
  const perMinute = faults.perMinute(kind);
  if (perMinute === 0) return;
  const startedAtMs = scheduler.now();
  const next = (): void => {
    // a run that lasts for days needs no more crashes than one of minutes
    const pace = 1 + (scheduler.now() - startedAtMs) / MINUTE_MS;
    scheduler.after((-Math.log(1 - chance.random()) / perMinute) * pace * MINUTE_MS, () => {
      if (faults.perMinute(kind) === 0) return;
      faults.count(kind);
      const restart = kill();
      const outage = faults.happens('long_outage');
      scheduler.after(outage ? chance.between(10, 40) * MINUTE_MS : chance.random() * 5_000, () => {
        restart();
        next();
      });
    });
  };
  next();
}

/** Everything heals; then whatever is open has to end. */
export async function drained(world: World, fleet: Fleet, clients: readonly Client[]): Promise<void> {
  const { faults, scheduler } = world;
  faults.heal();
  // whatever still sleeps from the faulty time comes back within this, and a buyer who does not has given up
  await scheduler.advance(Math.max(4 * HOUR_MS, world.stoppedUntilMs - scheduler.now() + HOUR_MS));
  fleet.startAll();
  for (let asked = 0; asked < ASKED_AGAIN_AT_MOST; asked += 1) {
    await scheduler.advanceUntil(() => isQuiet(world, fleet), DRAIN_WITHIN_MS / ASKED_AGAIN_AT_MOST);
    const unsettled = clients.filter(({ satisfied }) => !satisfied);
    if (unsettled.length === 0 && isQuiet(world, fleet)) break;
    for (const client of unsettled) void client.askAgain();
    await scheduler.advance(MINUTE_MS);
  }
}

/** What schemes, banks and PSPs do by themselves takes days; and what merchants do about it takes a little longer. */
async function settledLater(world: World, fleet: Fleet, clients: readonly Client[]): Promise<void> {
  const leftMs = (): number => world.eventfulUntilMs - world.scheduler.now();
  if (leftMs() <= 0) return;
  while (leftMs() > 0 && !world.scheduler.isOver()) await world.scheduler.advance(leftMs() + 2 * HOUR_MS);
  await drained(world, fleet, clients);
}

/** The read store comes back from a backup of before the first payment, after PSPs have forgotten every key. */
async function restored(world: World, fleet: Fleet): Promise<void> {
  await world.scheduler.advance(RESTORED_AFTER_MS);
  fleet.killAll();
  world.saved.clear();
  world.store.deleteGroups();
  fleet.startAll();
  await world.scheduler.advance(HOUR_MS);
}

export async function concluded(world: World, fleet: Fleet, clients: readonly Client[]): Promise<void> {
  const { auditor, scheduler } = world;
  // a bystander asks every key once more: the outcome must be the one that was told before
  for (const client of clients) void client.askAgain();
  await scheduler.advance(MINUTE_MS);
  // a wake-up may be left from a search that ended by another way: it finds nothing to do
  if ((await fleet.pendingTimers()) > 0) await scheduler.advance(2 * HOUR_MS);
  // somebody may stand still over the last question
  const stoppedForMs = world.stoppedUntilMs - scheduler.now();
  if (stoppedForMs > 0) await scheduler.advance(stoppedForMs + 2 * HOUR_MS);
  for (const client of clients) {
    if (!client.satisfied)
      world.violations.push({ rule: 'nothing_left_open', paymentId: client.paymentId, detail: 'no answer' });
  }
  await settledLater(world, fleet, clients);
  world.books.finish(auditor.truth('EUR'));
  for (const { id, overdrawn } of auditor.overdrawn()) {
    const flow = world.readTarget.documents.get(id)?.openFlow;
    if (flow !== undefined && needsPerson(flow.kind)) continue;
    world.violations.push({
      rule: 'refunds_within_captured',
      paymentId: id,
      detail: `${overdrawn} over, and no case`,
    });
  }
  auditor.finish({ ...fleet.waiting(), timers: await fleet.pendingTimers() });
}

/** What has just been recorded makes nobody wait before it is delivered and projected: quiet is not an instant between. */
const isQuiet = ({ auditor }: World, fleet: Fleet): boolean => {
  if (Object.values(fleet.waiting()).some((size) => size > 0) || !auditor.isFollowed()) return false;
  for (const { operations } of auditor.states()) if (operations.some(isOpenOperation)) return false;
  return true;
};
