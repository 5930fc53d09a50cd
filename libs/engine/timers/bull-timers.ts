import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { systemChance, type Chance } from './chance';
import { systemClock, type Clock } from './clock';
import {
  CLOSE_TIMERS_WITHIN_MS,
  type PendingTimers,
  type RunTimer,
  type TimerJob,
  type TimerProblem,
  type Timers,
} from './timers';
import { withinMs } from './within';

export interface BullTimersOptions {
  /** `redis://` or `rediss://`. The server must not evict keys: `maxmemory-policy noeviction`. */
  readonly redisUrl: string;
  readonly run: RunTimer;
  readonly report: (problem: TimerProblem) => void;
  readonly clock?: Clock;
  readonly chance?: Chance;
  /** In braces, so that a cluster keeps all keys of the queue on one node. */
  readonly prefix?: string;
  /**
   * The jobs of a process that died run again within about twice this time, ms. All processes on one queue must
   * agree: whoever checks last decides when the next check may be.
   */
  readonly recoverAfterMs?: number;
}

const DEFAULT_PREFIX = '{tender}';
const QUEUE = 'timers';
const DEFAULT_RECOVER_AFTER_MS = 10_000;
/** Jobs of one process at a time: each is mostly a PSP call that is waited for. */
export const MAX_RUNNING_TIMERS = 100;
/** Schedules that Redis has not answered yet; more of them are left to be derived. */
export const MAX_UNANSWERED_SCHEDULES = 10_000;
/** A connection that says nothing for so long while an answer is due is made anew, ms. */
const ANSWER_WITHIN_MS = 5_000;
const RECONNECT_AT_MOST_EVERY_MS = 2_000;
/** A job that takes its process with it this often is dropped; the open flows derive it again, slower. */
const MAX_RUNS_AFTER_DEATHS = 10;
/** BullMQ logs what happens to a queue in a stream of events. Nobody reads it. */
const KEEP_EVENTS = 1_000;
/** The job of a key may change its state between two commands; after so many it is left to be derived. */
const MAX_REPLACE_TRIES = 4;

/** Timers of all processes on one Redis, through BullMQ: whoever is free runs what is due. */
export function bullTimers(options: BullTimersOptions): Timers {
  return new BullTimers(options);
}

