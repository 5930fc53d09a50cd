import { Code, CommandError, notBuilt } from '../errors';
import type { Engine } from '../engine';
import type { Transaction } from '../sessions/transactions';
import { encode } from '../values/encode';
import type { Command, Prepared, Reply } from './command';
import { checkReadConcern } from './concerns';
import type { WriteNumber } from './labels';
import { assertAccepted, Request } from './request';

const ALLOWED = new Set([
  'find',
  'getMore',
  'killCursors',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'aggregate',
]);
const COMMITTED = encode({});

/** Runs one statement of a transaction, or ends it. Any failure of a statement ends the transaction too. */
export async function runInTransaction(
  engine: Engine,
  request: Request,
  state: WriteNumber,
  prepare: () => { command: Command; prepared: Prepared },
): Promise<Reply> {
  if (request.name === 'commitTransaction' || request.name === 'abortTransaction') {
    assertAccepted(request.fields, { used: [request.name, 'recoveryToken'] });
    return request.name === 'commitTransaction' ? commit(engine, state) : abort(engine, state);
  }
  const transaction = state.starts ? begin(engine, state) : joined(engine, state);
  try {
    if (request.name === 'createIndexes') throw notBuilt('createIndexes in a transaction');
    if (!ALLOWED.has(request.name)) {
      throw new CommandError(
        Code.OperationNotSupportedInTransaction,
        `Cannot run '${request.name}' in a multi-document transaction.`,
      );
    }
    const { prepared } = prepare();
    checkReadConcern(request, true);
    if (prepared.creates !== undefined) {
      await engine.ensureCollection(prepared.creates);
      // the lifetime may have passed while the collection was made
      joined(engine, state);
    }
    return await prepared.run(transaction.view);
  } catch (error) {
    engine.transactions.abort(transaction);
    throw error;
  }
}

function begin(engine: Engine, { session, number }: WriteNumber): Transaction {
  // a number the session has left behind is refused as for any retryable write
  engine.retried.replyFor(session, number);
  return engine.transactions.begin(session, number);
}

function joined(engine: Engine, { session, number }: WriteNumber): Transaction {
  const transaction = engine.transactions.find(session, number);
  if (transaction === undefined || transaction.committing) {
    throw new CommandError(
      Code.NoSuchTransaction,
      `Given transaction number ${number.toString()} does not match any in-progress transactions.`,
    );
  }
  return transaction;
}

async function commit(engine: Engine, state: WriteNumber): Promise<Reply> {
  const { session, number } = state;
  // the driver repeats a commit whose answer it did not get
  if (engine.retried.replyFor(session, number) !== undefined) return {};
  const transaction = joined(engine, state);
  await engine.transactions.commit(transaction, engine.queue, engine.view, engine.catalog, () => {
    engine.retried.save(session, number, COMMITTED, Date.now());
  });
  return {};
}

function abort(engine: Engine, state: WriteNumber): Reply {
  engine.transactions.abort(joined(engine, state));
  return {};
}
