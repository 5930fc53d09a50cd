import { runProjection, type Checkpoints, type Clock, type ReaderProblem } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import {
  DocumentVersions,
  MalformedDocument,
  ProjectionGap,
  type DocumentModel,
  type ReadStore,
} from '@tender/readmodels';
import { projectForEver, type ProjectionForEver } from './project-for-ever';

export interface DocumentProjectionDeps {
  readonly documents: DocumentModel;
  readonly store: ReadStore;
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly report: (problem: ReaderProblem) => void;
}

/** What does not heal by itself may be healed by a rebuild, ms. */
const BEGIN_AGAIN_AFTER_MS = 5_000;

/** Other documents are the live ones now: the projection goes on there. */
class Switched extends Error {
  override readonly name = 'Switched';
}

/**
 * Projects the live documents of payments, or of refunds. The API answers from the streams while they cannot be written. A
 * hole in the documents stops it where it is, until they are made again.
 */
export function projectDocuments({
  documents,
  store,
  log,
  checkpoints,
  clock,
  report,
}: DocumentProjectionDeps): ProjectionForEver {
  const versions = new DocumentVersions(store, documents.form);
  return projectForEver({
    name: documents.name,
    clock,
    report,
    async prepare(stoppedBy) {
      const live = await versions.live();
      const model = documents.writer(store, live);
      await model.ensureIndexes();
      return () =>
        runProjection({
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
            stoppedBy(undefined);
          },
          isTransient: (error) => !(isHole(error) || error instanceof Switched),
        });
    },
    isSwitch: (error) => error instanceof Switched,
    againAfterMs: () => BEGIN_AGAIN_AFTER_MS,
  });
}

const isHole = (error: unknown): boolean =>
  error instanceof ProjectionGap || error instanceof MalformedDocument;
