import * as fc from 'fast-check';
import { KeyLimits } from './key-limits';

const admittedOf = (limits: KeyLimits, attempts: number, key = 'a'): number =>
  Array.from({ length: attempts }, () => limits.admit(key)).filter((wait) => wait === undefined).length;

describe('the limits of a key', () => {
  it('admit a second’s worth at once, and nothing more in the same instant', () => {
    const limits = new KeyLimits({ requestsPerSecond: 10, requestsInFlight: 100 }, () => 0);
    expect(admittedOf(limits, 30)).toBe(10);
  });

  it('never admit more than the bucket and what time earned', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), (pausesMs) => {
        let nowMs = 0;
        const limits = new KeyLimits({ requestsPerSecond: 10, requestsInFlight: 10_000 }, () => nowMs);
        let admitted = 0;
        for (const pause of pausesMs) {
          nowMs += pause;
          admitted += admittedOf(limits, 3);
        }
        return admitted <= 10 + (nowMs / 1_000) * 10;
      }),
    );
  });

  it('say how many seconds to wait', () => {
    const limits = new KeyLimits({ requestsPerSecond: 1, requestsInFlight: 100 }, () => 0);
    expect(limits.admit('a')).toBeUndefined();
    expect(limits.admit('a')).toBe(1);
  });

  it('hold back what is over the number in flight until one is done', () => {
    const limits = new KeyLimits({ requestsPerSecond: 100, requestsInFlight: 2 }, () => 0);
    expect(admittedOf(limits, 5)).toBe(2);
    limits.release('a');
    expect(admittedOf(limits, 5)).toBe(1);
  });

  it('are each key’s own', () => {
    const limits = new KeyLimits({ requestsPerSecond: 1, requestsInFlight: 1 }, () => 0);
    expect(limits.admit('a')).toBeUndefined();
    expect(limits.admit('b')).toBeUndefined();
  });

  it('cannot be released more often than they were taken', () => {
    const limits = new KeyLimits({ requestsPerSecond: 1, requestsInFlight: 1 }, () => 0);
    expect(() => {
      limits.release('a');
    }).toThrow('never began');
  });
});
