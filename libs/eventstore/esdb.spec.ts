import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { RunningEventStore, startEventStore } from '@tender/embedded/eventstore';
import { createCodec } from './codec';
import { connectEventStore } from './esdb';
import { EventStoreOptions } from './esdb-connection';
import { SUBSCRIPTION_BUFFER_MESSAGES } from './esdb-subscription';
import { eventId } from './event-ids';
import { AppendRefused, EventLogUnavailable, SubscriptionDropped } from './failures';
import { AppendOutcome, EventLog, NewEvent, Position, SubscriptionBatch } from './log';

const codec = createCodec({ Noted: { version: 1 } });
const noted = (stream: string, command: string, index = 0): NewEvent => ({
  id: eventId(stream, command, index),
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

let dir: string;
let server: RunningEventStore;
const logs: EventLog[] = [];

const connect = (more: Partial<EventStoreOptions> = {}): EventLog => {
  const log = connectEventStore({ url: server.connectionString, codec, ...more });
  logs.push(log);
  return log;
};

async function restart(): Promise<void> {
  server = await startEventStore({ dir, port: server.port, durability: 'none' });
}

/** Until the outcome is known, as every caller does. */
async function appendAgain(log: EventLog, stream: string, events: NewEvent[]): Promise<AppendOutcome> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const outcome = await log.append(stream, 'no_stream', events);
    if (outcome.kind !== 'unknown') return outcome;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the outcome stayed unknown');
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tender-esdb-'));
  server = await startEventStore({ dir, durability: 'none' });
});

afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('an append whose reply is lost', () => {
  it.each(['killBeforeReply', 'killBeforeCommit'] as const)(
    'because of %s is unknown; sent again after the restart it is stored once',
    async (fault) => {
      const log = connect();
      await log.append('note-0', 'no_stream', [noted('note-0', 'warm')]);
      server.faults[fault] = true;
      const events = [noted('note-1', 'c', 0), noted('note-1', 'c', 1)];
      expect(await log.append('note-1', 'no_stream', events)).toMatchObject({ kind: 'unknown' });
      await server.stop();
      await restart();
      expect(await appendAgain(log, 'note-1', events)).toMatchObject({ kind: 'appended', revision: 1n });
      expect(await log.readStream('note-1')).toHaveLength(2);
    },
  );

  it('by our own timer is unknown, and a late reply changes nothing', async () => {
    const log = connect({ appendTimeoutMs: 100 });
    await appendAgain(log, 'note-0', [noted('note-0', 'warm')]);
    server.faults.commitDelayMs = 400;
    const events = [noted('note-1', 'c')];
    expect(await log.append('note-1', 'no_stream', events)).toEqual({
      kind: 'unknown',
      reason: 'no answer within 100 ms',
    });
    server.faults.commitDelayMs = 0;
    expect(await appendAgain(log, 'note-1', events)).toMatchObject({ kind: 'appended', revision: 0n });
    expect(await log.readStream('note-1')).toHaveLength(1);
  });

  it('because the server cannot write now is unknown, and the connection goes on', async () => {
    const log = connect();
    server.faults.refuseWrites = 'aborted';
    const events = [noted('note-1', 'c')];
    expect(await log.append('note-1', 'no_stream', events)).toMatchObject({ kind: 'unknown' });
    server.faults.refuseWrites = undefined;
    expect(await appendAgain(log, 'note-1', events)).toMatchObject({ kind: 'appended' });
  });
});

