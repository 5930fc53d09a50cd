import { ProjectionGap } from './failures';
import type { ProjectedEvent } from './projected-event';

/** The events of one stream within a batch, in the order of the log. */
export interface StreamRun {
  /** The stream's name without its prefix: the id of the document. */
  readonly id: string;
  readonly stream: string;
  readonly events: ProjectedEvent[];
}

/** One run a stream, in the order in which they first appear. Events of other categories are not ours. */
export function runsOf(prefix: string, events: readonly ProjectedEvent[]): ReadonlyMap<string, StreamRun> {
  const runs = new Map<string, StreamRun>();
  for (const event of events) {
    if (!event.stream.startsWith(prefix)) continue;
    const id = event.stream.slice(prefix.length);
    const run = runs.get(id);
    if (run === undefined) runs.set(id, { id, stream: event.stream, events: [event] });
    else run.events.push(event);
  }
  return runs;
}

/**
 * Folds what is new in the run onto the state; what the state has already is skipped, so a redelivery gives the same
 * object back.
 * @throws ProjectionGap
 */
export function foldNew<Folded extends { readonly revision: bigint }>(
  before: Folded,
  run: StreamRun,
  next: (state: Folded, event: ProjectedEvent) => Folded,
): Folded {
  let state = before;
  for (const event of run.events) {
    if (event.revision <= state.revision) continue;
    if (event.revision !== state.revision + 1n)
      throw new ProjectionGap(run.stream, state.revision, event.revision);
    state = next(state, event);
  }
  return state;
}
