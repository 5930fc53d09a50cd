/** What one API key may ask of one process. */
export interface KeyLimitsOptions {
  readonly requestsPerSecond: number;
  readonly requestsInFlight: number;
}

interface Usage {
  tokens: number;
  refilledAtMs: number;
  inFlight: number;
}

const MS_PER_S = 1_000;

/**
 * A token bucket and a count of requests in flight for each key, in this process: it keeps one merchant from starving
 * the others. The bucket holds one second's worth, so a burst is at most twice the rate in any second.
 */
export class KeyLimits {
  private readonly usage = new Map<string, Usage>();

  /** @param now monotonic, ms */
  constructor(
    private readonly options: KeyLimitsOptions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Undefined when admitted, and then `release` must follow; otherwise seconds to wait before trying again. */
  admit(keyId: string): number | undefined {
    const usage = this.usageOf(keyId);
    this.refill(usage);
    if (usage.inFlight >= this.options.requestsInFlight) return 1;
    if (usage.tokens < 1) return Math.max(1, Math.ceil((1 - usage.tokens) / this.options.requestsPerSecond));
    usage.tokens -= 1;
    usage.inFlight += 1;
    return undefined;
  }

  release(keyId: string): void {
    const usage = this.usage.get(keyId);
    if (usage === undefined || usage.inFlight === 0)
      throw new Error(`a request of ${keyId} ended that never began`);
    usage.inFlight -= 1;
  }

  private usageOf(keyId: string): Usage {
    let usage = this.usage.get(keyId);
    if (usage === undefined) {
      usage = { tokens: this.options.requestsPerSecond, refilledAtMs: this.now(), inFlight: 0 };
      this.usage.set(keyId, usage);
    }
    return usage;
  }

  private refill(usage: Usage): void {
    const { requestsPerSecond } = this.options;
    const now = this.now();
    const earned = ((now - usage.refilledAtMs) / MS_PER_S) * requestsPerSecond;
    usage.tokens = Math.min(requestsPerSecond, usage.tokens + earned);
    usage.refilledAtMs = now;
  }
}
