import * as fc from 'fast-check';
import {
  AppendOutcome,
  AppendRefused,
  EventLog,
  ExpectedRevision,
  MAX_APPEND_BYTES,
  MAX_EVENTS_PER_APPEND,
} from '@tender/eventstore';
import { appended, commandsOf, event, events, Place } from './fixture';

/** Rules of EventStoreDB 24.10 for an append with a concrete expected revision. */
export function expectedRevisions(opened: () => { log: EventLog }): void {
  describe('expected revision', () => {
    it('no_stream makes a stream once', async () => {
      const stream = new Place().stream();
      const first = await opened().log.append(stream, 'no_stream', events(stream, 'first', 2));
      expect(first).toMatchObject({ kind: 'appended', revision: 1n });
      expect(await opened().log.append(stream, 'no_stream', [event(stream, 'second')])).toEqual({
        kind: 'wrong_revision',
        current: 1n,
      });
    });

    it('an exact revision must be the current one, neither behind nor ahead', async () => {
      const stream = new Place().stream();
      await opened().log.append(stream, 'no_stream', events(stream, 'first', 2));
      const append = (expected: bigint, command: string) =>
        opened().log.append(stream, expected, [event(stream, command)]);
      expect(await append(0n, 'behind')).toEqual({ kind: 'wrong_revision', current: 1n });
      expect(await append(2n, 'ahead')).toEqual({ kind: 'wrong_revision', current: 1n });
      expect(await append(1n, 'right')).toMatchObject({ kind: 'appended', revision: 2n });
      expect(commandsOf(await opened().log.readStream(stream))).toEqual(['first', 'first', 'right']);
    });

    it('an exact revision of a stream that does not exist is wrong', async () => {
      const stream = new Place().stream();
      expect(await opened().log.append(stream, 0n, [event(stream, 'first')])).toEqual({
        kind: 'wrong_revision',
        current: 'no_stream',
      });
    });

    it('agrees with a model of the rules over any history', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anAppend, { minLength: 1, maxLength: 12 }), async (appends) => {
          const stream = new Place().stream();
          const model: string[] = [];
          for (const { expected, commands } of appends) {
            const list = commands.map((command) => event(stream, command));
            const outcome = await opened().log.append(stream, expected, list);
            expect(withoutPosition(outcome)).toEqual(modelAppend(model, expected, commands));
          }
          expect(commandsOf(await opened().log.readStream(stream))).toEqual(model);
        }),
        { numRuns: 60 },
      );
    });
  });
}

const anAppend = fc.record({
  expected: fc.oneof(fc.constant<ExpectedRevision>('no_stream'), fc.bigInt({ min: 0n, max: 6n })),
  // few ids, so that histories overlap, repeat in part and in another order
  commands: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
});

function modelAppend(model: string[], expected: ExpectedRevision, commands: string[]): object {
  const start = expected === 'no_stream' ? 0 : Number(expected) + 1;
  if (start === model.length) {
    model.push(...commands);
    return { kind: 'appended', revision: BigInt(model.length - 1) };
  }
  const same = start < model.length && commands.every((command, index) => model[start + index] === command);
  if (same) return { kind: 'appended', revision: BigInt(start + commands.length - 1) };
  return { kind: 'wrong_revision', current: model.length === 0 ? 'no_stream' : BigInt(model.length - 1) };
}

const withoutPosition = (outcome: AppendOutcome): object =>
  outcome.kind === 'appended' ? { kind: outcome.kind, revision: outcome.revision } : outcome;

export function repeatedAppends(opened: () => { log: EventLog }): void {
  describe('a repeated append', () => {
    it('is answered with the original revision and position, also after later appends', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const first = await log.append(stream, 'no_stream', events(stream, 'first', 3));
      expect(await log.append(stream, 'no_stream', events(stream, 'first', 3))).toEqual(first);
      const second = await log.append(stream, 2n, events(stream, 'second', 2));
      await log.append(stream, 4n, [event(stream, 'third')]);
      expect(await log.append(stream, 'no_stream', events(stream, 'first', 3))).toEqual(first);
      expect(await log.append(stream, 2n, events(stream, 'second', 2))).toEqual(second);
      const all = await log.readStream(stream);
      expect(commandsOf(all)).toEqual(['first', 'first', 'first', 'second', 'second', 'third']);
      expect(all[2]?.position).toEqual(appended(first).position);
    });

    it('sent many times at once is stored once and always answered alike', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const send = () => log.append(stream, 'no_stream', events(stream, 'first', 2));
      const outcomes = await Promise.all(Array.from({ length: 20 }, send));
      expect(new Set(outcomes.map((outcome) => appended(outcome).position.commit)).size).toBe(1);
      expect(await log.readStream(stream)).toHaveLength(2);
    });

    it('with one event changed, or one too many, is a conflict', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      await log.append(stream, 'no_stream', events(stream, 'first', 2));
      const wrong = { kind: 'wrong_revision', current: 1n };
      const changed = [event(stream, 'first'), event(stream, 'other', { index: 1 })];
      expect(await log.append(stream, 'no_stream', changed)).toEqual(wrong);
      expect(await log.append(stream, 'no_stream', events(stream, 'first', 3))).toEqual(wrong);
    });

    it('is recognised by its ids in its stream, not by its content', async () => {
      const { log } = opened();
      const place = new Place();
      const [one, two] = [place.stream('one'), place.stream('two')];
      const original = event(one, 'first', { data: { amountMinor: 1n } });
      const first = await log.append(one, 'no_stream', [original]);
      expect(await log.append(one, 'no_stream', [{ ...original, data: { amountMinor: 2n } }])).toEqual(first);
      expect((await log.readStream(one))[0]?.data).toEqual({ amountMinor: 1n });
      expect(await log.append(two, 'no_stream', [original])).toMatchObject({
        kind: 'appended',
        revision: 0n,
      });
    });
  });
}

