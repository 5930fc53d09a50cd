import { SimClock } from '../clock';
import type { Controlled } from '../control-routes';
import { FaultScript } from '../faults';
import type { Journal } from '../journal';
import { Latency, type LatencyShape } from '../latency';
import { Timings } from '../timings';
import type { TruthRow } from '../truth';
import { createKeys, type KeyRecord } from './idempotency';
import type { Draft, Notice } from './notice';
import { Outbox } from './outbox';
import type { Payment } from './payment';
import { PaymentStore } from './payment-store';
import { openJournal, type Line } from './persistence';
import { PspReferences } from './psp-references';
import type { Region } from './routes';
import { truthRows } from './truth-rows';

export interface AdyenSimulationOptions {
  readonly dir?: string | undefined;
  readonly seed?: number | undefined;
  readonly latency: LatencyShape;
  readonly clock?: (() => number) | undefined;
  readonly onJournalFailure: (error: Error) => void;
  readonly merchantAccount: string;
  readonly hmacKey: string;
  readonly itemsPerWebhook: number;
}

/** What is streamed apart, so that the order of faults does not depend on how many delays were drawn. */
const LATENCY_SEED_SALT = 0x1a7e;

/** What one request changed. */
export interface Change {
  readonly payment: Payment | null;
  readonly news: readonly Draft[];
  readonly kept: { readonly region: Region; readonly record: KeyRecord } | null;
}

/** The state of the simulated PSP: everything but its socket. */
export class AdyenSimulation implements Controlled {
  readonly clock: SimClock;
  readonly faults: FaultScript;
  readonly latency: Latency;
  readonly timings = new Timings();
  readonly payments = new PaymentStore();
  readonly keys = createKeys();
  readonly references: PspReferences;
  readonly outbox: Outbox;
  private readonly journal: Journal;

  constructor(options: AdyenSimulationOptions) {
    const seed = options.seed ?? 0;
    this.clock = new SimClock(options.clock);
    this.faults = new FaultScript(seed);
    this.latency = new Latency(seed ^ LATENCY_SEED_SALT, options.latency);
    this.outbox = new Outbox({
      merchantAccount: options.merchantAccount,
      hmacKey: options.hmacKey,
      itemsPerWebhook: options.itemsPerWebhook,
      nowMs: () => this.clock.nowMs(),
      keep: (n) => {
        this.write({ n }, () => undefined);
      },
    });
    this.journal = openJournal(options.dir, this, options.onJournalFailure);
    // a seeded run that goes on with stored state must not issue the same references again
    this.references = new PspReferences(
      options.seed === undefined ? undefined : options.seed + this.payments.size,
    );
  }

  truth(): Iterable<TruthRow> {
    return truthRows(this.payments.all(), this.clock.nowMs());
  }

  /** Makes a change, the answer under its key and the news of it durable together, then calls `done`. */
  commit({ payment, news, kept }: Change, done: () => void): void {
    const notices = this.outbox.numbered(news);
    if (payment !== null) this.payments.put(payment);
    if (kept !== null) this.keys[kept.region].finish(kept.record);
    if (payment === null && kept === null && notices.length === 0) {
      this.journal.settled(done);
      return;
    }
    const line: Line = {
      ...(payment !== null && { p: payment }),
      ...(kept !== null && { k: { ...kept.record, region: kept.region } }),
      ...(notices.length > 0 && { n: notices }),
    };
    this.write(line, () => {
      // nobody hears of what a crash could still undo
      this.publish(notices);
      done();
    });
  }

  settled(done: () => void): void {
    this.journal.settled(done);
  }

  clockMoved(done: () => void): void {
    this.write({ c: this.clock.offsetMs }, done);
    this.outbox.wake();
  }

  reset(): void {
    this.payments.clear();
    for (const store of Object.values(this.keys)) store.clear();
    this.outbox.clear();
    this.faults.clear();
    this.timings.clear();
    this.clock.restore(0, 0);
    this.journal.replaceAll([]);
  }

  close(): Promise<void> {
    this.outbox.close();
    return this.journal.close();
  }

  abandon(): void {
    this.outbox.close();
    this.journal.abandon();
  }

  private publish(notices: readonly Notice[]): void {
    this.outbox.put(notices);
  }

  private write(line: Line, done: () => void): void {
    if (this.journal.keeps) this.journal.append(JSON.stringify(line), done);
    else done();
  }
}
