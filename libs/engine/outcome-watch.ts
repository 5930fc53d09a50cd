import type { EventLog, Position, RecordedEvent, Subscription } from '@tender/eventstore';
import { SubscriptionDropped } from '@tender/eventstore';
import type { Clock } from './timers/clock';
import { sleep } from './timers/clock';
import type { Goal, StreamKind } from './goal';
import { foldUntilGoal } from './goal';

export interface OutcomeWatcher<At> {
  /** The state where it reached the goal, as soon as it did, or undefined when the wait ends first. */
  outcome(waitMs: number): Promise<At | undefined>;
  /** Must be called exactly once, whatever happened. */
  release(): void;
}

/** Goals watched at a time, most often one a stream; a request beyond answers without waiting. */
export const MAX_WATCHED_GOALS = 20_000;
const RECONNECT_AFTER_MS = 200;

interface Watched<State, At> {
  readonly goal: Goal<State>;
  watchers: number;
  state: State | null;
  revision: bigint;
  outcome: At | undefined;
  readonly waiting: Set<(outcome: At) => void>;
}

/** A stream as the caller has read it. */
export interface KnownStream<State> {
  readonly state: State;
  readonly revision: bigint;
}

/**
 * Waits for what streams of one kind come to (payments' outcomes, the ends of what is done to them later, refunds' answers)
 * on one live subscription a process. Watch first, append then: whatever is recorded after the watch began is seen. No
 * polling; the events are folded as they come, so an answer costs no read.
 */
export class OutcomeWatch<State, At> {
  private readonly watched = new Map<string, Map<string, Watched<State, At>>>();
  private goals = 0;
  private subscription: Subscription | undefined;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly kind: StreamKind<State, At>,
    private readonly deps: {
      readonly log: EventLog;
      readonly clock: Clock;
      readonly report: (error: unknown) => void;
    },
  ) {}

  /** Resolves when the subscription is live; rejects when it can never be. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.running = this.run(resolve).catch((error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        this.deps.report(error);
      });
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.subscription?.close();
    await this.running;
  }

  /** @param known the stream as the caller has read it: what it holds is not read again */
  watch(stream: string, goal: Goal<State>, known?: KnownStream<State>): OutcomeWatcher<At> {
    const watched = this.watched.get(stream)?.get(goal.name) ?? this.begin(stream, goal, known);
    if (watched === undefined) return REFUSED;
    watched.watchers += 1;
    return {
      outcome: (waitMs) => this.outcomeOf(watched, waitMs),
      release: () => {
        watched.watchers -= 1;
        if (watched.watchers === 0) this.end(stream, watched);
      },
    };
  }

  get size(): number {
    return this.goals;
  }

  private begin(
    stream: string,
    goal: Goal<State>,
    known: KnownStream<State> | undefined,
  ): Watched<State, At> | undefined {
    if (this.goals >= MAX_WATCHED_GOALS) return undefined;
    const begun: Watched<State, At> = {
      goal,
      watchers: 0,
      state: known?.state ?? null,
      revision: known?.revision ?? -1n,
      outcome: undefined,
      waiting: new Set(),
    };
    const ofStream = this.watched.get(stream) ?? new Map<string, Watched<State, At>>();
    this.watched.set(stream, ofStream.set(goal.name, begun));
    this.goals += 1;
    return begun;
  }

  private end(stream: string, { goal }: Watched<State, At>): void {
    const ofStream = this.watched.get(stream);
    if (ofStream?.delete(goal.name) === true) this.goals -= 1;
    if (ofStream?.size === 0) this.watched.delete(stream);
  }

  private outcomeOf(watched: Watched<State, At>, waitMs: number): Promise<At | undefined> {
    if (watched.outcome !== undefined || waitMs <= 0) return Promise.resolve(watched.outcome);
    return new Promise((resolve) => {
      const settle = (outcome: At | undefined): void => {
        cancel();
        watched.waiting.delete(settle);
        resolve(outcome);
      };
      const cancel = this.deps.clock.after(waitMs, () => {
        settle(undefined);
      });
      watched.waiting.add(settle);
    });
  }

  private async run(onLive: () => void): Promise<void> {
    const { log, clock, report } = this.deps;
    let after: Position | 'end' = 'end';
    while (!this.isStopping()) {
      const subscription = log.subscribe({ after, prefixes: [this.kind.prefix] });
      this.subscription = subscription;
      const mayHaveMissed = after === 'end';
      try {
        let first = true;
        for await (const batch of subscription) {
          for (const event of batch.events) this.see(event);
          after = batch.position ?? after;
          if (first) onLive();
          if (first && mayHaveMissed) this.readAgain();
          first = false;
        }
      } catch (error) {
        if (!(error instanceof SubscriptionDropped)) throw error;
        if (this.isStopping()) return;
        report(error);
        await sleep(clock, RECONNECT_AFTER_MS);
      }
    }
  }

  /** Opened at the end of the log: what came before it, the subscription does not tell. */
  private readAgain(): void {
    for (const [stream, ofStream] of this.watched) {
      for (const watched of ofStream.values()) {
        if (watched.outcome === undefined) this.catchUp(stream, watched).catch(this.deps.report);
      }
    }
  }

  private isStopping(): boolean {
    return this.stopping;
  }

  private see(event: RecordedEvent): void {
    for (const watched of this.watched.get(event.stream)?.values() ?? []) {
      if (watched.outcome === undefined) this.advance(watched, event);
    }
  }

  private advance(watched: Watched<State, At>, event: RecordedEvent): void {
    if (event.revision !== watched.revision + 1n) {
      if (event.revision <= watched.revision) return;
      this.catchUp(event.stream, watched).catch(this.deps.report);
      return;
    }
    watched.state = this.kind.evolve(watched.state, event);
    watched.revision = event.revision;
    if (watched.state !== null && watched.goal.isReached(watched.state)) {
      settle(watched, this.kind.at(watched.state, event.revision));
    }
  }

  private async catchUp(stream: string, watched: Watched<State, At>): Promise<void> {
    const outcome = foldUntilGoal(this.kind, await this.deps.log.readStream(stream), watched.goal);
    if (outcome !== undefined) settle(watched, outcome);
  }
}

function settle<State, At>(watched: Watched<State, At>, outcome: At): void {
  watched.outcome ??= outcome;
  for (const waiting of [...watched.waiting]) waiting(watched.outcome);
}

/** Too many wait already: this caller is answered with the present state. */
const REFUSED: OutcomeWatcher<never> = {
  outcome: () => Promise.resolve(undefined),
  release: () => undefined,
};
