import { VirtualClock } from '@tender/testing';
import {
  BEGIN_AGAIN_AT_MOST_AFTER_MS,
  BEGIN_AGAIN_FIRST_AFTER_MS,
  TAKEN_OVER_AFTER_MS,
  workWhileHolding,
  type LeaseRecord,
  type LeaseStore,
} from './lease';

/** A store of leases whose answers can be lost. */
class MemoryLeases implements LeaseStore {
  record: LeaseRecord | undefined;
  away = new Set<string>();

  constructor(
    private readonly who?: string,
    private readonly shared?: MemoryLeases,
  ) {}

  as(who: string): LeaseStore {
    return new MemoryLeases(who, this);
  }

  private get at(): MemoryLeases {
    return this.shared ?? this;
  }

  find(): Promise<LeaseRecord | undefined> {
    return this.answer(() => this.at.record);
  }

  take(name: string, seen: LeaseRecord | undefined, holder: string): Promise<LeaseRecord | undefined> {
    return this.answer(() => {
      const { record } = this.at;
      if (record?.token !== seen?.token || record?.beats !== seen?.beats) return undefined;
      return (this.at.record = { name, holder, token: (seen?.token ?? 0n) + 1n, beats: 0n });
    });
  }

  beat({ token }: LeaseRecord): Promise<boolean> {
    return this.answer(() => {
      const { record } = this.at;
      if (record?.token !== token) return false;
      this.at.record = { ...record, beats: record.beats + 1n };
      return true;
    });
  }

  giveUp({ token }: LeaseRecord): Promise<void> {
    return this.answer(() => {
      const { record } = this.at;
      if (record?.token === token) this.at.record = { ...record, holder: null };
    });
  }

  private answer<T>(act: () => T): Promise<T> {
    return this.who !== undefined && this.at.away.has(this.who)
      ? Promise.reject(new Error('away'))
      : Promise.resolve(act());
  }
}

class Bench {
  readonly clock = new VirtualClock();
  readonly leases = new MemoryLeases();
  /** Who works now, and how often each has begun. */
  readonly working: string[] = [];
  readonly begun: string[] = [];
  readonly problems: string[] = [];

  join(holder: string, finished: () => Promise<void> = () => new Promise<void>(() => undefined)) {
    return workWhileHolding({
      name: 'projector',
      holder,
      leases: this.leases.as(holder),
      clock: this.clock,
      report: ({ what }) => this.problems.push(what),
      begin: () => {
        this.working.push(holder);
        this.begun.push(holder);
        const finishing = finished();
        return {
          finished: finishing,
          stop: () => {
            this.working.splice(this.working.indexOf(holder), 1);
            return Promise.race([finishing, Promise.resolve()]);
          },
        };
      },
    });
  }
}

describe('work that one process does for all', () => {
  it('is begun by one of those who want it, and goes on as long as that one lives', async () => {
    const bench = new Bench();
    for (const holder of ['a', 'b', 'c']) bench.join(holder);
    await bench.clock.advance(60_000);
    expect(bench.working).toEqual(['a']);
    expect(bench.begun).toEqual(['a']);
  });

  it('goes to the next at once when its holder stops', async () => {
    const bench = new Bench();
    const a = bench.join('a');
    const b = bench.join('b');
    await bench.clock.advance(1_000);
    await a.stop();
    expect(bench.working).toEqual([]);
    await bench.clock.advance(1_000);
    expect([bench.working, b.isHeld()]).toEqual([['b'], true]);
  });

  it('goes to the next when its holder is silent for long enough, and not before', async () => {
    const bench = new Bench();
    const a = bench.join('a');
    bench.join('b');
    await bench.clock.advance(10_000);
    bench.leases.away.add('a');
    await bench.clock.advance(TAKEN_OVER_AFTER_MS - 1_000);
    expect(bench.working).toEqual(['a']);
    await bench.clock.advance(3_000);
    // a does not know yet: both work, which is why nothing may rest on the lease
    expect([bench.working, a.isHeld()]).toEqual([['a', 'b'], true]);
    expect(bench.problems).toContain('lease_unsure');
    bench.leases.away.clear();
    await bench.clock.advance(1_000);
    expect([bench.working, a.isHeld()]).toEqual([['b'], false]);
  });

  it.each<[string, () => Promise<void>]>([
    ['fails', () => Promise.reject(new Error('a gap'))],
    ['ends without being told to', () => Promise.resolve()],
    [
      'cannot be begun',
      () => {
        throw new Error('no configuration');
      },
    ],
  ])('is told of and begun again when it %s, after longer and longer', async (_, finished) => {
    const bench = new Bench();
    const leased = bench.join('a', finished);
    await bench.clock.advance(BEGIN_AGAIN_FIRST_AFTER_MS / 2);
    expect([bench.begun.length, bench.problems]).toEqual([1, ['leased_work_ended']]);
    expect(leased.isHeld()).toBe(false);
    await bench.clock.advance(BEGIN_AGAIN_FIRST_AFTER_MS);
    expect(bench.begun.length).toBe(2);
    await bench.clock.advance(60 * BEGIN_AGAIN_AT_MOST_AFTER_MS);
    const begunInAnHour = bench.begun.length;
    expect(begunInAnHour).toBeGreaterThan(60);
    expect(begunInAnHour).toBeLessThan(70);
    expect(bench.problems).toEqual(Array<string>(begunInAnHour).fill('leased_work_ended'));
    await leased.stop();
  });

  it('is done by another process while the one that it failed in waits', async () => {
    const bench = new Bench();
    let fail: (error: Error) => void = () => undefined;
    const failing = bench.join(
      'a',
      () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        }),
    );
    await bench.clock.advance(1_000);
    bench.join('b');
    await bench.clock.advance(BEGIN_AGAIN_AT_MOST_AFTER_MS);
    fail(new Error('a gap'));
    await bench.clock.advance(1_000);
    expect([bench.working, failing.isHeld()]).toEqual([['b'], false]);
    await bench.clock.advance(BEGIN_AGAIN_AT_MOST_AFTER_MS);
    expect(bench.begun).toEqual(['a', 'b']);
  });

  it('is begun again soon when it has gone on for long before it failed', async () => {
    const bench = new Bench();
    const fail: ((error: Error) => void)[] = [];
    bench.join('a', () => new Promise((_resolve, reject) => fail.push(reject)));
    await bench.clock.advance(1_000);
    for (let round = 1; round <= 5; round += 1) {
      fail.at(-1)?.(new Error('a gap'));
      await bench.clock.advance(BEGIN_AGAIN_AT_MOST_AFTER_MS + 5_000);
      expect(bench.begun.length).toBe(1 + round);
    }
    fail.at(-1)?.(new Error('a gap'));
    await bench.clock.advance(2 * BEGIN_AGAIN_FIRST_AFTER_MS);
    expect(bench.begun.length).toBe(7);
  });
});
