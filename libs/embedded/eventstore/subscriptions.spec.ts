import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { jsonEvent, START, streamNameFilter } from '@eventstore/db-client';
import * as fc from 'fast-check';
import { ThrowawayServer } from './throwaway-server';

type Seen = string;

/** Collects until `done` says so; the client's own iterator would destroy the stream on `break`. */
interface Collector {
  readonly seen: Seen[];
  readonly checkpoints: bigint[];
  caughtUp: number;
}

/** A tail this short is overrun all the time: subscriptions go to the disk and come back while writers write. */
const OVERRUN_TAIL_RECORDS = 4;

describe.each([
  ['with the newest events in memory', {}],
  ['with almost nothing in memory', { tailRecords: OVERRUN_TAIL_RECORDS }],
])('catch-up subscriptions %s', (_memory, options) => {
  let server: ThrowawayServer;

  beforeAll(async () => {
    server = await ThrowawayServer.start(options);
  });

  afterAll(async () => {
    await server.remove();
  });

  const write = async (stream: string, from: number, count: number): Promise<void> => {
    const events = Array.from({ length: count }, (_, index) =>
      jsonEvent({ type: 'Written', data: { n: from + index } }),
    );
    await server.client.appendToStream(stream, events);
  };

  function collect(
    prefix: string,
    fromPosition: { commit: bigint; prepare: bigint } | typeof START = START,
  ): Collector & { stop: () => Promise<void>; pause: () => void; resume: () => void } {
    const collector: Collector = { seen: [], checkpoints: [], caughtUp: 0 };
    const subscription = server.client.subscribeToAll({
      fromPosition,
      filter: streamNameFilter({
        prefixes: [prefix],
        checkpointInterval: 1,
        checkpointReached: (_subscription, { commit }) => {
          collector.checkpoints.push(commit);
        },
      }),
    });
    subscription.on('data', ({ event }) =>
      collector.seen.push(`${event?.streamId ?? ''}@${String(event?.revision)}`),
    );
    subscription.on('caughtUp', () => (collector.caughtUp += 1));
    return Object.assign(collector, {
      stop: () => subscription.unsubscribe(),
      pause: () => subscription.pause(),
      resume: () => subscription.resume(),
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await pause(2);
  }

  async function logged(prefix: string): Promise<Seen[]> {
    const found: Seen[] = [];
    for await (const { event } of server.client.readAll()) {
      if (event?.streamId.startsWith(prefix) === true)
        found.push(`${event.streamId}@${String(event.revision)}`);
    }
    return found;
  }

  it('deliver every event once and in the order of the log, whatever writers and pauses do', async () => {
    let runs = 0;
    const plan = fc.record({
      writers: fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 3,
      }),
      subscribeAfterTurns: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 3 }),
      pausedTurns: fc.nat({ max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ writers, subscribeAfterTurns, pausedTurns }) => {
        runs += 1;
        const prefix = `run-${runs}-`;
        const total = writers.flat().reduce((sum, count) => sum + count, 0);
        const writing = writers.map(async (counts, writer) => {
          let from = 0;
          for (const count of counts) {
            await write(`${prefix}${writer}`, from, count);
            from += count;
          }
        });
        const reading = subscribeAfterTurns.map(async (turns) => {
          for (let waited = 0; waited < turns; waited += 1) await turn();
          const collector = collect(prefix);
          await turn();
          collector.pause();
          for (let waited = 0; waited < pausedTurns; waited += 1) await turn();
          collector.resume();
          return collector;
        });
        await Promise.all(writing);
        const collectors = await Promise.all(reading);
        await until(() => collectors.every(({ seen }) => seen.length >= total));
        const expected = await logged(prefix);
        for (const { seen, stop } of collectors) {
          expect(seen).toEqual(expected);
          await stop();
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it('continue from any checkpoint with exactly what was not seen before it', async () => {
    for (let part = 0; part < 30; part += 1)
      await write(part % 3 === 0 ? 'other-x' : `resume-${part % 4}`, part, 5);
    const everything = collect('resume-');
    await until(() => everything.caughtUp > 0);
    await everything.stop();
    const { seen, checkpoints } = everything;
    expect(checkpoints.length).toBeGreaterThan(3);
    expect([...checkpoints].sort((a, b) => Number(a - b))).toEqual(checkpoints);

    for (const checkpoint of checkpoints.slice(0, 4)) {
      const before: Seen[] = [];
      for await (const { event } of server.client.readAll()) {
        if (event?.streamId.startsWith('resume-') !== true || event.position.commit > checkpoint) continue;
        before.push(`${event.streamId}@${String(event.revision)}`);
      }
      const resumed = collect('resume-', { commit: checkpoint, prepare: checkpoint });
      await until(() => resumed.caughtUp > 0);
      await resumed.stop();
      expect([...before, ...resumed.seen]).toEqual(seen);
    }
  });

  it('say caughtUp at once when nothing is behind, and again after falling behind, without repeating an event', async () => {
    const collector = collect('behind-');
    await until(() => collector.caughtUp === 1);
    await write('behind-1', 0, 3);
    await until(() => collector.seen.length === 3);
    server.store.fallBehind();
    await until(() => collector.caughtUp === 2);
    await write('behind-1', 3, 1);
    await until(() => collector.seen.length === 4);
    expect(collector.seen).toEqual(['behind-1@0', 'behind-1@1', 'behind-1@2', 'behind-1@3']);
    await collector.stop();
  });

  it('do not hold up others while one consumer pauses, and give it the rest when it goes on', async () => {
    const slow = server.client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({ prefixes: ['slow-'] }),
    });
    let received = 0;
    slow.on('data', () => (received += 1));
    slow.pause();
    const payload = 'x'.repeat(4_000);
    for (let part = 0; part < 20; part += 1) {
      await server.client.appendToStream(
        'slow-1',
        Array.from({ length: 20 }, () => jsonEvent({ type: 'Big', data: { payload } })),
      );
    }
    const quick = collect('slow-');
    await until(() => quick.seen.length === 400);
    expect(received).toBeLessThan(400);
    slow.resume();
    await until(() => received === 400);
    await Promise.all([slow.unsubscribe(), quick.stop()]);
  });

  it('to a stream start behind the revision they name, also when it lies beyond the end', async () => {
    await write('one', 0, 3);
    const revisions: bigint[] = [];
    const subscription = server.client.subscribeToStream('one', { fromRevision: 3n });
    subscription.on('data', ({ event }) => revisions.push(event?.revision ?? -1n));
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve));
    await caughtUp;
    await write('one', 3, 3);
    await until(() => revisions.length === 2);
    expect(revisions).toEqual([4n, 5n]);
    await subscription.unsubscribe();
  });

  it('to a stream see its tombstone and end', async () => {
    await write('ending', 0, 1);
    const types: string[] = [];
    const subscription = server.client.subscribeToStream('ending', { fromRevision: START });
    subscription.on('data', ({ event }) => types.push(event?.type ?? ''));
    const ended = new Promise((resolve) => subscription.once('error', resolve));
    await server.client.tombstoneStream('ending');
    await expect(ended).resolves.toHaveProperty('type', 'stream-deleted');
    expect(types).toEqual(['Written', '$streamDeleted']);
  });
});
