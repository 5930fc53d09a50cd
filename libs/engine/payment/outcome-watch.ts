import type { PaymentState } from '@tender/domain';
import type { EventLog, Position, RecordedEvent, Subscription } from '@tender/eventstore';
import { SubscriptionDropped } from '@tender/eventstore';
import type { Clock } from '../timers/clock';
import { sleep } from '../timers/clock';
import { evolveBy, foldToGoal, OUTCOME, PAYMENT_PREFIX, type Goal, type PaymentAt } from './payment-stream';

export interface OutcomeWatcher {
  /** The payment where it reached the goal, as soon as it did, or undefined when the wait ends first. */
  outcome(waitMs: number): Promise<PaymentAt | undefined>;
  /** Must be called exactly once, whatever happened. */
  release(): void;
}

/** Goals watched at a time, most often one a stream; a request beyond answers without waiting. */
export const MAX_WATCHED_GOALS = 20_000;
const RECONNECT_AFTER_MS = 200;

interface Watched {
  readonly goal: Goal;
  watchers: number;
  state: PaymentState;
  revision: bigint;
  outcome: PaymentAt | undefined;
  readonly waiting: Set<(outcome: PaymentAt) => void>;
}

/**
 * Waits for payments' outcomes, and for the ends of what is done to them later, on one live subscription a process. Watch first, append then: whatever is recorded
 * after the watch began is seen. No polling; the events are folded as they come, so an answer costs no read.
 */
export class OutcomeWatch {
  private readonly watched = new Map<string, Map<string, Watched>>();
  private goals = 0;
  private subscription: Subscription | undefined;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
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

  /** @param known the payment as the caller has read it: what it holds is not read again */
  watch(stream: string, goal: Goal = OUTCOME, known?: PaymentAt): OutcomeWatcher {
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

  private begin(stream: string, goal: Goal, known: PaymentAt | undefined): Watched | undefined {
    if (this.goals >= MAX_WATCHED_GOALS) return undefined;
    const begun: Watched = {
      goal,
      watchers: 0,
      state: known?.payment ?? null,
      revision: known?.revision ?? -1n,
      outcome: undefined,
      waiting: new Set(),
    };
    const ofStream = this.watched.get(stream) ?? new Map<string, Watched>();
    this.watched.set(stream, ofStream.set(goal.name, begun));
    this.goals += 1;
    return begun;
  }

  private end(stream: string, { goal }: Watched): void {
    const ofStream = this.watched.get(stream);
    if (ofStream?.delete(goal.name) === true) this.goals -= 1;
    if (ofStream?.size === 0) this.watched.delete(stream);
  }

  private outcomeOf(watched: Watched, waitMs: number): Promise<PaymentAt | undefined> {
    if (watched.outcome !== undefined || waitMs <= 0) return Promise.resolve(watched.outcome);
    return new Promise((resolve) => {
      const settle = (outcome: PaymentAt | undefined): void => {
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
      const subscription = log.subscribe({ after, prefixes: [PAYMENT_PREFIX] });
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

  private advance(watched: Watched, event: RecordedEvent): void {
    if (event.revision !== watched.revision + 1n) {
      if (event.revision <= watched.revision) return;
      this.catchUp(event.stream, watched).catch(this.deps.report);
      return;
    }
    watched.state = evolveBy(watched.state, event);
    watched.revision = event.revision;
    if (watched.state !== null && watched.goal.isReached(watched.state)) {
      settle(watched, { payment: watched.state, revision: event.revision });
    }
  }

  private async catchUp(stream: string, watched: Watched): Promise<void> {
    const outcome = foldToGoal(await this.deps.log.readStream(stream), watched.goal);
    if (outcome !== undefined) settle(watched, outcome);
  }
}

function settle(watched: Watched, outcome: PaymentAt): void {
  watched.outcome ??= outcome;
  for (const waiting of [...watched.waiting]) waiting(watched.outcome);
}

/** Too many wait already: this caller is answered with the present state. */
const REFUSED: OutcomeWatcher = { outcome: () => Promise.resolve(undefined), release: () => undefined };
