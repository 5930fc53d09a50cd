import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Faults } from '../faults';
import { EventLog } from './event-log';
import { ANY, NO_STREAM, STREAM_EXISTS } from './expected-revision';
import { WriteOutcome, WriteRequest } from './write-batch';

const STREAM = 'order-1';
/** Few ids, so that retries, partial retries and collisions are common. */
const IDS = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);

interface Command {
  readonly kind: WriteRequest['kind'] | 'restart';
  readonly expected: number;
  readonly ids: readonly string[];
  /** Sent without waiting for the answer of the one before: they share a transaction. */
  readonly together: boolean;
}

interface ModelState {
  readonly ids: readonly string[];
  readonly recent: ReadonlyMap<string, number>;
  readonly state: 'live' | 'soft-deleted' | 'tombstoned';
  readonly everDeleted: boolean;
}

type Expected = { readonly wrong: number } | { readonly written: number } | 'stream-deleted';

const EMPTY: ModelState = { ids: [], recent: new Map(), state: 'live', everDeleted: false };

/** What the rules say about one write, told from the history alone. */
function model(before: ModelState, command: Command): [ModelState, Expected] {
  const { ids, expected } = command;
  const last = before.ids.length - 1;
  const wrong: [ModelState, Expected] = [before, { wrong: last }];
  if (command.kind === 'restart') return [{ ...before, recent: new Map() }, { written: last }];
  if (before.state === 'tombstoned') return [before, 'stream-deleted'];
  if (expected === STREAM_EXISTS && before.state === 'soft-deleted') return [before, 'stream-deleted'];
  if (expected === STREAM_EXISTS && last < 0 && !before.everDeleted) return wrong;
  const repeated = command.kind === 'append' ? earlier(before, expected, ids) : 'none';
  if (repeated === 'some') return wrong;
  if (typeof repeated === 'number') return [before, { written: repeated }];
  const recreates = expected === NO_STREAM && before.state === 'soft-deleted' && command.kind === 'append';
  const fits = expected === ANY || expected === STREAM_EXISTS || expected === last || recreates;
  if (!fits && !(expected === NO_STREAM && before.state === 'soft-deleted')) return wrong;
  return apply(before, command);
}

/** Whether these events were written before: all (their last revision), the first ones only, or none. */
function earlier(before: ModelState, expected: number, ids: readonly string[]): number | 'some' | 'none' {
  if (ids.length === 0) return 'none';
  const weak = expected === ANY || expected === STREAM_EXISTS;
  const found = ids.map((id, index) =>
    weak ? before.recent.get(id) : before.ids[expected + 1 + index] === id ? expected + 1 + index : undefined,
  );
  if (!weak && expected >= before.ids.length - 1) return 'none';
  if (found[0] === undefined) return 'none';
  return found.includes(undefined) ? 'some' : (found.at(-1) ?? 'none');
}

function apply(before: ModelState, command: Command): [ModelState, Expected] {
  const last = before.ids.length - 1;
  switch (command.kind) {
    case 'restart':
      return [before, { written: last }];
    case 'tombstone':
      return [{ ...before, state: 'tombstoned' }, { written: last }];
    case 'soft-delete':
      if (last < 0 && !before.everDeleted) return [before, { wrong: -1 }];
      return [{ ...before, state: 'soft-deleted', everDeleted: true }, { written: Number.NaN }];
    case 'append': {
      if (command.ids.length === 0) return [before, { written: last }];
      const recent = new Map(before.recent);
      for (const [index, id] of command.ids.entries()) recent.set(id, last + 1 + index);
      const ids = [...before.ids, ...command.ids];
      return [{ ...before, ids, recent, state: 'live' }, { written: ids.length - 1 }];
    }
  }
}

const command = fc.record<Command>({
  kind: fc.constantFrom<Command['kind']>(
    'append',
    'append',
    'append',
    'append',
    'soft-delete',
    'restart',
    'tombstone',
  ),
  expected: fc.constantFrom(ANY, ANY, NO_STREAM, NO_STREAM, STREAM_EXISTS, 0, 1, 2, 3),
  ids: fc.shuffledSubarray(IDS, { maxLength: 3 }),
  together: fc.boolean(),
});

function toExpected(outcome: WriteOutcome): Expected | 'unavailable' {
  switch (outcome.kind) {
    case 'written':
      return { written: outcome.revision };
    case 'wrong-expected-version':
      return { wrong: outcome.current };
    case 'stream-deleted':
    case 'unavailable':
      return outcome.kind;
  }
}

describe('expected revision', () => {
  let root: string;
  let opened = 0;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tender-revision-'));
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  async function openLog(directory: string): Promise<EventLog> {
    return EventLog.open({
      directory,
      durability: 'none',
      faults: new Faults(),
      now: Date.now,
      failed: () => undefined,
    });
  }

  /** Runs the commands against a log; those sent together are awaited together. */
  async function run(commands: readonly Command[]): Promise<(Expected | 'unavailable')[]> {
    opened += 1;
    const directory = join(root, String(opened));
    let log = await openLog(directory);
    const answers: Promise<WriteOutcome>[] = [];
    for (const { kind, expected, ids, together } of commands) {
      if (kind === 'restart') {
        await Promise.all(answers);
        await log.close();
        log = await openLog(directory);
        const last = log.reader.lastRevision(STREAM);
        answers.push(Promise.resolve({ kind: 'written', revision: last, position: undefined }));
        continue;
      }
      const data = Buffer.from('{}');
      const events =
        kind === 'append' ? ids.map((id) => ({ id, type: 'T', isJson: true, metadata: data, data })) : [];
      answers.push(log.write({ kind, stream: STREAM, expected, events }));
      if (!together) await Promise.all(answers);
    }
    const outcomes = await Promise.all(answers);
    await log.close();
    return outcomes.map(toExpected);
  }

  it('decides like the model for any history of appends, retries, deletes and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 10 }), async (commands) => {
        let state = EMPTY;
        const expected = commands.map((each) => {
          const [after, answer] = model(state, each);
          state = after;
          return answer;
        });
        const actual = await run(commands);
        // the revision of a soft delete belongs to the metadata stream
        const comparable = actual.map((answer, index) => {
          const wanted = expected[index];
          return typeof wanted === 'object' && 'written' in wanted && Number.isNaN(wanted.written)
            ? wanted
            : answer;
        });
        expect(comparable).toEqual(expected);
      }),
      { numRuns: 120, examples: [] },
    );
  });
});
