import { LANES, otherLane, type Lane } from './lanes';
import type { ProtectionClock } from './protection-clock';

export interface RateLimits {
  /** Calls a second of the whole account; without it there is no such limit. */
  readonly perSecond?: number | undefined;
  /** Calls a second of each operation; without it there is no such limit. */
  readonly perSecondEachEndpoint?: number | undefined;
}

/** How a rate is divided while both lanes want more than there is. */
export const RATE_SHARE: Readonly<Record<Lane, number>> = { first_send: 0.8, search: 0.2 };

/** Fractions of a token add up to a whole one but for the last bits. */
const WHOLE = 1 - 1e-9;

/**
 * A token bucket with one second's worth of tokens, divided between the lanes. What a lane does not use flows over to the
 * other one: alone, each has the whole rate; together, neither takes the other's share.
 */
export class TokenBucket {
  private readonly tokens: Record<Lane, number>;
  private filledAtMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: ProtectionClock,
  ) {
    this.tokens = { first_send: this.roomOf('first_send'), search: this.roomOf('search') };
    this.filledAtMs = clock.now();
  }

  has(lane: Lane): boolean {
    this.refill();
    return this.tokens[lane] >= WHOLE;
  }

  take(lane: Lane): void {
    this.tokens[lane] -= 1;
  }

  private refill(): void {
    const now = this.clock.now();
    // a clock that was set back gives nothing, and takes nothing
    const added = (Math.max(0, now - this.filledAtMs) * this.perSecond) / 1000;
    this.filledAtMs = now;
    for (const lane of LANES) this.tokens[lane] += added * RATE_SHARE[lane];
    for (const lane of LANES) {
      const over = this.tokens[lane] - this.roomOf(lane);
      if (over <= 0) continue;
      const other = otherLane(lane);
      this.tokens[lane] -= over;
      this.tokens[other] = Math.max(
        this.tokens[other],
        Math.min(this.roomOf(other), this.tokens[other] + over),
      );
    }
  }

  /** At least one token: a lane whose share is less than one a second still gets its turn. */
  private roomOf(lane: Lane): number {
    return Math.max(1, this.perSecond * RATE_SHARE[lane]);
  }
}

/** What may be asked of one PSP account in a second, in all and of each endpoint. */
export class RateBudget {
  private readonly account: TokenBucket | undefined;
  private readonly endpoints = new Map<string, TokenBucket>();

  constructor(
    private readonly limits: RateLimits,
    private readonly clock: ProtectionClock,
  ) {
    this.account = limits.perSecond === undefined ? undefined : new TokenBucket(limits.perSecond, clock);
  }

  /** Takes from the account and from the endpoint, or from neither. */
  take(endpoint: string, lane: Lane): boolean {
    const buckets = [this.account, this.bucketOf(endpoint)].filter((bucket) => bucket !== undefined);
    if (!buckets.every((bucket) => bucket.has(lane))) return false;
    for (const bucket of buckets) bucket.take(lane);
    return true;
  }

  private bucketOf(endpoint: string): TokenBucket | undefined {
    const { perSecondEachEndpoint } = this.limits;
    if (perSecondEachEndpoint === undefined) return undefined;
    const bucket = this.endpoints.get(endpoint) ?? new TokenBucket(perSecondEachEndpoint, this.clock);
    this.endpoints.set(endpoint, bucket);
    return bucket;
  }
}
