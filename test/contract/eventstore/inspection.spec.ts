import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamCheck, StreamHistories } from '@tender/engine';
import { startEventStore } from '@tender/embedded/eventstore';
import { connectEventStore, createCodec, type EventLog, type LogInspection } from '@tender/eventstore';
import { CURRENT, events, Place } from './fixture';
import { streamOperator, type StreamOperator } from './stream-operator';

let log: EventLog & LogInspection;
let operator: StreamOperator;
let stop: () => Promise<void>;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tender-inspection-'));
  const server = await startEventStore({ dir, durability: 'none' });
  const url = server.connectionString;
  log = connectEventStore({ url, codec: createCodec(CURRENT) });
  operator = streamOperator(url);
  stop = async () => {
    await operator.close();
    await log.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
});
afterAll(() => stop());

/** Three streams of four events each; the operator works on the second. */
async function recorded(): Promise<{ readonly place: Place; readonly stream: string }> {
  const place = new Place();
  for (const id of ['a', 'b', 'c']) {
    await log.append(place.stream(id), 'no_stream', events(place.stream(id), id, 4));
  }
  return { place, stream: place.stream('b') };
}

async function found({ prefixes }: Place, maxCount = 3): Promise<readonly string[]> {
  const check = new StreamCheck({ inspection: log, histories: new StreamHistories(log) });
  const told: string[] = [];
  let after: Parameters<LogInspection['inspectAll']>[0]['after'] = 'start';
  for (;;) {
    const page = await log.inspectAll({ after, prefixes, maxCount });
    const { found: divergences } = await check.take(page.records);
    told.push(...divergences.map(({ kind, id, at }) => `${kind} ${id} ${at ?? ''}`.trim()));
    if (page.end || page.position === undefined) return told;
    after = page.position;
  }
}

describe('streams that nobody has touched', () => {
  it.each([1, 3, 1_000])('have nothing wrong, in pages of %i', async (maxCount) => {
    const { place } = await recorded();
    expect(await found(place, maxCount)).toStrictEqual([]);
  });

  it('are inspected as they are read', async () => {
    const { place } = await recorded();
    const options = { after: 'start', prefixes: place.prefixes, maxCount: 1_000 } as const;
    const { records, ...inspected } = await log.inspectAll(options);
    const { events: read, ...page } = await log.readAll(options);
    expect(records).toStrictEqual(read.map((event) => ({ kind: 'event', event })));
    expect(inspected).toStrictEqual(page);
  });
});

describe('what is done to a stream by hand is named', () => {
  it.each([
    ['$maxAge', { maxAge: 3600 }, 'forbidden_metadata'],
    ['$maxCount', { maxCount: 2 }, 'forbidden_metadata'],
    ['$tb', { truncateBefore: 2 }, 'truncated_stream'],
  ])('%s', async (name, rules, kind) => {
    const { place, stream } = await recorded();
    await operator.setRules(stream, rules);
    expect(await found(place)).toStrictEqual([`${kind} ${stream} ${name}`]);
  });

  it('but not after it was taken back', async () => {
    const { place, stream } = await recorded();
    await operator.setRules(stream, { maxCount: 2 });
    await operator.setRules(stream, {});
    expect(await found(place)).toStrictEqual([]);
  });

  it('a soft delete', async () => {
    const { place, stream } = await recorded();
    await operator.softDelete(stream);
    expect(await found(place)).toStrictEqual([`truncated_stream ${stream} $tb`]);
  });

  it('a tombstone', async () => {
    const { place, stream } = await recorded();
    await operator.tombstone(stream);
    expect(await found(place)).toStrictEqual([`tombstoned_stream ${stream}`]);
  });

  it('an event that no program of ours has written', async () => {
    const { place, stream } = await recorded();
    await operator.append(stream, 'Mystery', { what: 'is this' });
    expect(await found(place)).toStrictEqual([`unreadable_event ${stream} 4`]);
  });
});
