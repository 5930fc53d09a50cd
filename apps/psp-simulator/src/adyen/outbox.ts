import { itemOf, type Draft, type Notice } from './notice';

/** Source: Adyen docs, "Troubleshoot webhooks": three times at once, then from the queue with growing pauses. */
export const RETRY_PAUSES_MS: readonly number[] = [
  ...[9, 9, 9].map((seconds) => seconds * 1_000),
  ...[2, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * 60_000),
];
/** Source: the same page. */
export const RETRIED_FOR_MS = 30 * 24 * 3_600_000;
/** A receiver that takes longer has not received. Source: Adyen docs, "Handle webhook events". */
export const ACKNOWLEDGE_WITHIN_MS = 10_000;
/** How often a waiting outbox looks whether the clock, which a test may move, has come far enough. */
const LOOK_AGAIN_MS = 1_000;

export interface OutboxSettings {
  readonly merchantAccount: string;
  /** Hexadecimal. */
  readonly hmacKey: string;
  readonly itemsPerWebhook: number;
  readonly nowMs: () => number;
  /** Keeps what became of a notice. */
  readonly keep: (notices: readonly Notice[]) => void;
}

/**
 * News that waits for its time and then for its receiver. Without an address nothing is sent and nothing is lost. One
 * queue: while a webhook fails, those after it wait, as at Adyen.
 */
export class Outbox {
  private readonly notices = new Map<number, Notice>();
  private readonly pending = new Map<number, Notice>();
  private lastId = 0;
  private address: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private sending = false;
  private closed = false;

  constructor(private readonly settings: OutboxSettings) {}

  get url(): string | null {
    return this.address;
  }

  set url(url: string | null) {
    this.address = url;
    this.wake();
  }

  /** Numbers drafts, so that they can be kept together with what caused them; `put` must follow. */
  numbered(drafts: readonly Draft[]): readonly Notice[] {
    return drafts.map((draft) => {
      this.lastId += 1;
      return { ...draft, id: this.lastId, attempts: 0, nextMs: draft.dueMs, deliveredMs: null };
    });
  }

  put(notices: readonly Notice[]): void {
    for (const notice of notices) {
      this.notices.set(notice.id, notice);
      if (notice.deliveredMs === null) this.pending.set(notice.id, notice);
      else this.pending.delete(notice.id);
      this.lastId = Math.max(this.lastId, notice.id);
    }
    if (notices.length > 0) this.wake();
  }

  all(): readonly Notice[] {
    return [...this.notices.values()].toSorted(inOrder);
  }

  undelivered(): readonly Notice[] {
    return [...this.pending.values()].toSorted(inOrder);
  }

  item(notice: Notice): object {
    return itemOf(notice, this.settings.merchantAccount, this.settings.hmacKey);
  }

  /** Looks at once what is due: after news, a new address, or a clock that was moved. */
  wake(): void {
    if (this.closed || this.address === null || this.sending) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    const queue = this.waiting();
    const [head] = queue;
    if (head === undefined) return;
    const nowMs = this.settings.nowMs();
    if (head.nextMs <= nowMs) {
      const due = queue.filter(({ dueMs }) => dueMs <= nowMs);
      void this.send(this.address, due.slice(0, this.settings.itemsPerWebhook));
    } else {
      this.timer = setTimeout(
        () => {
          this.wake();
        },
        Math.min(head.nextMs - nowMs, LOOK_AGAIN_MS),
      );
      this.timer.unref();
    }
  }

  clear(): void {
    this.notices.clear();
    this.pending.clear();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private waiting(): readonly Notice[] {
    const nowMs = this.settings.nowMs();
    return this.undelivered().filter(({ dueMs }) => nowMs - dueMs < RETRIED_FOR_MS);
  }

  private async send(url: string, notices: readonly Notice[]): Promise<void> {
    this.sending = true;
    const body = JSON.stringify({
      live: 'false',
      notificationItems: notices.map((notice) => ({ NotificationRequestItem: this.item(notice) })),
    });
    const accepted = await acknowledged(url, body);
    this.sending = false;
    if (this.closed) return;
    const nowMs = this.settings.nowMs();
    // what was reset meanwhile is gone
    const tried = notices
      .filter(({ id }) => this.notices.has(id))
      .map((notice) => afterTry(notice, accepted, nowMs));
    this.settings.keep(tried);
    this.put(tried);
    this.wake();
  }
}

function afterTry(notice: Notice, accepted: boolean, nowMs: number): Notice {
  const attempts = notice.attempts + 1;
  if (accepted) return { ...notice, attempts, deliveredMs: nowMs };
  const pauseMs = RETRY_PAUSES_MS[notice.attempts] ?? RETRY_PAUSES_MS.at(-1) ?? 0;
  return { ...notice, attempts, nextMs: nowMs + pauseMs };
}

const inOrder = (one: Notice, other: Notice): number => one.dueMs - other.dueMs || one.id - other.id;

async function acknowledged(url: string, body: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ACKNOWLEDGE_WITHIN_MS),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
