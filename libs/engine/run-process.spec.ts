import { createCodec, createMemoryEventLog, MemoryStore, type RecordedEvent } from '@tender/eventstore';
import { settle, VirtualClock } from '@tender/testing';
import {
  LOOK_FOR_PARKED_EVERY_MS,
  MAX_EFFECTS_IN_FLIGHT,
  MAX_HELD_DELIVERIES,
  runProcess,
  type Delivery,
  type ProcessDeps,
  type ProcessProblem,
} from './run-process';

const codec = createCodec({ Happened: { version: 1 } });

class Bench {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore();
  readonly log = createMemoryEventLog({ codec, store: this.store });
  readonly problems: ProcessProblem[] = [];
  private ids = 0;

  start(handle: ProcessDeps['handle'], maxInFlight = 10, groups: ProcessDeps['groups'] = this.log) {
    const running = runProcess({
      name: 'process',
      prefixes: ['thing-'],
      groups,
      clock: this.clock,
      report: (problem) => this.problems.push(problem),
      handle,
      maxInFlight,
    });
    running.finished.catch(() => undefined);
    return running;
  }

  /** A connection of another process to the same store. */
  otherLog() {
    return createMemoryEventLog({ codec, store: this.store });
  }

  async append(stream: string, count = 1): Promise<void> {
    const present = await this.log.readStream(stream);
    const metadata = {
      schemaVersion: 1,
      correlationId: '',
      causationId: '',
      commandId: '',
      actor: '',
      recordedAt: '2026-03-01T12:00:00.000Z',
    };
    const events = Array.from({ length: count }, () => ({
      id: `00000000-0000-4000-8000-${String((this.ids += 1)).padStart(12, '0')}`,
      type: 'Happened',
      data: {},
      metadata,
    }));
    await this.log.append(stream, present.at(-1)?.revision ?? 'no_stream', events);
    await settle();
  }
}

/** Work that ends when the test says so. */
class Work {
  readonly started: string[] = [];
  private readonly ends = new Map<string, (error?: Error) => void>();

