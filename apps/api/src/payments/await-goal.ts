import type { Clock, Goal, OutcomeWatcher, PaymentAt } from '@tender/engine';
import { foldPayment, foldToGoal } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { Patience } from './patience';

export interface GoalWait {
  readonly stream: string;
  readonly goal: Goal;
  /** Begun before the command was sent: so what it caused is seen. */
  readonly watcher: OutcomeWatcher;
  readonly waitUntilMs: number;
}

/** `settled`: the payment where it reached the goal, the same for every repetition; otherwise as it is at present. */
export interface GoalAnswer {
  readonly at: PaymentAt;
  readonly settled: boolean;
}

/** The payment at its goal, or as it is when the caller's patience ends. */
export async function awaitGoal(
  deps: { readonly clock: Clock; readonly log: EventLog; readonly patience: Patience },
  { stream, goal, watcher, waitUntilMs }: GoalWait,
): Promise<GoalAnswer> {
  const { clock, log, patience } = deps;
  const leftMs = Math.max(0, waitUntilMs - clock.now());
  const reached = await patience.atMost(watcher.outcome(leftMs));
  if (reached !== undefined) return { at: reached, settled: true };
  const events = await log.readStream(stream);
  // it may have come between the end of the wait and the read, and later events may have followed it
  const settled = foldToGoal(events, goal);
  if (settled !== undefined) return { at: settled, settled: true };
  const present = foldPayment(events);
  if (present === undefined) throw new Error(`${stream} is empty after it was recorded`);
  return { at: present, settled: false };
}
