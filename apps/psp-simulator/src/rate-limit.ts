interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * So many requests a second for each operation, in front of everything else a PSP does with a request: one that is turned
 * away here was not executed, and its key not seen. Without a limit everything is admitted.
 */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();
  private refusals = 0;

  constructor(
    private limit: number | null,
    private readonly nowMs: () => number,
  ) {}

  get perSecond(): number | null {
    return this.limit;
  }

  set perSecond(limit: number | null) {
    this.limit = limit;
    this.buckets.clear();
  }

  get refused(): number {
    return this.refusals;
  }

  admits(op: string): boolean {
    if (this.limit === null) return true;
    const nowMs = this.nowMs();
    const bucket = this.buckets.get(op) ?? { tokens: this.limit, atMs: nowMs };
    this.buckets.set(op, bucket);
    bucket.tokens = Math.min(this.limit, bucket.tokens + ((nowMs - bucket.atMs) * this.limit) / 1_000);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) {
      this.refusals += 1;
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }
}

export const isRateLimit = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1);
