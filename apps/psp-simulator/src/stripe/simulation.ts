import type { Controlled } from '../control-routes';
import { SimClock } from '../clock';
import { FaultScript } from '../fault-script';
import type { Journal } from '../journal';
import { Latency, type LatencyShape } from '../latency';
import { RateLimit } from '../rate-limit';
import { Timings } from '../timings';
import type { TruthRow } from '../truth';
import { createKeys, type KeyRecord } from './idempotency-store';
import { Ids } from './ids';
import type { Intent } from './intent';
import { IntentStore } from './intent-store';
import { clockLine, commitLine, openJournal } from './persistence';
import { truthRows } from './truth-rows';

export interface StripeSimulationOptions {
  /** Where state is kept over a restart; nothing is kept without one. */
  readonly dir?: string | undefined;
  /** Of faults, delays and object ids; without one, ids never repeat. */
  readonly seed?: number | undefined;
  readonly latency: LatencyShape;
  readonly rateLimitPerSecond: number | null;
  readonly clock?: (() => number) | undefined;
  readonly onJournalFailure: (error: Error) => void;
}

/** What is streamed apart, so that the order of faults does not depend on how many delays were drawn. */
const LATENCY_SEED_SALT = 0x1a7e;

/** The state of the simulated PSP: everything but its socket. */
export class StripeSimulation implements Controlled {
  readonly clock: SimClock;
  readonly faults: FaultScript;
  readonly latency: Latency;
  readonly intents = new IntentStore();
  readonly keys = createKeys();
  readonly timings = new Timings();
  readonly rateLimit: RateLimit;
  readonly ids: Ids;
  private readonly journal: Journal;

  constructor(options: StripeSimulationOptions) {
    const seed = options.seed ?? 0;
    this.clock = new SimClock(options.clock);
    this.faults = new FaultScript(seed);
    this.latency = new Latency(seed ^ LATENCY_SEED_SALT, options.latency);
    this.rateLimit = new RateLimit(options.rateLimitPerSecond, () => performance.now());
    this.journal = openJournal(options.dir, this, options.onJournalFailure);
    // a seeded run that goes on with stored state must not issue the same ids again
    this.ids = new Ids(options.seed === undefined ? undefined : seed + this.intents.size);
  }

  truth(): Iterable<TruthRow> {
    return truthRows(this.intents.all(this.clock.nowMs()));
  }

  /** Makes a change and the answer under its key visible and durable together, then calls `done`. */
  commit(changed: Intent | null, record: KeyRecord | null, done: () => void): void {
    if (changed !== null) this.intents.put(changed);
    if (record !== null) this.keys.finish(record);
    if (changed === null && record === null) this.journal.settled(done);
    else if (this.journal.keeps) this.journal.append(commitLine(changed, record), done);
    else done();
  }

  settled(done: () => void): void {
    this.journal.settled(done);
  }

  clockMoved(done: () => void): void {
    this.journal.append(clockLine(this.clock), done);
  }

  reset(): void {
    this.intents.clear();
    this.keys.clear();
    this.faults.clear();
    this.timings.clear();
    this.clock.restore(0, 0);
    this.journal.replaceAll([]);
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  abandon(): void {
    this.journal.abandon();
  }
}
