/** How long a request under an idempotency key took here, from its last byte read to its answer written. */
export interface Timing {
  readonly idempotency_key: string;
  readonly ms: number;
}

/** An hour at a hundred requests a second; the oldest are forgotten. */
export const TIMINGS_KEPT = 360_000;

/**
 * The PSP's own share of a payment's time, delay and disk included. Whoever measures a client of the PSP subtracts it,
 * request by request: a client that is slower than its PSP by a constant looks the same for every percentile otherwise.
 */
export class Timings {
  private readonly kept: Timing[] = [];
  private next = 0;

  constructor(private readonly limit = TIMINGS_KEPT) {}

  add(key: string, ms: number): void {
    this.kept[this.next] = { idempotency_key: key, ms };
    this.next = (this.next + 1) % this.limit;
  }

  all(): Iterable<Timing> {
    return this.kept;
  }

  clear(): void {
    this.kept.length = 0;
    this.next = 0;
  }
}
