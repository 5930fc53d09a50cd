import type { RecordedEvent } from '@tender/eventstore';

/** Something that a stream comes to, once and for all, and that somebody may wait for. */
export interface Goal<State> {
  /** Unique within the stream. */
  readonly name: string;
  isReached(state: State): boolean;
}

/** Streams of one kind, and how one of them is folded; `At` is a state as of one event. */
export interface StreamKind<State, At> {
  /** Of the names of all these streams. */
  readonly prefix: string;
  evolve(state: State | null, event: RecordedEvent): State | null;
  at(state: State, revision: bigint): At;
}

/** The state as all these events leave it, or undefined when there are none. */
export const foldAll = <State, At>(
  kind: StreamKind<State, At>,
  events: readonly RecordedEvent[],
): At | undefined => {
  const folded = foldWhile(kind, events, () => true);
  return folded === undefined ? undefined : kind.at(folded.state, folded.revision);
};

/**
 * The state at the first event that reached the goal: later events do not move it, so it is the same for every
 * repetition of the request. Undefined while there is none.
 */
export function foldUntilGoal<State, At>(
  kind: StreamKind<State, At>,
  events: readonly RecordedEvent[],
  goal: Goal<State>,
): At | undefined {
  const folded = foldWhile(kind, events, (state) => !goal.isReached(state));
  return folded !== undefined && goal.isReached(folded.state)
    ? kind.at(folded.state, folded.revision)
    : undefined;
}

function foldWhile<State, At>(
  kind: StreamKind<State, At>,
  events: readonly RecordedEvent[],
  goOn: (state: State) => boolean,
): { readonly state: State; readonly revision: bigint } | undefined {
  let state: State | null = null;
  let revision = -1n;
  for (const event of events) {
    state = kind.evolve(state, event);
    revision = event.revision;
    if (state !== null && !goOn(state)) break;
  }
  return state === null ? undefined : { state, revision };
}
