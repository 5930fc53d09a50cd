/** A distribution in the figures that people compare, milliseconds. */
export interface Summary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const NOTHING: Summary = { count: 0, meanMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };

/** Nearest rank: a percentile is a value that was measured, never one between two. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('nothing was measured');
  if (!(share > 0 && share <= 1)) throw new RangeError('a share is above 0 and at most 1');
  // 0.07 * 100 is 7.000000000000001: without the rounding its rank would be 8
  const rank = Math.ceil(Number((share * sorted.length).toFixed(6)));
  return sorted[Math.max(1, rank) - 1] ?? 0;
}

export function summaryOf(valuesMs: Iterable<number>): Summary {
  const sorted = Float64Array.from(valuesMs).sort();
  if (sorted.length === 0) return NOTHING;
  return {
    count: sorted.length,
    meanMs: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
    maxMs: percentile(sorted, 1),
  };
}

/** One payment's time, whole and at the PSP. */
export interface PaymentTime {
  readonly totalMs: number;
  /** Of all its requests to the PSP; undefined when the PSP has no record of one. */
  readonly pspMs: number | undefined;
}

/**
 * What the system added, payment by payment: the difference of two percentiles is the percentile of nothing. A
 * payment that the PSP does not know of has no such figure and is left out; `unmatched` says how many.
 */
export function addedOver(times: readonly PaymentTime[]): {
  readonly addedMs: readonly number[];
  readonly pspMs: readonly number[];
  readonly unmatched: number;
} {
  const known = times.filter(({ pspMs }) => pspMs !== undefined);
  return {
    addedMs: known.map(({ totalMs, pspMs = 0 }) => totalMs - pspMs),
    pspMs: known.map(({ pspMs = 0 }) => pspMs),
    unmatched: times.length - known.length,
  };
}
