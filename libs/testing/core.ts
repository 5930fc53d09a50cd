import { EVENT_CATALOG, type PspGateway } from '@tender/domain';
import type { Checkpoints } from '@tender/engine';
import {
  inProcessTimers,
  isRefundStream,
  paymentCommands,
  PaymentDriver,
  PAYMENT_PREFIX,
  refundCommands,
  RefundDriver,
  REFUND_PREFIX,
  runProcess,
  type Chance,
  type DriverProblem,
  type PaymentDriverDeps,
  type PaymentCommands,
  type RefundCommands,
  type RefundDriverProblem,
  type RunningProcess,
} from '@tender/engine';
import {
  createCodec,
  createMemoryEventLog,
  type MemoryFaults,
  MemoryStore,
  type EventLog,
  type Position,
} from '@tender/eventstore';
import { MortalClock, type VirtualClock } from './virtual-clock';

/** Chance that gives the same for the same seed (mulberry32). */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  let ids = 0;
  return {
    random() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    uuid() {
      ids += 1;
      return `00000000-0000-4000-8000-${(seed * 1_000_003 + ids).toString(16).padStart(12, '0')}`;
    },
  };
}

/** Checkpoints that outlive the processes of a test, as a database does. */
export class MemoryCheckpoints implements Checkpoints {
  readonly saved = new Map<string, Position>();

  load(name: string): Promise<Position | undefined> {
    return Promise.resolve(this.saved.get(name));
  }

  save(name: string, position: Position): Promise<void> {
    this.saved.set(name, position);
    return Promise.resolve();
  }
}

/** What is left when every process is gone: the store, the PSP and the time. */
export interface World {
  readonly clock: VirtualClock;
  readonly gateway: PspGateway;
  readonly store: MemoryStore;
  readonly faults: MemoryFaults;
  readonly problems: (DriverProblem | RefundDriverProblem)[];
  /** Processes started so far: each draws other ids. */
  starts: number;
}

export const newWorld = (clock: VirtualClock, gateway: PspGateway, faults: MemoryFaults = {}): World => ({
  clock,
  gateway,
  store: new MemoryStore(),
  faults,
  problems: [],
  starts: 0,
});

/** One process of the production core on a world. */
export interface Core {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly refundStreams: RefundCommands;
  readonly driver: PaymentDriver;
  readonly refunds: RefundDriver;
  readonly process: RunningProcess;
  stop(): Promise<void>;
  /** Gone from one moment to the next: nothing more is said, saved or answered. */
  kill(): Promise<void>;
}

/** Starts the process manager as the worker wires it, on the in-memory log. */
export function startCore(
  world: World,
  gateways: PaymentDriverDeps['gateways'] = { [world.gateway.psp]: world.gateway },
): Core {
  const { faults, store } = world;
  const clock = new MortalClock(world.clock);
  const chance = seededChance((world.starts += 1));
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store, faults });
  const commands = paymentCommands({ log, clock, chance });
  const timers = inProcessTimers({
    clock,
    run: (job) => (isRefundStream(job.stream) ? refunds : driver).wakeSafely(job),
    report: ({ what, detail }) => {
      throw new Error(`${what}: ${detail}`);
    },
  });
  const refundStreams = refundCommands({ log, clock, chance });
  const refunds = new RefundDriver({
    log,
    commands: refundStreams,
    payments: commands,
    gateways,
    timers,
    clock,
    chance,
    report: (problem) => world.problems.push(problem),
  });
  const driver = new PaymentDriver({
    log,
    commands,
    gateways,
    beginRefund: (initiated, cause) => refunds.begin(initiated, cause),
    retryRefund: (grant, cause) => refunds.retry(grant, cause),
    timers,
    clock,
    chance,
    report: (problem) => world.problems.push(problem),
  });
  const refunding = runProcess({
    name: 'refund-process',
    prefixes: [REFUND_PREFIX],
    groups: log,
    clock,
    report: () => undefined,
    handle: (event, delivery) => refunds.handle(event, delivery),
    lookForParkedEveryMs: 24 * 3_600_000,
  });
  const process = runProcess({
    name: 'payment-process',
    prefixes: [PAYMENT_PREFIX],
    groups: log,
    clock,
    report: () => undefined,
    handle: (event, delivery) => driver.handle(event, delivery),
    // stories of weeks would else be mostly about this
    lookForParkedEveryMs: 24 * 3_600_000,
  });
  return {
    log,
    commands,
    refundStreams,
    driver,
    refunds,
    process,
    async kill() {
      clock.kill();
      process.finished.catch(() => undefined);
      refunding.finished.catch(() => undefined);
      await log.close();
    },
    async stop() {
      driver.stop();
      refunds.stop();
      // a wake-up under way may wait for time, which does not pass while this is awaited
      void timers.close();
      await Promise.all([process.stop(), refunding.stop()]);
      await log.close();
    },
  };
}
