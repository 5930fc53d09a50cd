import { createCodec, createMemoryEventLog, MemoryStore, type RecordedEvent } from '@tender/eventstore';
import { MemoryCheckpoints, settle, VirtualClock } from '@tender/testing';
import { CHECKPOINT_EVERY_MS } from './checkpoints';
import type { ReaderProblem } from './reader';
import { runProcess, type Delivery, type ProcessDeps } from './run-process';
import { RevisionCheck } from './revision-check';

const codec = createCodec({ Happened: { version: 1 } });

class Bench {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore();
  readonly log = createMemoryEventLog({ codec, store: this.store });
  readonly checkpoints = new MemoryCheckpoints();
  readonly problems: ReaderProblem[] = [];
  private ids = 0;

  start(handle: ProcessDeps['handle'], maxInFlight = 10) {
    const running = runProcess({
      name: 'process',
      prefixes: ['thing-'],
      log: this.log,
      checkpoints: this.checkpoints,
      clock: this.clock,
      report: (problem) => this.problems.push(problem),
      handle,
      maxInFlight,
    });
    running.finished.catch(() => undefined);
    return running;
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

describe('its checkpoint', () => {
  it('never stands behind unfinished work: after a kill it comes again', async () => {
    const bench = new Bench();
    const work = new Work();
    bench.start(work.handle);
    await bench.append('thing-a');
    await bench.append('thing-b');
    await work.end('thing-b@0');
    await bench.clock.advance(2 * CHECKPOINT_EVERY_MS);

    const after = new Work();
    const again: Delivery[] = [];
    bench.start((event, delivery) => {
      again.push(delivery);
      return after.handle(event);
    });
    await settle();
    expect(after.started).toContain('thing-a@0');
    expect(again.every((delivery) => delivery.again)).toBe(true);
  });

  it('stands at the end when all is done, so that nothing comes again', async () => {
    const bench = new Bench();
    const work = new Work();
    const running = bench.start(work.handle);
    await bench.append('thing-a');
    await work.end('thing-a@0');
    await running.stop();

    const after = new Work();
    bench.start(after.handle);
    await bench.append('thing-b');
    expect(after.started).toEqual(['thing-b@0']);
  });

  it('is not written while nothing moves', async () => {
    const bench = new Bench();
    bench.start(() => undefined);
    await bench.append('thing-a');
    await bench.clock.advance(CHECKPOINT_EVERY_MS);
    const save = jest.spyOn(bench.checkpoints, 'save');
    await bench.clock.advance(100 * CHECKPOINT_EVERY_MS);
    expect(save).not.toHaveBeenCalled();
  });
});

describe('what stops it', () => {
  it('a dropped subscription does not: it goes on after the last event it was given', async () => {
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

  it('a hole in a stream does', () => {
    const check = new RevisionCheck();
    expect(check.accept({ stream: 'thing-a', revision: 3n })).toBe(true);
    expect(check.accept({ stream: 'thing-a', revision: 3n })).toBe(false);
    expect(check.accept({ stream: 'thing-a', revision: 4n })).toBe(true);
    expect(() => check.accept({ stream: 'thing-a', revision: 6n })).toThrow('revision 6 follows 4');
  });
});
