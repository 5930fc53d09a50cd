import type { Decider, Decision, DomainEvent } from '@tender/domain';
import { fold } from '@tender/domain';

/** The time that histories without one are recorded at. */
export const SOME_TIME = '2026-03-01T12:00:00.000Z';

/** One event, recorded at SOME_TIME or at the time beside it. */
export type Past<Event> = Event | { readonly event: Event; readonly recordedAt: string };

/**
 * The one grammar of decider specs: `given(decider, past).when(command).thenRecords(events)`.
 *
 * Every command that records is run a second time on its own result and must then record nothing: a redelivered
 * command is a fact of life, so no spec may leave it out.
 */
export function given<State, Command, Event extends DomainEvent, Refusal>(
  decider: Decider<State, Command, Event, Refusal>,
  past: readonly Past<Event>[] = [],
) {
  const history = past.map((entry) => ('event' in entry ? entry : { event: entry, recordedAt: SOME_TIME }));
  const state = fold<State, Event>(decider, history);
  return {
    state,
    when(command: Command) {
      const decision = decider.decide(command, state);
      const after = (): State =>
        decision.kind === 'record'
          ? decision.events.reduce((folded, event) => decider.evolve(folded, event, SOME_TIME), state)
          : state;
      return {
        decision,
        state: after,
        thenRecords(events: readonly Event[]) {
          expect(decision).toEqual({ kind: 'record', events });
          const again = decider.decide(command, after());
          expect(again.kind).not.toBe('record');
        },
        thenNothing() {
          expect(decision.kind).toBe('nothing');
        },
        thenRefuses(refusal: Refusal) {
          expect(decision).toEqual({ kind: 'refuse', refusal });
        },
      };
    },
  };
}

/** The events that a decision records, whatever else it is. */
export const recordedBy = <Event, Refusal>(decision: Decision<Event, Refusal>): readonly Event[] =>
  decision.kind === 'record' ? decision.events : [];
