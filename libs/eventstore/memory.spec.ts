import * as fc from 'fast-check';
import { createCodec } from './codec';
import { eventId } from './event-ids';
import { EventLogUnavailable, SubscriptionDropped } from './failures';
import { EventLog, NewEvent, RecordedEvent, Subscription } from './log';
import { createMemoryEventLog } from './memory';
import { AppendFault, ScriptedFaults } from './memory-faults';
import { MemoryStore } from './memory-store';

const codec = createCodec({ Noted: { version: 1 } });
const noted = (stream: string, command: string): NewEvent => ({
  id: eventId(stream, command, 0),
  type: 'Noted',
  data: { command },
  metadata: {
    schemaVersion: 1,
    correlationId: 'correlation',
    causationId: 'causation',
    commandId: command,
    actor: 'test',
    recordedAt: '2026-01-01T00:00:00.000Z',
  },
});

const commandsIn = async (log: EventLog, stream: string): Promise<unknown[]> =>
  (await log.readStream(stream)).map(({ data }) => data.command);

async function consume(subscription: Subscription, into: RecordedEvent[], enough: number): Promise<void> {
  for await (const batch of subscription) {
    into.push(...batch.events);
    if (into.length >= enough) return;
  }
}

describe('an append of unknown outcome', () => {
  it.each<[AppendFault, string[]]>([
    ['lost', []],
    ['reply_lost', ['first']],
    ['late', ['first']],
  ])('%s: sent again, it is stored once', async (fault, storedMeanwhile) => {
    const faults = new ScriptedFaults();
    const log = createMemoryEventLog({ codec, faults });
    faults.nextAppend(fault);
    expect(await log.append('note-1', 'no_stream', [noted('note-1', 'first')])).toMatchObject({
      kind: 'unknown',
    });
    expect(await commandsIn(log, 'note-1')).toEqual(storedMeanwhile);
    expect(await log.append('note-1', 'no_stream', [noted('note-1', 'first')])).toMatchObject({
      kind: 'appended',
      revision: 0n,
    });
    expect(await commandsIn(log, 'note-1')).toEqual(['first']);
  });

  it('that arrives late, behind another append, changes nothing', async () => {
    const tasks: (() => void)[] = [];
    const store = new MemoryStore();
    const faults = new ScriptedFaults();
    faults.nextAppend('late');
    const slow = createMemoryEventLog({ codec, store, faults, schedule: (task) => tasks.push(task) });
    const log = createMemoryEventLog({ codec, store });
    const outcome = slow.append('note-1', 'no_stream', [noted('note-1', 'late')]);
    tasks.shift()?.();
    expect(await outcome).toMatchObject({ kind: 'unknown' });
    await log.append('note-1', 'no_stream', [noted('note-1', 'other')]);
    for (const task of tasks) task();
    expect(await commandsIn(log, 'note-1')).toEqual(['other']);
  });
});

describe('faults of readers', () => {
  it('a failed read throws once', async () => {
    const faults = new ScriptedFaults();
    const log = createMemoryEventLog({ codec, faults });
    faults.nextRead('failed');
    await expect(log.readStream('note-1')).rejects.toThrow(EventLogUnavailable);
    expect(await log.readStream('note-1')).toEqual([]);
  });

  it('a dropped subscription throws out of the loop and resumes without loss', async () => {
    const faults = new ScriptedFaults();
    const log = createMemoryEventLog({ codec, faults });
    for (const id of ['1', '2', '3']) {
      await log.append(`note-${id}`, 'no_stream', [noted(`note-${id}`, id)]);
    }
    const iterator = log
      .subscribe({ after: 'start', prefixes: ['note-'], maxBatch: 1 })
      [Symbol.asyncIterator]();
    const first = (await iterator.next()).value as { position: { commit: bigint; prepare: bigint } };
    faults.nextDelivery('dropped');
    await expect(iterator.next()).rejects.toThrow(SubscriptionDropped);
    const rest: RecordedEvent[] = [];
    await consume(log.subscribe({ after: first.position, prefixes: ['note-'] }), rest, 2);
    expect(rest.map(({ stream }) => stream)).toEqual(['note-2', 'note-3']);
  });

  it('dropSubscriptions reaches a consumer that waits', async () => {
    const log = createMemoryEventLog({ codec });
    const iterator = log.subscribe({ after: 'end', prefixes: ['note-'] })[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    log.dropSubscriptions('test');
    await expect(waiting).rejects.toThrow(SubscriptionDropped);
  });

  it('a closed log refuses work and ends its subscriptions', async () => {
    const log = createMemoryEventLog({ codec });
    const iterator = log.subscribe({ after: 'end', prefixes: ['note-'] })[Symbol.asyncIterator]();
    await log.close();
    expect((await iterator.next()).done).toBe(true);
    await expect(log.readStream('note-1')).rejects.toThrow(EventLogUnavailable);
  });
});

/** Runs queued tasks in an order that a seed decides, until nothing is left to do. */
async function drive(tasks: (() => void)[], pick: (choices: number) => number): Promise<void> {
  for (let idle = 0; idle < 5;) {
    if (tasks.length === 0) idle += 1;
    else {
      idle = 0;
      tasks.splice(pick(tasks.length), 1)[0]?.();
    }
    // let the continuations of that task queue their next ones
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

describe('under a seeded scheduler', () => {
  const run = async (seed: number): Promise<string[]> => {
    let state = seed;
    const random = (choices: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % choices;
    };
    const tasks: (() => void)[] = [];
    const faults = { deliver: () => (random(4) === 0 ? ('delayed' as const) : undefined) };
    const log = createMemoryEventLog({ codec, faults, schedule: (task) => tasks.push(task) });
    const seen: RecordedEvent[] = [];
    const work = [1, 2, 3, 4].map(async (writer) => {
      for (let n = 0n; n < 5n; n += 1n) {
        const stream = `note-${writer}`;
        const outcome = await log.append(stream, n === 0n ? 'no_stream' : n - 1n, [
          noted(stream, n.toString()),
        ]);
        if (outcome.kind !== 'appended') throw new Error(outcome.kind);
      }
    });
    work.push(consume(log.subscribe({ after: 'start', prefixes: ['note-'], maxBatch: 3 }), seen, 20));
    await drive(tasks, random);
    await Promise.all(work);
    return seen.map(({ stream, revision }) => `${stream}@${revision.toString()}`);
  };

  it('whatever the order of the tasks, each event is delivered once and in the order of its stream', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const seen = await run(seed);
        expect(new Set(seen).size).toBe(20);
        for (const writer of [1, 2, 3, 4]) {
          const own = seen.filter((place) => place.startsWith(`note-${writer}@`));
          expect(own).toEqual([0, 1, 2, 3, 4].map((revision) => `note-${writer}@${revision}`));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('the same seed gives the same history, another seed another one', async () => {
    expect(await run(7)).toEqual(await run(7));
    const histories = await Promise.all([1, 2, 3, 4, 5].map(run));
    expect(new Set(histories.map((history) => history.join())).size).toBeGreaterThan(1);
  });
});