  readonly handle = ({ stream, revision }: RecordedEvent): Promise<void> =>
    new Promise((resolve, reject) => {
      const name = `${stream}@${revision}`;
      this.started.push(name);
      this.ends.set(name, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });

  async end(name: string, error?: Error): Promise<void> {
    this.ends.get(name)!(error);
    await settle();
  }
}

describe('a running process', () => {
  it('works on different streams side by side, and on one stream in order', async () => {
    const bench = new Bench();
    const work = new Work();
    bench.start(work.handle);
    await settle();
    await bench.append('thing-a', 2);
    await bench.append('thing-b');
    expect(work.started).toEqual(['thing-a@0', 'thing-b@0']);
    await work.end('thing-a@0');
    expect(work.started).toEqual(['thing-a@0', 'thing-b@0', 'thing-a@1']);
  });

  it('takes no more events than its limit while they are under way', async () => {
    const bench = new Bench();
    const work = new Work();
    bench.start(work.handle, 2);
    for (const stream of ['thing-a', 'thing-b', 'thing-c']) await bench.append(stream);
    expect(work.started).toEqual(['thing-a@0', 'thing-b@0']);
    await work.end('thing-b@0');
    expect(work.started).toContain('thing-c@0');
  });

  it('does not let one stream that hangs hold up the others', async () => {
    const bench = new Bench();
    const work = new Work();
    bench.start(work.handle, 3);
    await bench.append('thing-hangs');
    for (let index = 0; index < 20; index += 1) {
      await bench.append(`thing-${index}`);
      await work.end(`thing-${index}@0`);
    }
    expect(work.started).toHaveLength(21);
  });

  it('tries again, for ever, what fails, and says so', async () => {
    const bench = new Bench();
    const deliveries: Delivery[] = [];
    bench.start((_event, delivery) => {
      deliveries.push(delivery);
      return deliveries.length < 20 ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    await settle();
    await bench.append('thing-a');
    await bench.clock.advance(600_000);
    expect(deliveries).toHaveLength(20);
    expect(bench.problems.filter(({ what }) => what === 'handling_failed')).toHaveLength(19);
    // a repetition may follow an effect that did happen
    expect(deliveries.map(({ again }) => again)).toEqual([false, ...Array.from({ length: 19 }, () => true)]);
  });

  it('treats a handler that throws like one that rejects', async () => {
    const bench = new Bench();
    let calls = 0;
    bench.start(() => {
      calls += 1;
      if (calls === 1) throw new Error('at once');
      return undefined;
    });
    await bench.append('thing-a');
    await bench.clock.advance(1_000);
    expect(calls).toBe(2);
  });
});

describe('an event whose effect is not done', () => {
  it('goes to another process when this one is gone, as one that somebody had before', async () => {
    const bench = new Bench();
    const work = new Work();
    bench.start(work.handle);
    await settle();
    await bench.append('thing-a');
    await bench.append('thing-b');
    await work.end('thing-b@0');
    const again: [string, boolean][] = [];
    const other = bench.start(
      (event, delivery) => {
        again.push([event.stream, delivery.again]);
        return undefined;
      },
      10,
      bench.otherLog(),
    );
    await settle();
    await bench.log.close();
    await settle();
    expect(again).toEqual([['thing-a', true]]);
    await other.stop();
  });

  it('that comes again while it is worked on is not begun a second time, and acknowledged once it is done', async () => {
    const bench = new Bench();
    const work = new Work();
    const running = bench.start(work.handle);
    await settle();
    await bench.append('thing-a');
    bench.store.group('process', ['thing-']).expire();
    await settle();
    expect(work.started).toEqual(['thing-a@0']);
    await work.end('thing-a@0');
    await running.stop();
    const seen: string[] = [];
    bench.start(({ stream }) => {
      seen.push(stream);
      return undefined;
    });
    await bench.append('thing-b');
    expect(seen).toEqual(['thing-b']);
  });

  it('does not hold up the stop for longer than its effect: others get it at once', async () => {
    const bench = new Bench();
    const work = new Work();
    const running = bench.start(work.handle);
    await settle();
    await bench.append('thing-a');
    const others: boolean[] = [];
    bench.start(
      (_event, { again }) => {
        others.push(again);
        return undefined;
      },
      10,
      bench.otherLog(),
    );
    await settle();
    let stopped = false;
    void running.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect([others, stopped]).toEqual([[true], false]);
    await work.end('thing-a@0');
    expect(stopped).toBe(true);
  });

  it('that keeps failing does not hold up the stop', async () => {
    const bench = new Bench();
    const running = bench.start(() => Promise.reject(new Error('away')));
    await settle();
    await bench.append('thing-a');
    await running.stop();
    expect(running.state().inFlight).toBe(0);
  });
});

describe('events of before', () => {
  it('were perhaps worked on; those that come after it has entered were not', async () => {
    const bench = new Bench();
    await bench.append('thing-a');
    const seen: [string, boolean][] = [];
    bench.start(({ stream }, { again }) => {
      seen.push([stream, again]);
      return undefined;
    });
    await settle();
    await bench.append('thing-b');
    expect(seen).toEqual([
      ['thing-a', true],
      ['thing-b', false],
    ]);
  });
});

describe('an event that was parked', () => {
  it('alerts and is driven again', async () => {
    const bench = new Bench();
    const seen: [string, boolean][] = [];
    const work = new Work();
    const running = bench.start((event, { again }) => {
      seen.push([event.stream, again]);
      return again ? undefined : work.handle(event);
    });
    await settle();
    await bench.append('thing-a');
    const group = bench.store.group('process', ['thing-']);
    group.park(['event-0']);
    // its first effect ends unheard, as when the process had died
    await work.end('thing-a@0');
    await bench.clock.advance(LOOK_FOR_PARKED_EVERY_MS);
    expect(bench.problems.map(({ what }) => what)).toContain('event_parked');
    expect(seen).toEqual([
      ['thing-a', false],
      ['thing-a', true],
    ]);
    expect(running.state().parked).toBe(1);
    await bench.clock.advance(LOOK_FOR_PARKED_EVERY_MS);
    expect([group.parked, running.state().parked]).toEqual([0, 0]);
  });
});

describe('its limits', () => {
  it('leave room for deliveries beyond the effects under way', () => {
    expect(MAX_HELD_DELIVERIES).toBeGreaterThan(MAX_EFFECTS_IN_FLIGHT);
  });
});

describe('what stops it', () => {
  it('a dropped subscription does not: it enters the group again', async () => {
    const bench = new Bench();
    const seen: string[] = [];
    bench.start(({ stream }) => {
      seen.push(stream);
      return undefined;
    });
    await bench.append('thing-a');
    bench.log.dropSubscriptions('restart');
    await bench.append('thing-b');
    await bench.clock.advance(10_000);
    expect(seen).toEqual(['thing-a', 'thing-b']);
  });

  it('an event of a type that it does not know does: skipping it would be losing it', async () => {
    const bench = new Bench();
    const running = bench.start(() => undefined);
    await bench.append('thing-a');
    const stranger = createMemoryEventLog({
      codec: createCodec({ Strange: { version: 1 } }),
      store: bench.store,
    });
    const metadata = {
      schemaVersion: 1,
      correlationId: '',
      causationId: '',
      commandId: '',
      actor: '',
      recordedAt: '2026-03-01T12:00:00.000Z',
    };
    const event = { id: '00000000-0000-4000-8000-00000000ffff', type: 'Strange', data: {}, metadata };
    await stranger.append('thing-b', 'no_stream', [event]);
    await expect(running.finished).rejects.toThrow('Strange');
  });
});
