import type { Decision } from './decision';

/** An event as every stream keeps it: a past-tense type and what happened. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * An aggregate as three pure functions over plain data.
 *
 * `recordedAt` (RFC 3339 UTC, milliseconds) is the time on the event's metadata; it is handed to `evolve` so that
 * no event has to repeat it in its data.
 */
export interface Decider<State, Command, Event extends DomainEvent, Refusal> {
  readonly initial: State;
  evolve(state: State, event: Event, recordedAt: string): State;
  decide(command: Command, state: State): Decision<Event, Refusal>;
}

/** One event with the time it was recorded at: what a fold needs. */
export interface TimedEvent<Event extends DomainEvent> {
  readonly event: Event;
  readonly recordedAt: string;
}

export function fold<State, Event extends DomainEvent>(
  decider: Pick<Decider<State, never, Event, unknown>, 'initial' | 'evolve'>,
  history: Iterable<TimedEvent<Event>>,
): State {
  let state = decider.initial;
  for (const { event, recordedAt } of history) state = decider.evolve(state, event, recordedAt);
  return state;
}
