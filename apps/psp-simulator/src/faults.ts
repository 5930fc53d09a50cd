/**
 * What can go wrong between a client and a PSP, named by what became of the request:
 * - `timeout_before`, `reset_before`: never executed, never answered;
 * - `timeout_after_commit`, `reset_after_commit`: executed and stored under its key, the answer lost;
 * - `500_after_commit`: executed, but a 500 is what is stored under the key and replayed;
 * - `500_not_executed`: answered by an edge in front of the idempotency layer, nothing stored;
 * - `500_stored_not_executed`: the same 500 from behind that layer, so that the key replays it;
 * - `429`, `429_lock_timeout`, `409`: refused before execution, nothing stored;
 * - `refused:ms`: the request's connection is cut unread and no new one is accepted for that long;
 * - `slow:ms`: executed only after that long, its key in progress meanwhile;
 * - `stale:ms`: a list that does not show yet what was created within that long.
 */
export const FAULT_KINDS = [
  'timeout_before',
  'timeout_after_commit',
  'reset_before',
  'reset_after_commit',
  '500_after_commit',
  '500_not_executed',
  '500_stored_not_executed',
  'refused',
  '429',
  '429_lock_timeout',
  '409',
  'slow',
  'stale',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Only `slow`, `refused` and `stale` last. */
  readonly ms: number;
}

/** Long enough for a client to meet a closed port, short enough for a test to see it open again. */
export const REFUSED_DEFAULT_MS = 200;
export const FAULT_MAX_MS = 3_600_000;

/** Reads `kind` or `kind:ms`; undefined when it names no fault. */
export function parseFault(text: string): Fault | undefined {
  const [name = '', duration, ...rest] = text.split(':');
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined || rest.length > 0) return undefined;
  const lasts = kind === 'slow' || kind === 'refused' || kind === 'stale';
  if (duration === undefined) {
    if (kind === 'refused') return { kind, ms: REFUSED_DEFAULT_MS };
    return lasts ? undefined : { kind, ms: 0 };
  }
  const ms = Number(duration);
  if (!lasts || !/^\d+$/.test(duration) || ms > FAULT_MAX_MS) return undefined;
  return { kind, ms };
}
