import type { Clock, Goal, OutcomeWatcher, StreamKind } from '@tender/engine';
import { foldAll, foldUntilGoal } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { Patience } from './patience';

export interface GoalWait<State, At> {
  readonly stream: string;
  readonly goal: Goal<State>;
  /** Begun before the command was sent: so what it caused is seen. */
  readonly watcher: OutcomeWatcher<At>;
  readonly waitUntilMs: number;
}

/** `settled`: the state where it reached the goal, the same for every repetition; otherwise as it is at present. */
export interface GoalAnswer<At> {
  readonly at: At;
  readonly settled: boolean;
}

/** What the stream tells at its goal, or as it is when the caller's patience ends. */
export async function awaitGoal<State, At>(
  deps: { readonly clock: Clock; readonly log: Pick<EventLog, 'readStream'>; readonly patience: Patience },
  kind: StreamKind<State, At>,
  { stream, goal, watcher, waitUntilMs }: GoalWait<State, At>,
): Promise<GoalAnswer<At>> {
  const { clock, log, patience } = deps;
  const leftMs = Math.max(0, waitUntilMs - clock.now());
  const reached = await patience.atMost(watcher.outcome(leftMs));
  if (reached !== undefined) return { at: reached, settled: true };
  const events = await log.readStream(stream);
  // it may have come between the end of the wait and the read, and later events may have followed it
  const settled = foldUntilGoal(kind, events, goal);
  if (settled !== undefined) return { at: settled, settled: true };
  const present = foldAll(kind, events);
  if (present === undefined) throw new Error(`${stream} is empty after it was recorded`);
  return { at: present, settled: false };
}
