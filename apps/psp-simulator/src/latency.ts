import { seededRandom, type Random } from './seeded-random';

/** How long the PSP takes to answer. A median of 0 answers at once. */
export interface LatencyShape {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Small, but never nothing: an answer that always comes at once hides every race on the way to it. */
export const DEFAULT_LATENCY: LatencyShape = { medianMs: 2, p99Ms: 10 };
/** A lognormal has no upper end; beyond this a delay is a timeout and belongs in the fault script. */
export const LATENCY_MAX_MS = 60_000;
/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

export function isLatencyShape(value: unknown): value is LatencyShape {
  if (typeof value !== 'object' || value === null) return false;
  const { medianMs, p99Ms } = value as Record<string, unknown>;
  return (
    typeof medianMs === 'number' &&
    typeof p99Ms === 'number' &&
    Number.isFinite(p99Ms) &&
    medianMs >= 0 &&
    medianMs <= p99Ms &&
    p99Ms <= LATENCY_MAX_MS
  );
}

/** Delays drawn from a lognormal distribution, the usual shape of response times: most near the median, a long tail. */
export class Latency {
  private current: LatencyShape;
  private mu = 0;
  private sigma = 0;
  private readonly random: Random;

  constructor(seed: number, shape: LatencyShape) {
    this.random = seededRandom(seed);
    this.current = shape;
    this.configure(shape);
  }

  get shape(): LatencyShape {
    return this.current;
  }

  configure(shape: LatencyShape): void {
    this.current = shape;
    if (shape.medianMs === 0) return;
    this.mu = Math.log(shape.medianMs);
    this.sigma = (Math.log(shape.p99Ms) - this.mu) / Z99;
  }

  nextMs(): number {
    if (this.current.medianMs === 0) return 0;
    const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
    const normal = radius * Math.cos(2 * Math.PI * this.random());
    return Math.min(LATENCY_MAX_MS, Math.exp(this.mu + this.sigma * normal));
  }
}
