import { EventData, EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { credentials, ServiceError, status } from '@grpc/grpc-js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreOptions, RunningEventStore, startEventStore } from './server';

/** A new id each time: one sent twice would be recognised and stored once. */
const paid = (): EventData => jsonEvent({ type: 'Paid', data: {} });

describe('a server in trouble', () => {
  let directory: string;
  let store: RunningEventStore;
  let client: EventStoreDBClient;
  let ended: unknown[];

  const start = async (options: Partial<EventStoreOptions> = {}): Promise<void> => {
    store = await startEventStore({
      dir: directory,
      durability: 'none',
      onEnd: (reason) => ended.push(reason),
      ...options,
    });
    client = EventStoreDBClient.connectionString(store.connectionString);
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tender-faults-'));
    ended = [];
    await start();
  });

  afterEach(async () => {
    await client.dispose();
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const restart = async (): Promise<void> => {
    await client.dispose();
    await store.stop();
    await start();
  };
  const append = (stream: string): Promise<unknown> =>
    client.appendToStream(stream, paid(), { expectedRevision: 'no_stream' });
  const typeOf = async (attempt: Promise<unknown>): Promise<unknown> =>
    attempt.then(
      () => 'answered',
      (reason: unknown) => (reason as { type: string }).type,
    );

  it('stops when its disk refuses a transaction, and is whole after a restart', async () => {
    await append('before');
    store.faults.failNextCommit = true;
    await expect(typeOf(append('refused'))).resolves.toMatch(/^(?:unavailable|cancelled)$/);
    expect(ended).toHaveLength(1);
    await expect(typeOf(append('later'))).resolves.not.toBe('answered');

    await restart();
    await expect(typeOf(append('before'))).resolves.toBe('wrong-expected-version');
    await expect(typeOf(append('refused'))).resolves.toBe('answered');
    await expect(typeOf(append('later'))).resolves.toBe('answered');
  });

  it.each([
    ['killBeforeCommit', 'answered'],
    ['killBeforeReply', 'wrong-expected-version'],
  ] as const)('leaves the writer in doubt with %s; only a restart tells', async (fault, afterwards) => {
    store.faults[fault] = true;
    await expect(typeOf(append('doubtful'))).resolves.toMatch(/^(?:unavailable|cancelled)$/);
    await restart();
    await expect(typeOf(append('doubtful'))).resolves.toBe(afterwards);
  });

  it('answers a write by the error it is told to play, and stores nothing', async () => {
    const single = {
      credentials: { username: 'admin', password: 'changeit' },
      expectedRevision: 'no_stream',
    } as const;
    for (const [refusal, type] of [
      ['unavailable', 'unavailable'],
      ['aborted', 'timeout'],
      ['not-leader', 'not-leader'],
    ] as const) {
      store.faults.refuseWrites = refusal;
      await expect(typeOf(client.appendToStream('refused', paid(), single))).resolves.toBe(type);
    }
    store.faults.refuseWrites = undefined;
    await expect(typeOf(append('refused'))).resolves.toBe('answered');
  });

  it('ends every stream as cancelled when it stops in order, and answers what it has committed', async () => {
    const subscription = client.subscribeToAll({ fromPosition: START });
    subscription.on('data', () => undefined);
    const broken = new Promise((resolve) => subscription.once('error', resolve));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await append('first');
    store.faults.commitDelayMs = 60;
    const last = append('last');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await store.stop();
    await expect(broken).resolves.toHaveProperty('type', 'cancelled');
    await expect(last).resolves.toHaveProperty('success', true);
  });

  it('hides events that are older than the stream keeps them', async () => {
    let nowMs = 1_700_000_000_000;
    await client.dispose();
    await store.stop();
    await start({ now: () => nowMs });
    // no deadline: the client reckons it by another clock
    const lasting = { credentials: { username: 'admin', password: 'changeit' } };
    await client.setStreamMetadata('ageing', { maxAge: 60 }, lasting);
    await client.appendToStream('ageing', paid(), lasting);
    nowMs += 59_000;
    await client.appendToStream('ageing', paid(), lasting);
    const revisions = async (): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const { event } of client.readStream('ageing')) found.push(event?.revision);
      return found;
    };
    await expect(revisions()).resolves.toEqual([0n, 1n]);
    nowMs += 2_000;
    await expect(revisions()).resolves.toEqual([1n]);
  });

  it.each([
    ['no UUID option', (options: ReadReq.Options) => options.setUuidOption()],
    [
      'a subscription backwards',
      (options: ReadReq.Options) => options.setReadDirection(ReadReq.Options.ReadDirection.BACKWARDS),
    ],
    ['no filter option', (options: ReadReq.Options) => options.setNoFilter()],
  ])('refuses a read with %s as an invalid argument', async (_name, spoil) => {
    const options = new ReadReq.Options()
      .setAll(new ReadReq.Options.AllOptions().setStart(new Empty()))
      .setSubscription(new ReadReq.Options.SubscriptionOptions())
      .setNoFilter(new Empty())
      .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
    spoil(options);
    const raw = new StreamsClient(`127.0.0.1:${store.port}`, credentials.createInsecure());
    const call = raw.read(new ReadReq().setOptions(options));
    const failed = new Promise<ServiceError>((resolve) => call.once('error', resolve));
    call.on('data', () => undefined);
    await expect(failed).resolves.toHaveProperty('code', status.INVALID_ARGUMENT);
    raw.close();
  });
});
