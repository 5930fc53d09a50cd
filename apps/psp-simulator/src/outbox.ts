import { DueQueue } from './due-queue';
import {
  acknowledged,
  afterTry,
  dueAt,
  inOrder,
  spoiledBy,
  type DeliveryRules,
  type Draft,
  type Entry,
  type Spoiled,
  type Webhook,
} from './delivery';
import type { WebhookFault, WebhookFaultKind } from './webhook-faults';

export interface OutboxSettings<News> {
  readonly rules: DeliveryRules;
  readonly itemsPerWebhook: number;
  readonly secret: string;
  readonly nowMs: () => number;
  /** The body as it is sent, signed. */
  readonly write: (entries: readonly Entry<News>[], secret: string, spoiled: Spoiled) => Webhook;
  /** Keeps what became of a delivery. */
  readonly keep: (entries: readonly Entry<News>[]) => void;
  readonly drawFault: () => WebhookFault | undefined;
  readonly injected: (kind: WebhookFaultKind) => void;
  /** Of what was delivered; the oldest is forgotten. */
  readonly deliveredKept?: number;
}

/** How often a waiting outbox looks whether the clock, which a test may move, has come far enough. */
const LOOK_AGAIN_MS = 1_000;
/** Enough to look back on; what is not delivered is never forgotten. */
export const DELIVERED_KEPT = 50_000;
/** A reordered webhook follows the next one so closely, and goes by itself when none comes for so long. */
export const REORDER_GAP_MS = 50;
const REORDER_WITHIN_MS = 2_000;

/**
 * News that waits for its time and then for its receiver. Without an address nothing is sent and nothing is lost.
 * Serves every PSP: what differs is how a webhook is written and by which rules it is repeated.
 */
export class Outbox<News extends object> {
  secret: string;
  private readonly entries = new Map<number, Entry<News>>();
  private readonly delivered = new Set<number>();
  private readonly queue = new DueQueue<Entry<News>>();
  private readonly faults = new Map<number, WebhookFault>();
  private aside: Entry<News> | undefined;
  private lastId = 0;
  private address: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private inFlight = 0;
  private closed = false;

  constructor(private readonly settings: OutboxSettings<News>) {
    this.secret = settings.secret;
  }

  get url(): string | null {
    return this.address;
  }

  set url(url: string | null) {
    this.address = url;
    this.wake();
  }

  /** Numbers drafts, so that they can be kept together with what caused them; `publish` must follow. */
  numbered(drafts: readonly Draft<News>[]): readonly Entry<News>[] {
    return drafts.map((draft) => {
      this.lastId += 1;
      return { ...draft, id: this.lastId, attempts: 0, nextMs: draft.dueMs, deliveredMs: null };
    });
  }

  /** Takes in what is durable now. Calls `done` when the request that caused it may be answered. */
  publish(entries: readonly Entry<News>[], done: () => void): void {
    const first = entries.flatMap((entry) => {
      const fault = this.settings.drawFault();
      return fault === undefined ? this.follow(entry) : this.struck(entry, fault);
    });
    this.wake();
    const { address } = this;
    if (first.length === 0 || address === null) {
      this.put(first);
      done();
      return;
    }
    for (const entry of first) this.entries.set(entry.id, entry);
    void Promise.all(first.map((entry) => this.send(address, [entry]))).then(done);
  }

  /** Puts back entries as they are from now on. */
  put(entries: readonly Entry<News>[]): void {
    for (const entry of entries) {
      this.entries.set(entry.id, entry);
      this.lastId = Math.max(this.lastId, entry.id);
      if (entry.deliveredMs === null) {
        this.queue.add(this.settings.rules.holdsBack ? entry.dueMs : entry.nextMs, entry.id, entry);
      } else this.forgetOldestAfter(entry.id);
    }
    if (entries.length > 0) this.wake();
  }

  all(): readonly Entry<News>[] {
    return [...this.entries.values()].toSorted(inOrder);
  }

  undelivered(): readonly Entry<News>[] {
    return this.all().filter(({ deliveredMs }) => deliveredMs === null);
  }

  /** Looks at once what is due: after news, a new address, or a clock that was moved. */
  wake(): void {
    if (this.closed || this.address === null) return;
    clearTimeout(this.timer);
    while (this.inFlight < this.settings.rules.inFlightMax) {
      const batch = this.takeDue();
      if (batch.length === 0) break;
      void this.send(this.address, batch);
    }
    const head = this.head();
    if (head === undefined || this.inFlight >= this.settings.rules.inFlightMax) return;
    this.timer = setTimeout(
      () => {
        this.wake();
      },
      Math.min(head.nextMs - this.settings.nowMs(), LOOK_AGAIN_MS),
    );
    this.timer.unref();
  }

