import type { ConsumerGroups, GroupDelivery, GroupSubscription, RecordedEvent } from '@tender/eventstore';
import { EventLogUnavailable, SubscriptionDropped } from '@tender/eventstore';
import { Changes } from './changes';
import type { Clock } from './timers/clock';
import { sleep } from './timers/clock';

export interface Delivery {
  /**
   * Somebody may have worked on this event before, here or in another process, and may still do. Then the stream has
   * to be read before anything is done about it, and nothing may be sent that the stream does not tell of first.
   */
  readonly again: boolean;
}

export interface ProcessDeps {
  /** Names the group: all workers that share the events have the same one. */
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly groups: ConsumerGroups;
  readonly clock: Clock;
  readonly report: (problem: ProcessProblem) => void;
  /**
   * Does what the event asks for and ends when that is recorded. Undefined: nothing was to be done. A rejection
   * is tried again, for ever: giving up would be losing a payment in silence.
   */
  readonly handle: (event: RecordedEvent, delivery: Delivery) => Promise<void> | undefined;
  readonly maxInFlight?: number;
  /** Default LOOK_FOR_PARKED_EVERY_MS. */
  readonly lookForParkedEveryMs?: number;
}

export interface ProcessProblem {
  readonly reader: string;
  readonly what: 'subscription_dropped' | 'handling_failed' | 'event_parked' | 'parked_unknown' | 'stopped';
  readonly error: unknown;
}

/** Events whose effects are under way in one process; nothing more is taken at this many. */
export const MAX_EFFECTS_IN_FLIGHT = 1_000;
/** Deliveries that may wait here or be worked on: more than the effects, or a slow PSP would stop the rest. */
export const MAX_HELD_DELIVERIES = 2 * MAX_EFFECTS_IN_FLIGHT;
/** Nothing of ours parks an event, so this looks for what an operator or a server did, ms. */
export const LOOK_FOR_PARKED_EVERY_MS = 30_000;
const RETRY_FIRST_AFTER_MS = 100;
const RETRY_EVERY_AT_MOST_MS = 10_000;
const ENTER_AGAIN_FIRST_AFTER_MS = 100;
const ENTER_AGAIN_AT_MOST_EVERY_MS = 5_000;

export interface ProcessState {
  /** The group gives this process events. */
  readonly connected: boolean;
  readonly inFlight: number;
  /** Events that the group had laid aside when it was last looked; undefined while that is not known. */
  readonly parked: number | undefined;
}

export interface RunningProcess {
  /** Settles when the process ends: resolves after `stop`, rejects when it stopped by itself. */
  readonly finished: Promise<void>;
  readonly state: () => ProcessState;
  /** Leaves the group, so that others go on at once, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Drives a process manager as one of any number of workers: at least once for every event, different streams side by
 * side, the events of one stream one after another, each event acknowledged when its effect is done.
 */
export function runProcess(deps: ProcessDeps): RunningProcess {
  return new GroupWorker(deps);
}

/** An event that is worked on here. It may come again meanwhile; then the later delivery is the one to acknowledge. */
interface UnderWay {
  acknowledge: () => void;
}

class GroupWorker implements RunningProcess {
  readonly finished: Promise<void>;
  private readonly underWay = new Map<string, UnderWay>();
  private readonly tails = new Map<string, Promise<void>>();
  private readonly changes = new Changes();
  private connected = false;
  private parked: number | undefined;
  private stopping = false;
  private subscription: GroupSubscription | undefined;
  private cancelLook: () => void = () => undefined;

  constructor(private readonly deps: ProcessDeps) {
    this.finished = this.run();
    void this.lookForParked();
  }

  readonly state = (): ProcessState => ({
    connected: this.connected,
    inFlight: this.underWay.size,
    parked: this.parked,
  });

  async stop(): Promise<void> {
    this.stopping = true;
    this.cancelLook();
    this.changes.tell();
    await this.subscription?.close();
    while (this.underWay.size > 0) await this.changes.next();
    await this.finished.catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { name, clock, report } = this.deps;
    try {
      for (let drops = 0; !this.stopping; drops += 1) {
        if (await this.workUntilDropped()) drops = 0;
        if (this.isStopping()) break;
        const ms = Math.min(
          ENTER_AGAIN_FIRST_AFTER_MS * 2 ** Math.min(drops, 10),
          ENTER_AGAIN_AT_MOST_EVERY_MS,
        );
        await this.unlessStopped(sleep(clock, ms));
      }
    } catch (error) {
      report({ reader: name, what: 'stopped', error });
      throw error;
    }
  }