describe('a restarted server', () => {
  it('drops subscriptions, which resume after their position with exactly the rest', async () => {
    const log = connect();
    await log.append('note-1', 'no_stream', [noted('note-1', 'a')]);
    const iterator = log.subscribe({ after: 'start', prefixes: ['note-'] })[Symbol.asyncIterator]();
    let position: Position | undefined;
    const next = async (): Promise<SubscriptionBatch> => (await iterator.next()).value as SubscriptionBatch;
    for (let live = false; !live;) ({ position, live } = await next());
    const waiting = iterator.next();
    await Promise.all([expect(waiting).rejects.toThrow(SubscriptionDropped), server.stop()]);
    await restart();
    await appendAgain(log, 'note-2', [noted('note-2', 'b')]);
    const resumed = log.subscribe({ after: position ?? 'start', prefixes: ['note-'] });
    const seen: string[] = [];
    for await (const batch of resumed) {
      seen.push(...batch.events.map(({ stream }) => stream));
      if (seen.length > 0) break;
    }
    expect(seen).toEqual(['note-2']);
  });

  it('makes reads fail plainly while it is away and work again afterwards', async () => {
    const log = connect();
    await log.append('note-1', 'no_stream', [noted('note-1', 'a')]);
    await server.kill();
    await expect(log.readStream('note-1')).rejects.toThrow(EventLogUnavailable);
    await restart();
    await appendAgain(log, 'note-1', [noted('note-1', 'a')]);
    expect(await log.readStream('note-1')).toHaveLength(1);
  });
});

describe('one appending connection', () => {
  it('per process: a second one is refused until the first is closed, a reading one is welcome', async () => {
    const first = connect();
    expect(() => connect()).toThrow('one appending connection per process');
    const reader = connect({ readOnly: true });
    await expect(reader.append('note-1', 'no_stream', [noted('note-1', 'a')])).rejects.toThrow(AppendRefused);
    await first.close();
    expect(await connect().append('note-1', 'no_stream', [noted('note-1', 'a')])).toMatchObject({
      kind: 'appended',
    });
  });

  // the reason for the rule, in @eventstore/db-client 6.2.1: when this fails, docs/adr/0001 can be reconsidered
  it('because a failing stream of one client rejects the pending appends of every other client', async () => {
    const otherDir = await mkdtemp(join(tmpdir(), 'tender-esdb-'));
    const other = await startEventStore({ dir: otherDir, durability: 'none' });
    const [healthy, failing] = [server, other].map((each) =>
      EventStoreDBClient.connectionString(each.connectionString),
    ) as [EventStoreDBClient, EventStoreDBClient];
    const write = (client: EventStoreDBClient) =>
      client.appendToStream('note-1', jsonEvent({ type: 'Noted', data: {} }), { expectedRevision: 'any' });
    await Promise.all([write(healthy), write(failing)]);
    server.faults.commitDelayMs = 2_000;
    const pending = write(healthy).then(
      () => 'stored',
      () => 'rejected',
    );
    other.faults.killBeforeCommit = true;
    await expect(write(failing)).rejects.toThrow();
    expect(await pending).toBe('rejected');
    // before the late reply of the healthy server arrives: it would end this process
    await Promise.all([healthy.dispose(), failing.dispose()]);
    server.faults.commitDelayMs = 0;
    await other.stop();
    await rm(otherDir, { recursive: true, force: true });
  });
});

describe('a consumer that stops', () => {
  it('leaves no more than two buffers in memory, and misses nothing when it goes on', async () => {
    const log = connect();
    const count = 4 * SUBSCRIPTION_BUFFER_MESSAGES;
    for (let n = 0; n < count; n += 256) {
      const events = Array.from({ length: 256 }, (_, index) => noted(`note-${n}`, 'c', index));
      await log.append(`note-${n}`, 'no_stream', events);
    }
    const subscription = log.subscribe({ after: 'start', prefixes: ['note-'], maxBatch: 10_000 });
    const iterator = subscription[Symbol.asyncIterator]();
    let seen = ((await iterator.next()).value as SubscriptionBatch).events.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const held = ((await iterator.next()).value as SubscriptionBatch).events.length;
    expect(held).toBeLessThanOrEqual(2 * SUBSCRIPTION_BUFFER_MESSAGES);
    seen += held;
    while (seen < count) seen += ((await iterator.next()).value as SubscriptionBatch).events.length;
    expect(seen).toBe(count);
    await subscription.close();
  });
});