export function concurrentAppends(opened: () => { log: EventLog }): void {
  describe('concurrent appends', () => {
    it('to one stream: each revision has one winner, the others learn the current revision', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const writers = 8;
      const rounds = 10;
      let expected: ExpectedRevision = 'no_stream';
      for (let round = 0; round < rounds; round += 1) {
        const at: ExpectedRevision = expected;
        const outcomes = await Promise.all(
          Array.from({ length: writers }, (_, writer) =>
            log.append(stream, at, [event(stream, `${writer}/${round}`)]),
          ),
        );
        expect(outcomes.filter(({ kind }) => kind === 'appended')).toHaveLength(1);
        expected = BigInt(round);
        const conflict = { kind: 'wrong_revision', current: expected };
        expect(outcomes.filter(({ kind }) => kind !== 'appended')).toEqual(Array(writers - 1).fill(conflict));
      }
      const revisions = (await log.readStream(stream)).map(({ revision }) => revision);
      expect(revisions).toEqual(Array.from({ length: rounds }, (_, revision) => BigInt(revision)));
    });

    it('of several events become visible together', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const size = 5;
      let done = false;
      const write = async () => {
        for (let round = 0n; round < 20n; round += 1n) {
          const expected = round === 0n ? 'no_stream' : round * BigInt(size) - 1n;
          appended(await log.append(stream, expected, events(stream, `r${round.toString()}`, size)));
        }
        done = true;
      };
      const seen: number[] = [];
      const read = async () => {
        while (!done) seen.push((await log.readStream(stream)).length);
      };
      await Promise.all([write(), read()]);
      expect(seen.filter((count) => count % size !== 0)).toEqual([]);
      expect(await log.readStream(stream)).toHaveLength(20 * size);
    });

    it('lie next to each other in the log, streams not mixed inside one append', async () => {
      const { log } = opened();
      const place = new Place();
      const streams = Array.from({ length: 10 }, (_, index) => place.stream(`s${index}`));
      await Promise.all(streams.map((stream) => log.append(stream, 'no_stream', events(stream, 'c', 4))));
      const { events: all } = await log.readAll({
        after: 'start',
        prefixes: place.prefixes,
        maxCount: 10_000,
      });
      const runs = all.filter(({ stream }, index) => stream !== all[index - 1]?.stream);
      expect(runs).toHaveLength(streams.length);
    });
  });
}

export function refusedAppends(opened: () => { log: EventLog }): void {
  describe('an append that can never succeed', () => {
    it.each([
      ['of nothing', 0],
      ['of too many events', MAX_EVENTS_PER_APPEND + 1],
    ])('%s throws and stores nothing', async (_, count) => {
      const stream = new Place().stream();
      await expect(opened().log.append(stream, 'no_stream', events(stream, 'c', count))).rejects.toThrow(
        AppendRefused,
      );
      expect(await opened().log.readStream(stream)).toEqual([]);
    });

    it('of as many events as allowed is stored', async () => {
      const stream = new Place().stream();
      appended(await opened().log.append(stream, 'no_stream', events(stream, 'c', MAX_EVENTS_PER_APPEND)));
      expect(await opened().log.readStream(stream)).toHaveLength(MAX_EVENTS_PER_APPEND);
    });

    it('to a system stream or before the first revision throws', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      await expect(log.append('$settings', 'no_stream', [event(stream, 'c')])).rejects.toThrow(AppendRefused);
      await expect(log.append(stream, -1n, [event(stream, 'c')])).rejects.toThrow(AppendRefused);
    });

    it('over the size of one append throws and stores nothing; just under it is stored', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const sized = (bytes: number) => event(stream, 'c', { data: { text: 'x'.repeat(bytes) } });
      await expect(log.append(stream, 'no_stream', [sized(MAX_APPEND_BYTES)])).rejects.toThrow(AppendRefused);
      expect(await log.readStream(stream)).toEqual([]);
      appended(await log.append(stream, 'no_stream', [sized(MAX_APPEND_BYTES - 1_000)]));
      expect(await log.readStream(stream)).toHaveLength(1);
    });
  });
}
