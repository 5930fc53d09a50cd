import { SimClock } from '../clock';
import type { Controlled } from '../control-routes';
import { FaultScript } from '../fault-script';
import type { Journal } from '../journal';
import { Latency, type LatencyShape } from '../latency';
import type { Entry } from '../delivery';
import { Outbox } from '../outbox';
import type { Telling } from '../outbox-routes';
import { RateLimit } from '../rate-limit';
import { Timings } from '../timings';
import type { TruthRow } from '../truth';
import { Agenda } from './agenda';
import { aged, nextChangeMs } from './ageing';
import { CreationOrder } from './creation-order';

import { happenedBetween, type Cause, type StripeEvent } from './event';
import { eventJson } from './event-json';
import { createKeys, type KeyRecord } from './idempotency-store';
import { Ids } from './ids';
import type { Intent } from './intent';
import { IntentStore } from './intent-store';
import { clockLine, commitLine, deliveriesLine, openJournal } from './persistence';
import { plannedDispute } from './plan-dispute';
import { RefundIndex } from './refund-index';
import { truthRows } from './truth-rows';
import { DELIVERY_RULES, isWebhookSecret, signedWebhook, type EventNews } from './webhook';

export interface StripeSimulationOptions {
  /** Where state is kept over a restart; nothing is kept without one. */
  readonly dir?: string | undefined;
  /** Of faults, delays and object ids; without one, ids never repeat. */
  readonly seed?: number | undefined;
  readonly latency: LatencyShape;
  readonly rateLimitPerSecond: number | null;
  readonly clock?: (() => number) | undefined;
  readonly onJournalFailure: (error: Error) => void;
  readonly webhookSecret: string;
  readonly resultsAfterMs: number;
}

/** What is streamed apart, so that the order of faults does not depend on how many delays were drawn. */
const LATENCY_SEED_SALT = 0x1a7e;

/** What one request changed. */
export interface Change {
  readonly intent: Intent | null;
  readonly kept: KeyRecord | null;
  readonly cause: Cause | null;
}

/** The state of the simulated PSP: everything but its socket. */
export class StripeSimulation implements Controlled, Telling<EventNews> {
  readonly clock: SimClock;
  readonly faults: FaultScript;
  readonly latency: Latency;
  readonly intents = new IntentStore();
  readonly refunds = new RefundIndex();
  readonly events = new CreationOrder<StripeEvent>();
  readonly keys = createKeys();
  readonly timings = new Timings();
  readonly rateLimit: RateLimit;
  readonly outbox: Outbox<EventNews>;
  readonly ids: Ids;
  readonly view = { origin: '' };
  readonly resultsAfterMs: number;
  private readonly agenda: Agenda;
  private readonly journal: Journal;

  constructor(options: StripeSimulationOptions) {
    const seed = options.seed ?? 0;
    this.clock = new SimClock(options.clock);
    this.faults = new FaultScript(seed);
    this.latency = new Latency(seed ^ LATENCY_SEED_SALT, options.latency);
    this.rateLimit = new RateLimit(options.rateLimitPerSecond, () => performance.now());
    this.resultsAfterMs = options.resultsAfterMs;
    this.outbox = this.createOutbox(options.webhookSecret);
    this.agenda = new Agenda(
      () => this.clock.nowMs(),
      (id) => {
        this.age(id);
      },
    );
    this.journal = openJournal(options.dir, this, options.onJournalFailure);
    for (const intent of this.intents.allStored()) this.remind(intent);
    // a seeded run that goes on with stored state must not issue the same ids again
    this.ids = new Ids(options.seed === undefined ? undefined : seed + this.intents.size);
  }

  truth(): Iterable<TruthRow> {
    return truthRows(this.intents.all(this.clock.nowMs()));
  }

