import { ABORT } from 'lmdb';
import { Code, CommandError, StorageFailure } from '../errors';
import type { Environment } from './environment';

/** Thrown by a job that met the intent of an open transaction; the job runs again when that one has ended. */
export class Blocked extends Error {
  constructor(readonly until: Promise<void>) {
    super('blocked by a transaction');
  }
}

interface Job {
  readonly run: () => unknown;
  readonly mode: 'shared' | 'isolated' | 'alone';
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Group commit: everything that arrives in one turn of the event loop shares one durable commit, and no job is
 * answered before it. While the thread waits for the disk the next batch gathers in the sockets.
 */
export class WriteQueue {
  private jobs: Job[] = [];
  private scheduled = false;
  private idle: (() => void)[] = [];

  constructor(
    private readonly environment: Environment,
    /** True while a job can meet an intent; it then runs in a child transaction that can be undone. */
    private readonly canBlock: () => boolean,
    private readonly onStorageFailure: (error: unknown) => void,
  ) {}

  /** @param isolated the job may fail half way, so give it a child transaction of its own. */
  submit<T>(run: () => T, isolated = false): Promise<T> {
    return this.add(run, isolated ? 'isolated' : 'shared') as Promise<T>;
  }

  /** A change of the catalogue: commits alone; `apply` touches memory only after the commit. */
  async submitAlone<T>(run: () => { readonly result: T; readonly apply?: () => void }): Promise<T> {
    const outcome = (await this.add(() => {
      const done = run();
      return done;
    }, 'alone')) as { readonly result: T };
    return outcome.result;
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.jobs.length === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  private add(run: () => unknown, mode: Job['mode']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.jobs.push({ run, mode, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const all = this.jobs;
      this.jobs = [];
      this.runAll(all);
      if (this.jobs.length === 0) for (const resolve of this.idle.splice(0)) resolve();
    });
  }

  private runAll(all: readonly Job[]): void {
    let batch: Job[] = [];
    for (const job of all) {
      if (job.mode === 'alone') {
        this.runBatch(batch);
        this.runBatch([job]);
        batch = [];
      } else batch.push(job);
    }
    this.runBatch(batch);
  }

  private runBatch(batch: readonly Job[]): void {
    if (batch.length === 0) return;
    let outcomes: Outcome[] = [];
    let running: Job | undefined;
    try {
      this.environment.commit(() => {
        outcomes = batch.map((job) => {
          running = job;
          return this.attempt(job);
        });
        running = undefined;
      });
    } catch (error) {
      if (running === undefined || error instanceof StorageFailure) this.failStop(batch, error);
      else if (batch.length === 1) batch[0]?.reject(error);
      // a bug in one job has undone the others: run each by itself, so that only the faulty one fails
      else for (const job of batch) this.runBatch([job]);
      return;
    }
    for (const [i, job] of batch.entries()) this.settle(job, outcomes[i]);
  }

  private attempt(job: Job): Outcome {
    try {
      if (job.mode !== 'isolated' && !this.canBlock()) return { value: job.run() };
      let outcome: Outcome = { value: undefined };
      this.environment.commit(() => {
        try {
          outcome = { value: job.run() };
          return undefined;
        } catch (error) {
          if (!(error instanceof CommandError || error instanceof Blocked)) throw error;
          outcome = { error };
          return ABORT;
        }
      });
      return outcome;
    } catch (error) {
      if (error instanceof CommandError) return { error };
      throw error;
    }
  }

  private settle(job: Job, outcome: Outcome | undefined): void {
    if (outcome === undefined) job.reject(new Error('a job without an outcome'));
    else if ('value' in outcome) {
      if (job.mode === 'alone') (outcome.value as { apply?: () => void }).apply?.();
      job.resolve(outcome.value);
    } else if (outcome.error instanceof Blocked) {
      void outcome.error.until.then(() => {
        this.jobs.push(job);
        this.schedule();
      });
    } else job.reject(outcome.error);
  }

  private failStop(batch: readonly Job[], error: unknown): void {
    const refusal = new CommandError(Code.OutOfDiskSpace, 'embedded-mongo: the disk refused a commit');
    for (const job of batch) job.reject(refusal);
    this.onStorageFailure(error);
  }
}
