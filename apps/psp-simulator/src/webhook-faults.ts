/**
 * What can go wrong with a webhook. Chosen when the news is made, so that a seed repeats whatever the receiver does:
 * - `webhook_drop`: taken for delivered and never sent;
 * - `webhook_dup:n`: sent n times in a row;
 * - `webhook_delay:ms`: due that much later; what comes after it overtakes;
 * - `webhook_reorder`: due after the next one;
 * - `webhook_before_response`: sent, and answered or given up, before the request that caused it is answered;
 * - `webhook_bad_sig`: signed with another secret;
 * - `webhook_stale:ms`, `webhook_future:ms`: correctly signed at a time that lies so far off. Adyen's signature has no
 *   time: there it is the event's date.
 * The last three spoil the first delivery; its repetition is sound.
 */
export const WEBHOOK_FAULT_KINDS = [
  'webhook_drop',
  'webhook_dup',
  'webhook_delay',
  'webhook_reorder',
  'webhook_before_response',
  'webhook_bad_sig',
  'webhook_stale',
  'webhook_future',
] as const;
export type WebhookFaultKind = (typeof WEBHOOK_FAULT_KINDS)[number];

export interface WebhookFault {
  readonly kind: WebhookFaultKind;
  /** Milliseconds; of `webhook_dup` the number of copies; 0 where it means nothing. */
  readonly amount: number;
}

interface Range {
  readonly min: number;
  readonly preset: number;
  readonly max: number;
}

/** Copies in a row; more would be a load test. */
export const DUP_MAX = 10;
/** A day: beyond what any receiver tolerates, and any retry schedule hides. */
export const SKEW_MAX_MS = 24 * 3_600_000;
/** Twice the tolerance of Stripe's libraries (300 s). */
export const SKEW_PRESET_MS = 600_000;

const RANGES: Readonly<Partial<Record<WebhookFaultKind, Range>>> = {
  webhook_dup: { min: 2, preset: 2, max: DUP_MAX },
  webhook_delay: { min: 1, preset: 1_000, max: SKEW_MAX_MS },
  webhook_stale: { min: 1, preset: SKEW_PRESET_MS, max: SKEW_MAX_MS },
  webhook_future: { min: 1, preset: SKEW_PRESET_MS, max: SKEW_MAX_MS },
};

/** Reads `kind` or `kind:amount`; undefined when it names no fault of a webhook. */
export function parseWebhookFault(text: string): WebhookFault | undefined {
  const [name = '', amountText, ...rest] = text.split(':');
  const kind = WEBHOOK_FAULT_KINDS.find((known) => known === name);
  if (kind === undefined || rest.length > 0) return undefined;
  const range = RANGES[kind];
  if (amountText === undefined) return { kind, amount: range?.preset ?? 0 };
  const amount = Number(amountText);
  if (range === undefined || !/^\d+$/.test(amountText) || amount < range.min || amount > range.max) {
    return undefined;
  }
  return { kind, amount };
}
