import { book } from '@tender/domain';
import {
  Changes,
  LEDGER_PREFIXES,
  runProjection,
  type Clock,
  type LeasedWork,
  type ReaderProblem,
  type RunningProjection,
} from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import {
  isReadStoreFailure,
  LedgerHalted,
  LedgerModels,
  LedgerProjector,
  LedgerSwitched,
  WriteContended,
  type JournalDocument,
  type LedgerHead,
  type ReadStore,
} from '@tender/readmodels';

/** Of its lease, and the beginning of its readers' names. */
export const LEDGER = 'ledger';

export interface LedgerProjectionDeps {
  readonly store: ReadStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
  readonly onPosted: (journals: readonly JournalDocument[], head: LedgerHead) => void;
}

export interface LedgerProjection extends LeasedWork {
  readonly state: () => {
    readonly live: boolean;
    /** Why no entry is posted, until one is again. */
    readonly stoppedBy: string | undefined;
  };
}

/** A store that does not answer at the beginning may a moment later, ms. */
const ASK_AGAIN_AFTER_MS = 1_000;
/** What does not heal by itself may be healed by whoever is told of it, ms. */
const BEGIN_AGAIN_AFTER_MS = 30_000;

/** A store that does not answer, or a halt: the same batch goes through once that has passed. */
const passes = (failure: unknown): boolean =>
  isReadStoreFailure(failure) || failure instanceof LedgerHalted || failure instanceof WriteContended;

/**
 * Projects the live books. It never ends the worker: money moves whether or not it can be booked just now, and the log
 * keeps what has to be. A gap or a conflict stops the books where they are, and is tried again from their checkpoint,
 * which can do no harm: a batch is booked whole or not at all.
 */
export function projectLedger(deps: LedgerProjectionDeps): LedgerProjection {
  const { store, log, clock, report, onPosted } = deps;
  const models = new LedgerModels(store);
  let running: RunningProjection | undefined;
  let stoppedBy: string | undefined;
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const changes = new Changes();

  const project = async (): Promise<void> => {
    const { live } = await models.pointer();
    const projector = new LedgerProjector({ store, version: live, onlyWhileLive: true, book, onPosted });
    await projector.prepare();
    if (isStopping()) return;
    running = runProjection({
      name: `${LEDGER}-${live}`,
      prefixes: LEDGER_PREFIXES,
      log,
      checkpoints: projector,
      clock,
      report: (problem) => {
        if (problem.error instanceof LedgerHalted) stoppedBy = problem.error.message;
        report(problem);
      },
      apply: async (events) => {
        await projector.apply(events);
        stoppedBy = undefined;
      },
      isTransient: passes,
    });
    await running.finished;
  };

  const run = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await project();
      } catch (error) {
        if (error instanceof LedgerSwitched) continue;
        stoppedBy = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        report({ reader: LEDGER, what: 'stopped', error });
        const pauseMs = passes(error) ? ASK_AGAIN_AFTER_MS : BEGIN_AGAIN_AFTER_MS;
        if (!isStopping()) await changes.nextWithin(clock, pauseMs);
      } finally {
        running = undefined;
      }
    }
  };

  const finished = run();
  return {
    finished,
    state: () => ({ live: running?.state().live ?? false, stoppedBy }),
    async stop() {
      stopping = true;
      changes.tell();
      await running?.stop();
      await finished;
    },
  };
}
