import fc from 'fast-check';
import { DEFAULT_LATENCY, isLatencyShape, Latency, LATENCY_MAX_MS } from './latency';

const DRAWS = 20_000;

/** The delays of a seed, in order of size. */
function sorted(seed: number, shape = DEFAULT_LATENCY): number[] {
  const latency = new Latency(seed, shape);
  return Array.from({ length: DRAWS }, () => latency.nextMs()).toSorted((a, b) => a - b);
}

describe('latency', () => {
  it('has the median and the 99th percentile that it was given', () => {
    const delays = sorted(1, { medianMs: 50, p99Ms: 400 });
    expect(delays[DRAWS / 2]! / 50).toBeCloseTo(1, 1);
    expect(delays[DRAWS * 0.99]! / 400).toBeCloseTo(1, 0);
    expect(delays[0]).toBeGreaterThan(0);
  });

  it('repeats for a seed and differs for another', () => {
    expect(sorted(3)).toEqual(sorted(3));
    expect(sorted(4)).not.toEqual(sorted(3));
  });

  it('is nothing for a median of 0, and constant when the percentiles are one', () => {
    expect(new Latency(1, { medianMs: 0, p99Ms: 0 }).nextMs()).toBe(0);
    expect(new Latency(1, { medianMs: 7, p99Ms: 7 }).nextMs()).toBeCloseTo(7);
  });

  it('stays within its limit whatever the shape', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0.001, max: LATENCY_MAX_MS, noNaN: true }),
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        (seed, median, factor) => {
          const shape = { medianMs: median, p99Ms: Math.min(LATENCY_MAX_MS, median * factor) };
          const delay = new Latency(seed, shape).nextMs();
          return isLatencyShape(shape) && delay >= 0 && delay <= LATENCY_MAX_MS;
        },
      ),
    );
  });
});
