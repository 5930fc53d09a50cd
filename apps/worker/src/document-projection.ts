import {
  Changes,
  runProjection,
  type Checkpoints,
  type Clock,
  type LeasedWork,
  type ReaderProblem,
  type RunningProjection,
} from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import {
  DocumentVersions,
  MalformedDocument,
  ProjectionGap,
  type DocumentModel,
  type ReadStore,
} from '@tender/readmodels';

export interface DocumentProjectionDeps {
  readonly documents: DocumentModel;
  readonly store: ReadStore;
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
}

export interface DocumentProjection extends LeasedWork {
  readonly state: () => {
    readonly live: boolean;
    readonly applied: number;
    /** Why no document is written, until one is again. */
    readonly stoppedBy: string | undefined;
  };
}

/** What does not heal by itself may be healed by a rebuild, ms. */
const BEGIN_AGAIN_AFTER_MS = 5_000;

/** Other documents are the live ones now: the projection goes on there. */
class Switched extends Error {
  override readonly name = 'Switched';
}

/**
 * Projects the live documents of payments, or of refunds. It never ends the worker: money moves whether or not anybody
 * can list it, and the API answers from the streams meanwhile. A hole in the documents stops it where it is, until they
 * are made again.
 */
export function projectDocuments(deps: DocumentProjectionDeps): DocumentProjection {
  const { documents, store, log, checkpoints, clock, report } = deps;
  const versions = new DocumentVersions(store, documents.form);
  let running: RunningProjection | undefined;
  let stoppedBy: string | undefined;
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const changes = new Changes();

  const project = async (): Promise<void> => {
    const live = await versions.live();
    const model = documents.writer(store, live);
    await model.ensureIndexes();
    if (isStopping()) return;
    running = runProjection({
      // its checkpoint: documents of a new shape are projected from the beginning of the log
      name: live,
      prefixes: [documents.prefix],
      log,
      checkpoints,
      clock,
      report,
      apply: async (events) => {
        if ((await versions.live()) !== live) throw new Switched(`${live} is not live any more`);
        await model.apply(events);
        stoppedBy = undefined;
      },
      isTransient: (error) =>
        !(error instanceof ProjectionGap || error instanceof MalformedDocument || error instanceof Switched),
    });
    await running.finished;
  };

  const run = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await project();
      } catch (error) {
        if (error instanceof Switched) continue;
        stoppedBy = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        report({ reader: documents.name, what: 'stopped', error });
        if (!isStopping()) await changes.nextWithin(clock, BEGIN_AGAIN_AFTER_MS);
      } finally {
        running = undefined;
      }
    }
  };

  const finished = run();
  return {
    finished,
    state: () => ({
      live: running?.state().live ?? false,
      applied: running?.state().applied ?? 0,
      stoppedBy,
    }),
    async stop() {
      stopping = true;
      changes.tell();
      await running?.stop();
      await finished;
    },
  };
}
