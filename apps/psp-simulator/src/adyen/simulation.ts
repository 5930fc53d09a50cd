import { SimClock } from '../clock';
import type { Controlled } from '../control-routes';
import { FaultScript } from '../fault-script';
import type { Journal } from '../journal';
import { Latency, type LatencyShape } from '../latency';
import { Outbox } from '../outbox';
import type { Telling } from '../outbox-routes';
import { RateLimit } from '../rate-limit';
import { Timings } from '../timings';
import type { TruthRow } from '../truth';
import { createKeys, type KeyRecord } from './idempotency';
import { itemOf, type Draft, type News, type Notice } from './notice';
import type { Payment } from './payment';
import { PaymentStore } from './payment-store';
import { openJournal, type Line } from './persistence';
import { PspReferences } from './psp-references';
import type { Region } from './routes';
import { truthRows } from './truth-rows';
import { DELIVERY_RULES, isHmacKey, webhookOf } from './webhook';

export interface AdyenSimulationOptions {
  readonly dir?: string | undefined;
  readonly seed?: number | undefined;
  readonly latency: LatencyShape;
  readonly clock?: (() => number) | undefined;
  readonly onJournalFailure: (error: Error) => void;
  readonly merchantAccount: string;
  readonly hmacKey: string;
  readonly itemsPerWebhook: number;
  readonly rateLimitPerSecond: number | null;
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
export class AdyenSimulation implements Controlled, Telling<News> {
  readonly clock: SimClock;
  readonly faults: FaultScript;
  readonly latency: Latency;
  readonly timings = new Timings();
  readonly payments = new PaymentStore();
  readonly keys = createKeys();
  readonly references: PspReferences;
  readonly rateLimit: RateLimit;
  readonly outbox: Outbox<News>;
  private readonly merchantAccount: string;
  private readonly journal: Journal;

  constructor(options: AdyenSimulationOptions) {
    const seed = options.seed ?? 0;
    this.clock = new SimClock(options.clock);
    this.faults = new FaultScript(seed);
    this.latency = new Latency(seed ^ LATENCY_SEED_SALT, options.latency);
    this.rateLimit = new RateLimit(options.rateLimitPerSecond, () => performance.now());
    this.merchantAccount = options.merchantAccount;
    this.outbox = new Outbox<News>({
      rules: DELIVERY_RULES,
      itemsPerWebhook: options.itemsPerWebhook,
      secret: options.hmacKey,
      nowMs: () => this.clock.nowMs(),
      write: (notices, hmacKey, spoiled) => webhookOf(notices, this.merchantAccount, hmacKey, spoiled),
      keep: (n) => {
        this.write({ n }, () => undefined);
      },
      drawFault: () => this.faults.drawForWebhook(),
      injected: (kind) => {
        this.faults.injected(kind);
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
      this.outbox.publish(notices, done);
    });
  }

  shown(notice: Notice): object {
    return { item: itemOf(notice, this.merchantAccount, this.outbox.secret) };
  }

  isSecret(text: string): boolean {
    return isHmacKey(text);
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

  private write(line: Line, done: () => void): void {
    if (this.journal.keeps) this.journal.append(JSON.stringify(line), done);
    else done();
  }
}
