import type {
  AppendOutcome,
  Codec,
  ConsumerGroups,
  EventLog,
  GroupSubscription,
  JoinGroup,
  MemoryEventLog,
  MemoryStore,
  RecordedEvent,
  Subscription,
} from '@tender/eventstore';
import { createMemoryEventLog } from '@tender/eventstore';
import type { Clock } from '@tender/engine';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';
import { CONNECTION_LOST_AFTER_MS } from './standstill';

/** The calls by which a process touches the world: between any two of them it can die. */
export type PortCall =
  | 'append'
  | 'read'
  | 'deliver'
  | 'acknowledge'
  | 'authorize'
  | 'lookup'
  | 'complete action'
  | 'capture'
  | 'cancel'
  | 'reverse'
  | 'look up operation'
  | 'refund'
  | 'look up refund'
  | 'identify'
  | 'load checkpoint'
  | 'save checkpoint'
  | 'write read model';

/** Asked before a call has its effect, and after the effect but before the caller hears of it. True: dies here. */
export type DeathWish = (process: SimProcess, call: PortCall, when: 'before' | 'after') => boolean;

/** Asked at the same points: for how long it stands still there, ms. */
export type Halting = (process: SimProcess, call: PortCall, when: 'before' | 'after') => number;

const NEVER_HALTS: Halting = () => 0;

/** One process of the system. When it is killed it neither does nor hears anything more, from that instant on. */
export class SimProcess {
  alive = true;
  /** It does nothing before, ms since the epoch. */
  private stoppedUntilMs = 0;
  /** Ends what the process had running, so that nothing keeps its memory. */
  onKilled: () => void = () => undefined;
  /** Whoever outlives it notices that it says nothing for so long. */
  onStopped: (forMs: number) => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly deathWish: DeathWish,
    private readonly halting: Halting = NEVER_HALTS,
  ) {}

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.onKilled();
  }

  /** It is stopped, and goes on where it stood: what it was told meanwhile it hears then. Resolves when it goes on. */
  standStill(ms: number): Promise<void> {
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, this.scheduler.now() + ms);
    this.onStopped(ms);
    return this.goesOn();
  }

  /** A call to something outside the process. */
  async call<Result>(call: PortCall, effect: () => Promise<Result>): Promise<Result> {
    if (this.diesAt(call, 'before')) return never();
    try {
      this.haltsAt(call, 'before');
      const result = await this.whenItGoesOn(effect);
      this.haltsAt(call, 'after');
      if (this.isStopped) await this.goesOn();
      if (!this.diesAt(call, 'after')) return result;
      return await never();
    } catch (error) {
      if (this.isStopped) await this.goesOn();
      if (!this.alive) return never();
      throw error;
    }
  }

  /** The same for what it does beside its work, which is no point of its own. */
  async whenItGoesOn<Result>(effect: () => Promise<Result>): Promise<Result> {
    if (this.isStopped) await this.goesOn();
    const result = await effect();
    if (this.isStopped) await this.goesOn();
    return result;
  }

  readonly clock: Clock = {
    now: () => this.scheduler.now(),
    after: (ms, run) =>
      this.scheduler.after(ms, () => {
        if (this.isStopped) void this.goesOn().then(run);
        else if (this.alive) run();
      }),
  };

  private get isStopped(): boolean {
    return this.scheduler.now() < this.stoppedUntilMs;
  }

  private goesOn(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.alive) return;
        // it may have been stopped again
        if (this.isStopped) this.scheduler.after(this.stoppedUntilMs - this.scheduler.now(), look);
        else resolve();
      };
      look();
    });
  }

  private haltsAt(call: PortCall, when: 'before' | 'after'): void {
    const ms = this.halting(this, call, when);
    if (ms > 0) void this.standStill(ms);
  }

  private diesAt(call: PortCall, when: 'before' | 'after'): boolean {
    if (this.alive && this.deathWish(this, call, when)) this.kill();
    return !this.alive;
  }
}

/** What a dead process waits for: a promise of its own, since a common one would keep every waiter in memory. */
const never = (): Promise<never> => new Promise(() => undefined);

/** The event log as one process has it: its own connection to the shared store. */
export class SimLog implements EventLog, ConsumerGroups {
  private readonly log: MemoryEventLog;

  constructor(
    private readonly process: SimProcess,
    deps: {
      readonly store: MemoryStore;
      readonly codec: Codec;
      readonly faults: Faults;
      readonly scheduler: Scheduler;
    },
  ) {
    this.log = createMemoryEventLog({
      codec: deps.codec,
      store: deps.store,
      faults: deps.faults,
      // what is on its way when the process dies still arrives
      schedule: (task) => {
        deps.scheduler.deliver(task);
      },
    });
  }

  append(...args: Parameters<EventLog['append']>): Promise<AppendOutcome> {
    const { clock } = this.process;
    const calledAtMs = clock.now();
    return this.process.call('append', () =>
      // whoever stood still writes to a connection that the server has closed
      clock.now() - calledAtMs >= CONNECTION_LOST_AFTER_MS
        ? Promise.resolve({ kind: 'unknown', reason: 'the connection is gone' })
        : this.log.append(...args),
    );
  }

  readStream(stream: string, from?: bigint): Promise<readonly RecordedEvent[]> {
    return this.process.call('read', () => this.log.readStream(stream, from));
  }

  readAll(options: Parameters<EventLog['readAll']>[0]): ReturnType<EventLog['readAll']> {
    return this.process.call('read', () => this.log.readAll(options));
  }

  subscribe(options: Parameters<EventLog['subscribe']>[0]): Subscription {
    const subscription = this.log.subscribe(options);
    const batches = subscription[Symbol.asyncIterator]();
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => this.process.call('deliver', () => batches.next()),
        return: async () => {
          await subscription.close();
          return { done: true, value: undefined };
        },
      }),
      close: () => subscription.close(),
    };
  }

  join(options: JoinGroup): GroupSubscription {
    const subscription = this.log.join(options);
    const batches = subscription[Symbol.asyncIterator]();
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => this.process.call('deliver', () => batches.next()),
        return: async () => {
          await subscription.close();
          return { done: true, value: undefined };
        },
      }),
      acknowledge: (delivery) => {
        void this.process.call('acknowledge', () => {
          subscription.acknowledge(delivery);
          return Promise.resolve();
        });
      },
      close: () => subscription.close(),
    };
  }

  parked(group: string): Promise<number> {
    return this.process.call('read', () => this.log.parked(group));
  }

  driveParked(group: string): Promise<void> {
    return this.process.call('read', () => this.log.driveParked(group));
  }

  /** The server ends whatever this process listens on. */
  dropSubscriptions(reason: string): void {
    this.log.dropSubscriptions(reason);
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