  clear(): void {
    this.entries.clear();
    this.delivered.clear();
    this.queue.clear();
    this.faults.clear();
    this.aside = undefined;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** Applies a fault as far as it is one of when; returns what is to be sent before anything else. */
  private struck(entry: Entry<News>, fault: WebhookFault): readonly Entry<News>[] {
    const nowMs = this.settings.nowMs();
    switch (fault.kind) {
      case 'webhook_drop': {
        const dropped = { ...entry, deliveredMs: nowMs };
        this.settings.injected(fault.kind);
        this.settings.keep([dropped]);
        this.put([dropped]);
        return [];
      }
      case 'webhook_delay':
        this.settings.injected(fault.kind);
        return this.follow(dueAt(entry, entry.dueMs + fault.amount));
      case 'webhook_reorder':
        this.settings.injected(fault.kind);
        this.follow(dueAt(entry, entry.dueMs + REORDER_WITHIN_MS));
        this.aside = this.entries.get(entry.id);
        return [];
      case 'webhook_before_response':
        this.settings.injected(fault.kind);
        return [dueAt(entry, nowMs)];
      case 'webhook_dup':
      case 'webhook_bad_sig':
      case 'webhook_stale':
      case 'webhook_future':
        this.faults.set(entry.id, fault);
        return this.follow(entry);
    }
  }

  /** Queues it, and after it the one that was to come before. */
  private follow(entry: Entry<News>): readonly Entry<News>[] {
    const { aside } = this;
    this.aside = undefined;
    this.put([entry]);
    if (aside !== undefined && this.entries.get(aside.id) === aside) {
      this.put([dueAt(aside, entry.dueMs + REORDER_GAP_MS)]);
    }
    return [];
  }

  /** The first that is still to be sent; an entry that was replaced leaves its old place behind. */
  private head(): Entry<News> | undefined {
    const nowMs = this.settings.nowMs();
    for (let head = this.queue.first; head !== undefined; head = this.queue.first) {
      const isCurrent = this.entries.get(head.id) === head;
      if (isCurrent && nowMs - head.dueMs < this.settings.rules.retriedForMs) return head;
      this.queue.take();
    }
    return undefined;
  }

  private takeDue(): readonly Entry<News>[] {
    const nowMs = this.settings.nowMs();
    const batch: Entry<News>[] = [];
    while (batch.length < this.settings.itemsPerWebhook) {
      const head = this.head();
      if (head === undefined || head.nextMs > nowMs) break;
      this.queue.take();
      batch.push(head);
    }
    return batch;
  }

  private async send(url: string, entries: readonly Entry<News>[]): Promise<void> {
    this.inFlight += 1;
    const { rules, write, nowMs, keep } = this.settings;
    const fault = this.takeFault(entries);
    const webhook = write(entries, this.secret, spoiledBy(fault));
    let accepted = await acknowledged(url, webhook, rules.acknowledgeWithinMs);
    const copies = fault?.kind === 'webhook_dup' ? fault.amount : 1;
    for (let n = 1; n < copies; n += 1) {
      const again = await acknowledged(url, webhook, rules.acknowledgeWithinMs);
      accepted &&= again;
    }
    this.inFlight -= 1;
    if (this.closed) return;
    // what was reset meanwhile is gone
    const tried = entries
      .filter(({ id }) => this.entries.has(id))
      .map((entry) => afterTry(entry, accepted, nowMs(), rules.retryPausesMs));
    if (tried.length > 0) keep(tried);
    this.put(tried);
    this.wake();
  }

  private takeFault(entries: readonly Entry<News>[]): WebhookFault | undefined {
    const faults = entries.map(({ id }) => this.faults.get(id)).filter((fault) => fault !== undefined);
    for (const { id } of entries) this.faults.delete(id);
    const [fault] = faults;
    if (fault !== undefined) this.settings.injected(fault.kind);
    return fault;
  }

  private forgetOldestAfter(id: number): void {
    this.delivered.add(id);
    if (this.delivered.size <= (this.settings.deliveredKept ?? DELIVERED_KEPT)) return;
    const [oldest = id] = this.delivered;
    this.delivered.delete(oldest);
    this.entries.delete(oldest);
  }
}
