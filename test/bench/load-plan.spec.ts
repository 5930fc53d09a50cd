import { bodyOf, keyOf, plannedSends, type LoadPlan, type PlannedSend } from './load-plan';

const PLAN: LoadPlan = {
  ratePerS: 200,
  seconds: 50,
  gaps: 'exponential',
  seed: 1,
  duplicates: 0,
  payload: 'small',
  keyPrefix: 'k',
};
const sendsOf = (more: Partial<LoadPlan> = {}): PlannedSend[] => [...plannedSends({ ...PLAN, ...more })];

describe('the plan of a load', () => {
  it.each(['exponential', 'uniform'] as const)('keeps its rate with %s gaps, in order of time', (gaps) => {
    const sends = sendsOf({ gaps });
    const expected = PLAN.ratePerS * PLAN.seconds;
    // of 10,000 arrivals the count's standard deviation is at most a hundredth
    expect(Math.abs(sends.length - expected)).toBeLessThan(expected * 0.04);
    expect(sends.map(({ index }) => index)).toEqual(sends.map((_, place) => place));
    const times = sends.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((atMs) => atMs >= 0 && atMs < PLAN.seconds * 1000)).toBe(true);
  });

  it('is the same for a seed, requests included, and another for another', () => {
    expect(sendsOf()).toEqual(sendsOf());
    expect(sendsOf({ seed: 2 })).not.toEqual(sendsOf());
    for (const payload of ['small', 'full'] as const) {
      const plan = { ...PLAN, payload };
      expect(bodyOf(plan, 7)).toBe(bodyOf(plan, 7));
      expect(bodyOf(plan, 8)).not.toBe(bodyOf(plan, 7));
      expect(bodyOf({ ...plan, seed: 2 }, 7)).not.toBe(bodyOf(plan, 7));
    }
  });

  it('repeats the share that it was told, at once or later, each after its first and in order of time', () => {
    const sends = sendsOf({ duplicates: 0.25 });
    const firsts = new Map(sends.filter(({ duplicate }) => !duplicate).map((send) => [send.index, send]));
    const again = sends.filter(({ duplicate }) => duplicate);
    expect(again.length / firsts.size).toBeCloseTo(0.25, 1);
    expect(new Set(again.map(({ index }) => index)).size).toBe(again.length);
    const delaysMs = again.map(({ index, atMs }) => atMs - (firsts.get(index)?.atMs ?? Infinity));
    expect(delaysMs.every((ms) => ms >= 0)).toBe(true);
    expect(delaysMs.filter((ms) => ms === 0).length / delaysMs.length).toBeCloseTo(0.5, 1);
    const times = sends.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(sendsOf({ duplicates: 1 })).toHaveLength(
      2 * sendsOf({ duplicates: 1 }).filter((s) => !s.duplicate).length,
    );
  });

  it('charges what a shop would, and lets a payload of its own overrule every field', () => {
    for (const { index } of sendsOf()) {
      const body = JSON.parse(bodyOf(PLAN, index)) as { amount: number; currency: string };
      expect(Number.isInteger(body.amount) && body.amount >= 100 && body.amount <= 1_000_000).toBe(true);
      expect(['USD', 'EUR', 'GBP']).toContain(body.currency);
    }
    expect(JSON.parse(bodyOf({ ...PLAN, payload: { amount: 5, currency: 'JPY' } }, 1))).toEqual({
      amount: 5,
      currency: 'JPY',
      payment_method: 'pm_card_visa',
    });
    expect(keyOf(PLAN, 3)).not.toBe(keyOf(PLAN, 4));
  });
});