  /** Makes a change, the answer under its key and the news of it visible and durable together, then calls `done`. */
  commit({ intent: made, kept, cause }: Change, done: () => void): void {
    const intent = made && this.withPlan(made);
    const events = intent === null ? [] : this.eventsOf(intent, cause);
    const deliveries = this.outbox.numbered(
      events.map(({ id, createdMs }) => ({ event: id, dueMs: createdMs + this.resultsAfterMs })),
    );
    if (intent !== null) {
      this.intents.put(intent);
      this.refunds.add(intent);
      this.remind(intent);
    }
    for (const event of events) this.events.put(event);
    if (kept !== null) this.keys.finish(kept);
    if (intent === null && kept === null) {
      this.journal.settled(done);
      return;
    }
    const publish = (): void => {
      // nobody hears of what a crash could still undo
      this.outbox.publish(deliveries, done);
    };
    if (this.journal.keeps) this.journal.append(commitLine({ intent, kept, events, deliveries }), publish);
    else publish();
  }

  /** Records what time has changed since anybody looked. */
  passTime(): void {
    this.agenda.wake();
  }

  shown({ event }: Entry<EventNews>): object {
    return { event: this.eventBody(event) };
  }

  isSecret(text: string): boolean {
    return isWebhookSecret(text);
  }

  settled(done: () => void): void {
    this.journal.settled(done);
  }

  clockMoved(done: () => void): void {
    this.journal.append(clockLine(this.clock), () => {
      this.passTime();
      this.outbox.wake();
      done();
    });
  }

  reset(): void {
    this.intents.clear();
    this.refunds.clear();
    this.events.clear();
    this.keys.clear();
    this.outbox.clear();
    this.agenda.clear();
    this.faults.clear();
    this.timings.clear();
    this.clock.restore(0, 0);
    this.journal.replaceAll([]);
  }

  close(): Promise<void> {
    this.agenda.close();
    this.outbox.close();
    return this.journal.close();
  }

  abandon(): void {
    this.agenda.close();
    this.outbox.close();
    this.journal.abandon();
  }

  private createOutbox(secret: string): Outbox<EventNews> {
    return new Outbox<EventNews>({
      rules: DELIVERY_RULES,
      itemsPerWebhook: 1,
      secret,
      nowMs: () => this.clock.nowMs(),
      write: ([entry], key, spoiled) => {
        const body = JSON.stringify(this.eventBody(entry?.event ?? ''));
        return signedWebhook(body, key, this.clock.wallMs(), spoiled);
      },
      keep: (n) => {
        if (this.journal.keeps) this.journal.append(deliveriesLine(n), () => undefined);
      },
      drawFault: () => this.faults.drawForWebhook(),
      injected: (kind) => {
        this.faults.injected(kind);
      },
    });
  }

  private eventBody(id: string): object {
    const event = this.events.get(id);
    if (event === undefined) throw new Error(`a webhook of no event: ${id}`);
    return eventJson(event, 1, this.view);
  }

  private eventsOf(intent: Intent, cause: Cause | null): readonly StripeEvent[] {
    const createdMs = this.clock.nowMs();
    return happenedBetween(this.intents.stored(intent.id), intent).map(({ type, refundId }) => ({
      id: this.ids.next('evt'),
      createdMs,
      type,
      refundId,
      cause,
      intent,
    }));
  }

  private withPlan(intent: Intent): Intent {
    const at = { nowMs: this.clock.nowMs(), resultsAfterMs: this.resultsAfterMs };
    return plannedDispute(this.intents.stored(intent.id), intent, () => this.ids.next('du'), at);
  }

  private remind(intent: Intent): void {
    const atMs = nextChangeMs(intent);
    if (atMs !== undefined) this.agenda.add(atMs, intent.id);
  }

  private age(id: string): void {
    const before = this.intents.stored(id);
    const intent = before && aged(before, this.clock.nowMs());
    if (intent !== undefined && intent !== before) {
      this.commit({ intent, kept: null, cause: null }, () => undefined);
    }
  }
}
