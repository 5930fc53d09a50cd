import fc from 'fast-check';
import { achievedRate, ANSWERED_WITHIN_MS } from './figures';
import { findMaxRate } from './find-max';
import { addedOver, percentile, summaryOf } from './percentiles';
import { cpuMsOf, residentBytesOf } from './proc-files';

describe('a percentile', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
  const share = fc.integer({ min: 1, max: 1000 }).map((permille) => permille / 1000);

  it('is the smallest measured value that the share of all do not exceed', () => {
    fc.assert(
      fc.property(values, share, (list, wanted) => {
        const sorted = list.toSorted((a, b) => a - b);
        const found = percentile(sorted, wanted);
        const atMost = sorted.filter((value) => value <= found).length;
        const below = sorted.filter((value) => value < found).length;
        const needed = wanted * list.length - 1e-6;
        expect(sorted).toContain(found);
        expect(atMost).toBeGreaterThanOrEqual(needed);
        expect(below).toBeLessThan(needed);
      }),
    );
  });

  it('of one to a hundred is the number itself', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(summaryOf(hundred.toReversed())).toEqual({
      count: 100,
      meanMs: 50.5,
      p50Ms: 50,
      p95Ms: 95,
      p99Ms: 99,
      maxMs: 100,
    });
    for (const rank of hundred) expect(percentile(hundred, rank / 100)).toBe(rank);
  });

  it('of nothing is refused, as are shares out of range', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    for (const wrong of [0, -1, 1.01, Number.NaN]) expect(() => percentile([1], wrong)).toThrow(RangeError);
    expect(summaryOf([]).count).toBe(0);
  });
});

describe('the added latency', () => {
  it('is taken payment by payment, and one that the PSP does not know has none', () => {
    const times = [
      { totalMs: 100, pspMs: 90 },
      { totalMs: 50, pspMs: 10 },
      { totalMs: 70, pspMs: undefined },
    ];
    expect(addedOver(times)).toEqual({ addedMs: [10, 40], pspMs: [90, 10], unmatched: 1 });
  });
});

describe('the achieved rate', () => {
  const answers = (
    latencyMs: (index: number) => number,
  ): { key: string; intendedMs: number; latencyMs: number }[] =>
    Array.from({ length: 1_000 }, (_, index) => ({
      key: '',
      intendedMs: index * 10,
      latencyMs: latencyMs(index),
    }));

  it('is the offered one whatever the latency is, as long as it stays', () => {
    for (const ms of [0, 5, 900])
      expect(
        achievedRate(
          answers(() => ms),
          10,
        ),
      ).toBe(100);
  });

  it('is lower when a queue grows', () => {
    // one in ten is left behind: at the end of ten seconds the queue is a second long, and another one later
    expect(
      achievedRate(
        answers((index) => index * 2.5),
        10,
      ),
    ).toBeLessThan(99);
  });

  it('counts an answer up to the limit after the end, and none later', () => {
    const at = (answeredMs: number): number =>
      achievedRate([{ key: '', intendedMs: 0, latencyMs: answeredMs }], 1);
    expect(at(1_000 + ANSWERED_WITHIN_MS)).toBe(1);
    expect(at(1_000 + ANSWERED_WITHIN_MS + 0.1)).toBe(0);
  });
});

describe('the search for the highest rate', () => {
  it('ends close below what holds, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: 20_000 }), async (capacity) => {
        const found = await findMaxRate(58, 20_000, (rate) => Promise.resolve(rate <= capacity));
        expect(found).toBeLessThanOrEqual(capacity);
        expect(found).toBeGreaterThan(capacity / 1.08);
      }),
    );
  });

  it('forgives one failure, and stops where the first rate fails twice', async () => {
    const results = [false, true, false, false, false, false, false, false];
    const tried: number[] = [];
    const found = await findMaxRate(100, 20_000, (rate) => {
      tried.push(rate);
      return Promise.resolve(results.shift() ?? false);
    });
    expect(found).toBe(100);
    expect(tried.slice(0, 4)).toEqual([100, 100, 150, 150]);
    expect(await findMaxRate(100, 20_000, () => Promise.resolve(false))).toBeUndefined();
    expect(await findMaxRate(100, 300, () => Promise.resolve(true))).toBe(300);
  });
});

describe('the files of /proc', () => {
  // proc_pid_stat(5): pid, comm, state, then ppid … cmajflt, utime, stime
  const stat = (name: string, utime: number, stime: number): string =>
    `4711 (${name}) S 1 4711 4711 0 -1 4194304 1 2 3 4 ${utime} ${stime} 5 6 20 0 11 0 12345 1000 200`;

  it('give user and system time in ms, whatever the name of the process holds', () => {
    for (const name of ['node', 'a b', 'a) R 1 (b', '']) expect(cpuMsOf(stat(name, 150, 7))).toBe(1_570);
  });

  it('give the resident memory in bytes', () => {
    expect(residentBytesOf('Name:\tnode\nVmHWM:\t  99 kB\nVmRSS:\t  55004 kB\nThreads:\t11\n')).toBe(
      55_004 * 1024,
    );
  });

  it('of something else are refused', () => {
    for (const text of ['', 'nothing', '1 (node) S 1']) expect(() => cpuMsOf(text)).toThrow('not the stat');
    expect(() => residentBytesOf('Name:\tnode\n')).toThrow('VmRSS');
  });
});
