import { book } from '@tender/domain';
import { LEDGER_PREFIXES, runProjection, type Clock, type ReaderProblem } from '@tender/engine';
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
import { projectForEver, type ProjectionForEver } from './project-for-ever';

/** Of its lease, and the beginning of its readers' names. */
export const LEDGER = 'ledger';

export interface LedgerProjectionDeps {
  readonly store: ReadStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
  readonly onPosted: (journals: readonly JournalDocument[], head: LedgerHead) => void;
}

/** A store that does not answer at the beginning may a moment later, ms. */
const ASK_AGAIN_AFTER_MS = 1_000;
/** What does not heal by itself may be healed by whoever is told of it, ms. */
const BEGIN_AGAIN_AFTER_MS = 30_000;

/** A store that does not answer, or a halt: the same batch goes through once that has passed. */
const passes = (failure: unknown): boolean =>
  isReadStoreFailure(failure) || failure instanceof LedgerHalted || failure instanceof WriteContended;

/**
 * Projects the live books. A gap or a conflict stops them where they are, and is tried again from their checkpoint, which
 * can do no harm: a batch is booked whole or not at all.
 */
export function projectLedger({
  store,
  log,
  clock,
  report,
  onPosted,
}: LedgerProjectionDeps): ProjectionForEver {
  const models = new LedgerModels(store);
  return projectForEver({
    name: LEDGER,
    clock,
    report,
    async prepare(stoppedBy) {
      const { live } = await models.pointer();
      const projector = new LedgerProjector({ store, version: live, onlyWhileLive: true, book, onPosted });
      await projector.prepare();
      return () =>
        runProjection({
          name: `${LEDGER}-${live}`,
          prefixes: LEDGER_PREFIXES,
          log,
          checkpoints: projector,
          clock,
          report: (problem) => {
            if (problem.error instanceof LedgerHalted) stoppedBy(problem.error.message);
            report(problem);
          },
          apply: async (events) => {
            await projector.apply(events);
            stoppedBy(undefined);
          },
          isTransient: passes,
        });
    },
    isSwitch: (error) => error instanceof LedgerSwitched,
    againAfterMs: (error) => (passes(error) ? ASK_AGAIN_AFTER_MS : BEGIN_AGAIN_AFTER_MS),
  });
}
