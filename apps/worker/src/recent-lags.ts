/** Lags that are kept, the latest: at a thousand journals a second those of the last seconds. */
export const LAGS_KEPT = 4_096;

/** How late journals were lately. A histogram tells of the whole life of a process, and only in its buckets. */
export class RecentLags {
  private readonly ms: number[] = [];
  private next = 0;

  add(lagMs: number): void {
    this.ms[this.next] = lagMs;
    this.next = (this.next + 1) % LAGS_KEPT;
  }

  /** Undefined while nothing was posted. @param share 0.99 for the 99th percentile, nearest rank */
  percentileMs(share: number): number | undefined {
    const sorted = [...this.ms].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