class BullTimers implements Timers {
  private readonly redis: Redis;
  private readonly workerRedis: RedisOfWorker;
  private readonly queue: Queue<TimerJob, void, 'wake'>;
  private readonly worker: WorkerOfTimers;
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly unanswered = new Set<Promise<void>>();
  private reachable = true;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: BullTimersOptions) {
    const { redisUrl, prefix = DEFAULT_PREFIX, recoverAfterMs = DEFAULT_RECOVER_AFTER_MS } = options;
    this.clock = options.clock ?? systemClock;
    this.chance = options.chance ?? systemChance;
    const connecting = {
      // BullMQ's commands wait for a connection; what must not wait for ever is limited here
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_AT_MOST_EVERY_MS),
    };
    this.redis = new Redis(redisUrl, { ...connecting, socketTimeout: ANSWER_WITHIN_MS });
    // BullMQ duplicates this one for the command that blocks until a job is due, so it has no limit of silence
    this.workerRedis = new RedisOfWorker(redisUrl, connecting);
    this.queue = new Queue(QUEUE, {
      connection: this.redis,
      prefix,
      // a job that stayed would stand in the way of the next one of its key
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: KEEP_EVENTS } },
    });
    this.worker = new WorkerOfTimers(QUEUE, ({ data }) => options.run(timerJobOf(data)), {
      connection: this.workerRedis,
      prefix,
      concurrency: MAX_RUNNING_TIMERS,
      lockDuration: recoverAfterMs,
      stalledInterval: recoverAfterMs,
      maxStalledCount: MAX_RUNS_AFTER_DEATHS,
    });
    this.listen();
  }

  schedule(key: string, afterMs: number, job: TimerJob): void {
    this.send(() => this.replace(key, delayOf(afterMs), job));
  }

  ensure(key: string, afterMs: number, job: TimerJob): void {
    this.send(() =>
      this.queue.add('wake', job, {
        jobId: this.chance.uuid(),
        delay: delayOf(afterMs),
        deduplication: { id: key },
      }),
    );
  }

  async pending(): Promise<PendingTimers> {
    const counting = this.queue.getJobCounts('delayed', 'waiting', 'active');
    const answered = this.reachable && (await withinMs(this.clock, ANSWER_WITHIN_MS, counting));
    if (!answered) {
      counting.catch(() => undefined);
      throw new Error('Redis does not answer');
    }
    const { delayed = 0, waiting = 0, active = 0 } = await counting;
    return { scheduled: delayed, due: waiting, running: active };
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const answered = Promise.allSettled(this.unanswered);
    // without Redis no job can end, and waiting for one keeps BullMQ trying for ever
    await withinMs(
      this.clock,
      CLOSE_TIMERS_WITHIN_MS,
      Promise.all([this.worker.close(!this.reachable), answered]),
    );
    await this.worker.stopRenewing();
    await this.queue.close();
    // a job that is still running keeps its lock until it expires, then another process runs it
    this.redis.disconnect();
    this.workerRedis.disconnectAll();
  }

  /** Whoever schedules goes on at once: neither a slow nor a missing Redis may hold up a payment. */
  private send(command: () => Promise<unknown>): void {
    if (this.closing !== undefined) return;
    if (!this.reachable || this.unanswered.size >= MAX_UNANSWERED_SCHEDULES) {
      this.notScheduled(this.reachable ? 'Redis answers too slowly' : 'Redis is unreachable');
      return;
    }
    const sent = command().then(
      () => {
        this.unanswered.delete(sent);
      },
      (error: unknown) => {
        this.unanswered.delete(sent);
        this.notScheduled(String(error));
      },
    );
    this.unanswered.add(sent);
  }

  /**
   * BullMQ replaces a delayed job in one step, and keeps the newest job aside while the key's job runs. It drops
   * the new one when the old one is due and not yet taken: such a job is removed first. Which of the two it was
   * is known only afterwards, hence the second look.
   */
  private async replace(key: string, delay: number, job: TimerJob): Promise<void> {
    let seenRunning = false;
    for (let tries = 0; tries < MAX_REPLACE_TRIES; tries += 1) {
      // a new id each time: one from before a flush must not meet its successor
      const jobId = this.chance.uuid();
      const deduplication = { id: key, replace: true, keepLastIfActive: true };
      const { id: holder } = await this.queue.add('wake', job, { jobId, delay, deduplication });
      if (holder === undefined || holder === jobId || seenRunning) return;
      const state = await this.queue.getJobState(holder);
      if (state === 'waiting') await this.queue.remove(holder);
      seenRunning = state === 'active';
    }
    throw new Error('the job of this key changed again and again');
  }

  private listen(): void {
    // of the three connections one speaks for all: the same outage is told once
    this.redis.on('error', (error: Error) => {
      this.unreachable(error);
    });
    this.redis.on('ready', () => {
      this.reachable = true;
    });
    this.workerRedis.on('error', () => undefined);
    this.queue.on('error', () => undefined);
    this.worker.on('error', (error) => {
      const isOfConnection = 'syscall' in error || error.message.startsWith('Connection is closed');
      if (!isOfConnection) this.options.report({ what: 'timer_failed', detail: String(error) });
    });
    this.worker.on('failed', (_job, error) => {
      this.options.report({ what: 'timer_failed', detail: String(error) });
    });
  }

  private unreachable(error: Error): void {
    if (!this.reachable) return;
    this.reachable = false;
    this.options.report({ what: 'timers_unreachable', detail: String(error) });
  }

  private notScheduled(detail: string): void {
    this.options.report({ what: 'timer_not_scheduled', detail });
  }
}

/**
 * BullMQ stops renewing locks only once its main loop has ended. A worker that is closed while its Redis dies waits for
 * ever for the end of a connection that has ended: left behind, it would go on renewing and keep its process from ending.
 */
class WorkerOfTimers extends Worker<TimerJob, void, 'wake'> {
  stopRenewing(): Promise<void> {
    return this.lockManager.close();
  }
}

/**
 * BullMQ makes a connection of its own out of the worker's, and while Redis is away a worker that is closed does
 * not get to the point where it gives it up.
 */
class RedisOfWorker extends Redis {
  private readonly duplicates: Redis[] = [];

  override duplicate(options?: Partial<RedisOptions>): Redis {
    const duplicate = super.duplicate(options);
    this.duplicates.push(duplicate);
    return duplicate;
  }

  disconnectAll(): void {
    // ioredis waits two seconds for a connection to end, also for one that has ended
    for (const redis of [this, ...this.duplicates]) if (redis.status !== 'end') redis.disconnect();
  }
}

/** A delay of 0 would be another kind of job, which cannot be replaced. */
const delayOf = (afterMs: number): number => Math.max(1, Math.ceil(afterMs));

/** What comes out of Redis was put there by some version of this program, or by hand. */
function timerJobOf(data: unknown): TimerJob {
  if (typeof data === 'object' && data !== null && 'stream' in data && 'subject' in data) {
    const { stream, subject } = data;
    if (typeof stream === 'string' && typeof subject === 'string') return { stream, subject };
  }
  throw new Error('the data of this job is not a timer');
}
