import type { EventLog, Position, Subscription, SubscriptionBatch } from '@tender/eventstore';
import { EventLogUnavailable, SubscriptionDropped } from '@tender/eventstore';
import type { Checkpoints } from './checkpoints';
import { CHECKPOINT_EVERY_MS } from './checkpoints';
import type { Clock } from './timers/clock';
import { sleep } from './timers/clock';

/** A place in `$all`, kept across drops and restarts. */
export interface ReaderDeps {
  /** Names the checkpoint. */
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
  /** Events in one batch at the most. */
  readonly maxBatch?: number;
}

export interface ReaderProblem {
  readonly reader: string;
  readonly what: 'subscription_dropped' | 'handling_failed' | 'checkpoint_failed' | 'stopped';
  readonly error: unknown;
}

export interface ReaderState {
  /** Caught up at the end of the latest batch. */
  readonly live: boolean;
  readonly position: Position | undefined;
}

const RECONNECT_FIRST_AFTER_MS = 100;
const RECONNECT_EVERY_AT_MOST_MS = 5_000;

/**
 * Reads `$all` from the checkpoint on, for ever: a dropped subscription is opened again after the last event it
 * gave. Everything else that a batch throws, an unknown event type or a gap above all, ends the reader: going on
 * would mean skipping events.
 */
export class Reader {
  private position: Position | undefined;
  private saved: Position | undefined;
  private live = false;
  private stopping = false;
  private cancelSave: (() => void) | undefined;
  private close: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly deps: ReaderDeps,
    private readonly handle: (batch: SubscriptionBatch, live: boolean) => Promise<void>,
    /** Up to where everything is done: what may be saved. */
    private readonly safePosition: () => Position | undefined,
  ) {}

  /** Resolves when stopped; rejects with what made it stop by itself. */
  async run(): Promise<void> {
    const { name, checkpoints, clock } = this.deps;
    this.position = this.saved = await checkpoints.load(name);
    try {
      for (let drops = 0; !this.isStopping(); drops += 1) {
        const before = this.position;
        await this.readUntilDropped();
        if (this.isStopping()) break;
        if (this.position !== before) drops = 0;
        await sleep(
          clock,
          Math.min(RECONNECT_FIRST_AFTER_MS * 2 ** Math.min(drops, 10), RECONNECT_EVERY_AT_MOST_MS),
        );
      }
    } catch (error) {
      this.deps.report({ reader: name, what: 'stopped', error });
      throw error;
    } finally {
      this.cancelSave?.();
      await this.save();
    }
  }

  /** What may be saved has changed: it is saved within CHECKPOINT_EVERY_MS. */
  moved(): void {
    this.cancelSave ??= this.deps.clock.after(CHECKPOINT_EVERY_MS, () => {
      this.cancelSave = undefined;
      void this.save();
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.close();
  }

  get state(): ReaderState {
    return { live: this.live, position: this.position };
  }

  private isStopping(): boolean {
    return this.stopping;
  }

  private async readUntilDropped(): Promise<void> {
    const { name, log, prefixes, report, maxBatch } = this.deps;
    let subscription: Subscription | undefined;
    try {
      const batching = maxBatch === undefined ? {} : { maxBatch };
      subscription = log.subscribe({ after: this.position ?? 'start', prefixes, ...batching });
      this.close = subscription.close.bind(subscription);
      for await (const batch of subscription) {
        if (this.isStopping()) return;
        await this.handle(batch, this.live);
        this.position = batch.position ?? this.position;
        this.live ||= batch.live;
        this.moved();
      }
    } catch (error) {
      if (!(error instanceof SubscriptionDropped || error instanceof EventLogUnavailable)) throw error;
      if (!this.isStopping()) report({ reader: name, what: 'subscription_dropped', error });
    } finally {
      await subscription?.close();
    }
  }

  private async save(): Promise<void> {
    const { name, checkpoints, report } = this.deps;
    const safe = this.safePosition();
    if (safe === undefined || safe === this.saved) return;
    try {
      await checkpoints.save(name, safe);
      this.saved = safe;
    } catch (error) {
      report({ reader: name, what: 'checkpoint_failed', error });
    }
  }
}
