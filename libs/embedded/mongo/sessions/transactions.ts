import { Code, CommandError } from '../errors';
import type { Catalog } from '../storage/catalog';
import { Environment, Snapshot } from '../storage/environment';
import { CommittedView, WriteGuard } from '../storage/view';
import { Blocked, WriteQueue } from '../storage/write-queue';
import { Overlay } from './overlay';

/** MongoDB's `transactionLifetimeLimitSeconds`. */
export const TRANSACTION_LIFETIME_MS = 60_000;

export class Transaction {
  readonly ended: Promise<void>;
  private markEnded: () => void = () => undefined;
  timer: NodeJS.Timeout | undefined;
  committing = false;

  constructor(
    readonly session: string,
    readonly number: bigint,
    readonly snapshot: Snapshot,
    /** Changes numbered above this are not in the snapshot. */
    readonly startedAt: number,
    readonly view: Overlay,
  ) {
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  end(): void {
    clearTimeout(this.timer);
    this.snapshot.done();
    this.markEnded();
  }
}

export const writeConflict = (): CommandError =>
  new CommandError(Code.WriteConflict, 'Caused by :: Write conflict during plan execution. Please retry.');

/** Open transactions, the documents and unique keys they intend to write, and what changed since they began. */
export class Transactions implements WriteGuard {
  private readonly open = new Map<string, Transaction>();
  private readonly intents = new Map<string, Transaction>();
  private readonly changes = new Map<string, number>();
  private changeNumber = 0;
  private committing: Transaction | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly lifetimeMs: number,
  ) {}

  /** Numbers changes for {@link Index.bornAt}. */
  get now(): number {
    return this.changeNumber;
  }

  nextChange(): number {
    return ++this.changeNumber;
  }

  canBlock(): boolean {
    return this.intents.size > 0;
  }

  begin(session: string, number: bigint): Transaction {
    const running = this.open.get(session);
    if (running?.number === number) {
      throw new CommandError(
        Code.ConflictingOperationInProgress,
        `transaction ${number.toString()} is already in progress`,
      );
    }
    // a new transaction of a session ends its old one
    if (running) this.abort(running);
    const snapshot = this.environment.snapshot();
    const view = new Overlay(this.environment, snapshot, (key) => {
      this.intend(transaction, key);
    });
    const transaction: Transaction = new Transaction(session, number, snapshot, this.changeNumber, view);
    view.startedAt = this.changeNumber;
    transaction.timer = setTimeout(() => {
      this.abort(transaction);
    }, this.lifetimeMs);
    transaction.timer.unref();
    this.open.set(session, transaction);
    return transaction;
  }

  find(session: string, number: bigint): Transaction | undefined {
    const transaction = this.open.get(session);
    return transaction?.number === number ? transaction : undefined;
  }

  abort(transaction: Transaction): void {
    // once the commit is queued only the commit decides
    if (!transaction.committing) this.close(transaction);
  }

  abortOfSession(session: string): void {
    const transaction = this.open.get(session);
    if (transaction) this.abort(transaction);
  }

  abortAll(): void {
    for (const transaction of [...this.open.values()]) this.abort(transaction);
  }

  /** @param also runs in the same commit, such as the record that makes a repeated commit succeed. */
  async commit(
    transaction: Transaction,
    queue: WriteQueue,
    view: CommittedView,
    catalog: Catalog,
    also: () => void,
  ): Promise<void> {
    transaction.committing = true;
    try {
      await queue.submit(() => {
        this.committing = transaction;
        try {
          transaction.view.applyTo(view, catalog);
          also();
        } finally {
          this.committing = undefined;
        }
      }, true);
    } catch (error) {
      throw error instanceof CommandError && error.code === Code.DuplicateKey ? writeConflict() : error;
    } finally {
      this.close(transaction);
    }
  }

  /** @throws Blocked when another transaction intends to write `key`. */
  check(key: Buffer): void {
    if (this.intents.size === 0) return;
    const owner = this.intents.get(key.toString('latin1'));
    if (owner !== undefined && owner !== this.committing) throw new Blocked(owner.ended);
  }

  changed(key: Buffer): void {
    if (this.open.size > 0) this.changes.set(key.toString('latin1'), ++this.changeNumber);
  }

  /** Whether any open transaction intends a write under this id, so a drop has to wait. */
  blockIfIntended(idPrefix: Buffer): void {
    const prefix = idPrefix.toString('latin1');
    for (const [key, owner] of this.intents) if (key.startsWith(prefix)) throw new Blocked(owner.ended);
  }

  private intend(transaction: Transaction, key: Buffer): void {
    const name = key.toString('latin1');
    const owner = this.intents.get(name);
    if (owner === transaction) return;
    if (owner !== undefined || (this.changes.get(name) ?? 0) > transaction.startedAt) throw writeConflict();
    this.intents.set(name, transaction);
  }

  private close(transaction: Transaction): void {
    if (this.open.get(transaction.session) === transaction) this.open.delete(transaction.session);
    for (const key of transaction.view.intendedKeys()) {
      if (this.intents.get(key) === transaction) this.intents.delete(key);
    }
    if (this.open.size === 0) this.changes.clear();
    transaction.end();
  }
}
