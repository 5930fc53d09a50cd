import type { PaymentState } from '@tender/domain';
import { hasOutcome } from '@tender/domain';
import type { EventLog, Position, RecordedEvent, Subscription } from '@tender/eventstore';
import { SubscriptionDropped } from '@tender/eventstore';
import type { Clock } from '../timers/clock';
import { sleep } from '../timers/clock';
import { evolveBy, foldToOutcome, PAYMENT_PREFIX, type PaymentAt } from './payment-stream';

export interface OutcomeWatcher {
  /** The payment at its outcome as soon as there is one, or undefined when the wait ends first. */
  outcome(waitMs: number): Promise<PaymentAt | undefined>;
  /** Must be called exactly once, whatever happened. */
  release(): void;
}

/** Streams watched at a time; a request beyond answers without waiting. */
export const MAX_WATCHED_STREAMS = 20_000;
const RECONNECT_AFTER_MS = 200;

interface Watched {
  watchers: number;
  state: PaymentState;
  revision: bigint;
  outcome: PaymentAt | undefined;
  readonly waiting: Set<(outcome: PaymentAt) => void>;
}

/**
 * Waits for payments' outcomes on one live subscription a process. Watch first, append then: whatever is recorded
 * after the watch began is seen. No polling; the events are folded as they come, so an answer costs no read.
 */
export class OutcomeWatch {
  private readonly watched = new Map<string, Watched>();
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

  watch(stream: string): OutcomeWatcher {
    const watched = this.watched.get(stream) ?? this.begin(stream);
    if (watched === undefined) return REFUSED;
    watched.watchers += 1;
    return {
      outcome: (waitMs) => this.outcomeOf(watched, waitMs),
      release: () => {
        watched.watchers -= 1;
        if (watched.watchers === 0 && this.watched.get(stream) === watched) this.watched.delete(stream);
      },
    };
  }

  get size(): number {
    return this.watched.size;
  }

  private begin(stream: string): Watched | undefined {
    if (this.watched.size >= MAX_WATCHED_STREAMS) return undefined;
    const begun: Watched = {
      watchers: 0,
      state: null,
      revision: -1n,

      outcome: undefined,
      waiting: new Set(),
    };
    this.watched.set(stream, begun);
    return begun;
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
    for (const [stream, watched] of this.watched) {
      if (watched.outcome === undefined) this.catchUp(stream, watched).catch(this.deps.report);
    }
  }

  private isStopping(): boolean {
    return this.stopping;
  }

  private see(event: RecordedEvent): void {
    const watched = this.watched.get(event.stream);
    if (watched === undefined || watched.outcome !== undefined) return;
    if (event.revision !== watched.revision + 1n) {
      if (event.revision <= watched.revision) return;
      this.catchUp(event.stream, watched).catch(this.deps.report);
      return;
    }
    watched.state = evolveBy(watched.state, event);
    watched.revision = event.revision;
    if (watched.state !== null && hasOutcome(watched.state)) {
      settle(watched, { payment: watched.state, revision: event.revision });
    }
  }

  private async catchUp(stream: string, watched: Watched): Promise<void> {
    const outcome = foldToOutcome(await this.deps.log.readStream(stream));
    if (outcome !== undefined) settle(watched, outcome);
  }
}

function settle(watched: Watched, outcome: PaymentAt): void {
  watched.outcome ??= outcome;
  for (const waiting of [...watched.waiting]) waiting(watched.outcome);
}

/** Too many wait already: this caller is answered with the present state. */
const REFUSED: OutcomeWatcher = { outcome: () => Promise.resolve(undefined), release: () => undefined };
