import { Audit } from './audit';
import { FailPoints } from './fail-points';
import { Cursors } from './sessions/cursors';
import { RetriedWrites, SESSION_TIMEOUT_MS } from './sessions/retried-writes';
import { Transactions } from './sessions/transactions';
import { Catalog, Collection } from './storage/catalog';
import { Environment } from './storage/environment';
import { CommittedView } from './storage/view';
import { WriteQueue } from './storage/write-queue';
import { Code, CommandError } from './errors';

export interface EngineOptions {
  readonly directory: string;
  /** False leaves out the disk flush: for tests only. */
  readonly durable: boolean;
  readonly strictCollscan: number;
  readonly auditFile: string | undefined;
  readonly failPoints: boolean;
  readonly transactionLifetimeMs: number;
  readonly onStorageFailure: (error: unknown) => void;
}

const HOUSEKEEPING_MS = 60_000;

/** Everything one server has, and the order in which it starts and stops. */
export class Engine {
  /** What clients are told; production start-up checks look at `modules` to tell this server from a real one. */
  readonly version = '7.0.0';
  readonly environment: Environment;
  readonly catalog: Catalog;
  readonly transactions: Transactions;
  readonly view: CommittedView;
  readonly queue: WriteQueue;
  readonly retried: RetriedWrites;
  readonly cursors: Cursors;
  readonly failPoints: FailPoints;
  readonly audit: Audit;
  /** Bugs met since the start; tests demand 0. */
  internalErrors = 0;
  /** host:port once it listens; a client finds the set's only member by it. */
  address = '';
  private readonly housekeeping: NodeJS.Timeout;

  constructor(readonly options: EngineOptions) {
    this.environment = new Environment(options.directory, options.durable);
    this.catalog = new Catalog(this.environment);
    this.transactions = new Transactions(this.environment, options.transactionLifetimeMs);
    this.view = new CommittedView(this.environment, this.catalog, this.transactions);
    this.queue = new WriteQueue(
      this.environment,
      () => this.transactions.canBlock(),
      options.onStorageFailure,
    );
    this.retried = new RetriedWrites(this.environment);
    this.cursors = new Cursors(() => performance.now());
    this.failPoints = new FailPoints(options.failPoints);
    this.audit = new Audit(options.auditFile);
    this.housekeeping = setInterval(() => {
      this.cursors.reap();
      void this.queue.submit(() => this.retried.prune(Date.now()));
    }, HOUSEKEEPING_MS);
    this.housekeeping.unref();
  }

  collection(namespace: string): Collection {
    const collection = this.catalog.find(namespace);
    // dropped between the moment it was made sure of and the job
    if (collection === undefined)
      throw new CommandError(Code.NamespaceNotFound, `ns does not exist: ${namespace}`);
    return collection;
  }

  /** @returns true when it had to be made; that is a commit of its own, so it stays even if the caller fails. */
  async ensureCollection(namespace: string): Promise<boolean> {
    if (this.catalog.find(namespace)) return false;
    return this.queue.submitAlone(() => {
      if (this.catalog.find(namespace)) return { result: false };
      return { result: true, apply: this.catalog.save(this.catalog.newCollection(namespace)) };
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.housekeeping);
    this.transactions.abortAll();
    await this.queue.drained();
    await this.environment.close();
  }
}

export const SESSION_TIMEOUT_MINUTES = SESSION_TIMEOUT_MS / 60_000;