  /** @returns whether anything was delivered before the end */
  private async workUntilDropped(): Promise<boolean> {
    const { name: group, groups, prefixes, report } = this.deps;
    let delivered = false;
    let subscription: GroupSubscription | undefined;
    try {
      subscription = groups.join({ group, prefixes, maxUnacknowledged: MAX_HELD_DELIVERIES });
      this.subscription = subscription;
      for await (const batch of subscription) {
        this.connected = true;
        delivered ||= batch.length > 0;
        await this.take(batch, subscription);
        if (this.isStopping()) break;
      }
    } catch (error) {
      if (!(error instanceof SubscriptionDropped || error instanceof EventLogUnavailable)) throw error;
      if (!this.isStopping()) report({ reader: group, what: 'subscription_dropped', error });
    } finally {
      this.connected = false;
      await subscription?.close();
    }
    return delivered;
  }

  private async take(batch: readonly GroupDelivery[], from: GroupSubscription): Promise<void> {
    const max = this.deps.maxInFlight ?? MAX_EFFECTS_IN_FLIGHT;
    for (const delivery of batch) {
      while (this.underWay.size >= max && !this.stopping) await this.changes.next();
      if (this.stopping) return;
      this.start(delivery, () => {
        from.acknowledge(delivery);
      });
    }
  }

  private start({ event, first }: GroupDelivery, acknowledge: () => void): void {
    const already = this.underWay.get(event.id);
    if (already !== undefined) {
      already.acknowledge = acknowledge;
      return;
    }
    const delivery = { again: !first };
    const tail = this.tails.get(event.stream);
    const working =
      tail === undefined ? this.attempt(event, delivery) : tail.then(() => this.attempt(event, delivery));
    if (working === undefined) {
      acknowledge();
      return;
    }
    const entry: UnderWay = { acknowledge };
    this.underWay.set(event.id, entry);
    const done = this.untilDone(event, working).then(
      () => {
        entry.acknowledge();
      },
      () => undefined, // stopped while failing: it comes again, to somebody else
    );
    const finished = done.then(() => {
      this.underWay.delete(event.id);
      if (this.tails.get(event.stream) === finished) this.tails.delete(event.stream);
      this.changes.tell();
    });
    this.tails.set(event.stream, finished);
  }

  private async untilDone(event: RecordedEvent, first: Promise<void>): Promise<void> {
    const { name, clock, report } = this.deps;
    let working: Promise<void> | undefined = first;
    for (let retry = 0; ; retry += 1) {
      try {
        await working;
        return;
      } catch (error) {
        report({ reader: name, what: 'handling_failed', error });
        const ms = Math.min(RETRY_FIRST_AFTER_MS * 2 ** Math.min(retry, 10), RETRY_EVERY_AT_MOST_MS);
        await this.unlessStopped(sleep(clock, ms));
        if (this.isStopping()) throw error;
        working = this.attempt(event, { again: true });
      }
    }
  }

  private attempt(event: RecordedEvent, delivery: Delivery): Promise<void> | undefined {
    try {
      return this.deps.handle(event, delivery);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Nobody is told when an event is laid aside, and its payment would wait for ever. */
  private async lookForParked(): Promise<void> {
    const { name, groups, clock, report } = this.deps;
    try {
      const parked = await groups.parked(name);
      this.parked = parked;
      if (parked > 0) {
        report({ reader: name, what: 'event_parked', error: new Error(`${parked} events were parked`) });
        await groups.driveParked(name);
      }
    } catch (error) {
      this.parked = undefined;
      if (!this.isStopping()) report({ reader: name, what: 'parked_unknown', error });
    }
    if (this.isStopping()) return;
    const everyMs = this.deps.lookForParkedEveryMs ?? LOOK_FOR_PARKED_EVERY_MS;
    this.cancelLook = clock.after(everyMs, () => void this.lookForParked());
  }

  private async unlessStopped(pause: Promise<void>): Promise<void> {
    let over = false;
    const isOver = (): boolean => over;
    void pause.then(() => {
      over = true;
      this.changes.tell();
    });
    while (!isOver() && !this.stopping) await this.changes.next();
  }

  private isStopping(): boolean {
    return this.stopping;
  }
}
