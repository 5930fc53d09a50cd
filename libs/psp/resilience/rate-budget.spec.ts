import { VirtualClock } from '@tender/testing';
import { RateBudget, RATE_SHARE, TokenBucket } from './rate-budget';
import type { Lane } from './lanes';

const RATE = 25;

/** How many calls a lane gets through in `seconds`, when the lanes given ask all the time. */
async function taken(lanes: readonly Lane[], seconds: number): Promise<Record<Lane, number>> {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(RATE, clock);
  const counts: Record<Lane, number> = { first_send: 0, search: 0 };
  const drain = (): void => {
    for (const lane of lanes) {
      for (; bucket.has(lane); counts[lane] += 1) bucket.take(lane);
    }
  };
  drain();
  counts.first_send = counts.search = 0;
  for (let n = 0; n < seconds * 50; n += 1) {
    await clock.advance(20);
    drain();
  }
  return counts;
}

describe('a rate', () => {
  it.each(['first_send', 'search'] as const)('is wholly for %s while nobody else asks', async (lane) => {
    const { [lane]: count } = await taken([lane], 10);
    // what the other lane had saved up is not spent: it is what makes that lane's next call certain
    expect(count).toBeGreaterThanOrEqual(RATE * 10 - 1);
    expect(count).toBeLessThanOrEqual(RATE * 10);
  });

  it('is divided while both want all of it', async () => {
    const counts = await taken(['first_send', 'search'], 10);
    expect(counts.first_send).toBeCloseTo(RATE * 10 * RATE_SHARE.first_send, -1);
    expect(counts.search).toBeCloseTo(RATE * 10 * RATE_SHARE.search, -1);
    expect(counts.first_send + counts.search).toBeLessThanOrEqual(RATE * 10);
  });

  it('saves up one second and no more', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(RATE, clock);
    await clock.advance(3_600_000);
    let count = 0;
    for (; bucket.has('first_send'); count += 1) bucket.take('first_send');
    for (; bucket.has('search'); count += 1) bucket.take('search');
    expect(count).toBe(RATE);
  });

  it('of one a second still lets either lane through', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(1, clock);
    for (const lane of ['first_send', 'search'] as const) bucket.take(lane);
    expect([bucket.has('first_send'), bucket.has('search')]).toEqual([false, false]);
    await clock.advance(5_000);
    expect([bucket.has('first_send'), bucket.has('search')]).toEqual([true, true]);
  });
});

describe('a budget', () => {
  const times = (n: number, take: () => boolean): number =>
    Array.from({ length: n }, take).filter(Boolean).length;

  it('has no limit where none is set', () => {
    const budget = new RateBudget({}, new VirtualClock());
    expect(times(10_000, () => budget.take('authorize', 'first_send'))).toBe(10_000);
  });

  it('counts each endpoint by itself, and all of them for the account', () => {
    const budget = new RateBudget({ perSecond: 15, perSecondEachEndpoint: 10 }, new VirtualClock());
    expect(times(20, () => budget.take('authorize', 'first_send'))).toBe(8);
    expect(times(20, () => budget.take('capture', 'first_send'))).toBe(4);
  });

  it('takes nothing from the account for what the endpoint refuses', () => {
    const budget = new RateBudget({ perSecond: 10, perSecondEachEndpoint: 5 }, new VirtualClock());
    times(1_000, () => budget.take('authorize', 'first_send'));
    expect(times(20, () => budget.take('capture', 'first_send'))).toBe(4);
  });
});
