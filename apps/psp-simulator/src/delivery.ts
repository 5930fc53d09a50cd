import type { WebhookFault } from './webhook-faults';

/** What is known of a delivery. Records are replaced, not changed. */
export interface Delivery {
  readonly id: number;
  readonly dueMs: number;
  /** When it happened, where it is told later or earlier than that. */
  readonly happenedMs?: number;
  readonly attempts: number;
  /** Not tried again before; the same as `dueMs` at first. */
  readonly nextMs: number;
  readonly deliveredMs: number | null;
}

export type Draft<News> = News & Pick<Delivery, 'dueMs'>;
export type Entry<News> = News & Delivery;

/** How a PSP delivers. */
export interface DeliveryRules {
  /** Before each repetition; the last one holds for all that follow. */
  readonly retryPausesMs: readonly number[];
  readonly retriedForMs: number;
  /** A receiver that takes longer has not received. */
  readonly acknowledgeWithinMs: number;
  readonly inFlightMax: number;
  /** One queue: while a webhook fails, those after it wait. Otherwise each has a schedule of its own. */
  readonly holdsBack: boolean;
}

/** How one webhook differs from a sound one. */
export interface Spoiled {
  readonly badSignature: boolean;
  /** How far the time that it is signed at lies off. */
  readonly skewMs: number;
}

export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SOUND: Spoiled = { badSignature: false, skewMs: 0 };

/** Another time to be told does not change when it happened. */
export const dueAt = <News>(entry: Entry<News>, dueMs: number): Entry<News> => ({
  ...entry,
  happenedMs: entry.happenedMs ?? entry.dueMs,
  dueMs,
  nextMs: dueMs,
});

export function spoiledBy(fault: WebhookFault | undefined): Spoiled {
  switch (fault?.kind) {
    case 'webhook_bad_sig':
      return { badSignature: true, skewMs: 0 };
    case 'webhook_stale':
      return { badSignature: false, skewMs: -fault.amount };
    case 'webhook_future':
      return { badSignature: false, skewMs: fault.amount };
    case 'webhook_drop':
    case 'webhook_dup':
    case 'webhook_delay':
    case 'webhook_reorder':
    case 'webhook_before_response':
    case undefined:
      return SOUND;
  }
}

export function afterTry<News>(
  entry: Entry<News>,
  accepted: boolean,
  nowMs: number,
  pausesMs: readonly number[],
): Entry<News> {
  const attempts = entry.attempts + 1;
  if (accepted) return { ...entry, attempts, deliveredMs: nowMs };
  const pauseMs = pausesMs[entry.attempts] ?? pausesMs.at(-1) ?? 0;
  return { ...entry, attempts, nextMs: nowMs + pauseMs };
}

export const inOrder = (one: Delivery, other: Delivery): number =>
  one.dueMs - other.dueMs || one.id - other.id;

export async function acknowledged(
  url: string,
  { headers, body }: Webhook,
  withinMs: number,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
