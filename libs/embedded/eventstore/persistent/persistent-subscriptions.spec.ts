import { setTimeout as pause } from 'node:timers/promises';
import {
  EventStoreDBClient,
  jsonEvent,
  PersistentSubscriptionToStream,
  PersistentSubscriptionToStreamSettings,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { ThrowawayServer } from '../throwaway-server';

const GROUP = 'workers';

/** What a consumer does with an event: its number and how often it was tried before. */
type Handle = (n: number, retryCount: number) => 'ack' | 'retry' | 'park' | 'skip' | 'hold';

interface Worker {
  readonly seen: string[];
  readonly numbers: () => number[];
  stop: () => Promise<void>;
}

describe('persistent subscriptions', () => {
  let server: ThrowawayServer;
  let streams = 0;

  beforeAll(async () => {
    server = await ThrowawayServer.start();
  });

  afterAll(async () => {
    await server.remove();
  });

  async function group(
    events: number,
    settings: Partial<PersistentSubscriptionToStreamSettings> = {},
  ): Promise<string> {
    streams += 1;
    const stream = `jobs-${streams}`;
    if (events > 0) await write(stream, 0, events);
    const all = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...settings });
    await server.client.createPersistentSubscriptionToStream(stream, GROUP, all);
    return stream;
  }

  async function write(stream: string, from: number, count: number): Promise<void> {
    const events = Array.from({ length: count }, (_, index) =>
      jsonEvent({ type: 'Job', data: { n: from + index } }),
    );
    await server.client.appendToStream(stream, events);
  }

  function work(stream: string, handle: Handle, bufferSize = 10): Worker {
    const subscription = server.client.subscribeToPersistentSubscriptionToStream<
      ReturnType<typeof jsonEvent<{ type: 'Job'; data: { n: number } }>>
    >(stream, GROUP, { bufferSize });
    const seen: string[] = [];
    subscription.on('data', (resolved) => {
      const n = resolved.event?.data.n ?? -1;
      seen.push(`${n}/${resolved.retryCount}`);
      const answer = handle(n, resolved.retryCount);
      if (answer === 'ack') void subscription.ack(resolved);
      else if (answer !== 'hold') void subscription.nack(answer, 'as the test wants', resolved);
    });
    subscription.on('error', () => undefined);
    return {
      seen,
      numbers: () => seen.map((entry) => Number(entry.split('/')[0])),
      stop: () => leave(subscription),
    };
  }

  async function leave(subscription: PersistentSubscriptionToStream): Promise<void> {
    await subscription.unsubscribe();
  }

  const info = (stream: string): ReturnType<EventStoreDBClient['getPersistentSubscriptionToStreamInfo']> =>
    server.client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
  const parked = async (stream: string): Promise<bigint> => (await info(stream)).stats.parkedMessageCount;

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await pause(5);
  }

  it('deliver what there was and what comes, in order, to one consumer that acknowledges', async () => {
    const stream = await group(30);
    const worker = work(stream, () => 'ack');
    await until(() => worker.seen.length === 30);
    await write(stream, 30, 3);
    await until(() => worker.seen.length === 33);
    expect(worker.numbers()).toEqual(Array.from({ length: 33 }, (_, n) => n));
    await worker.stop();
  });

  it('give a consumer no more than its buffer until it acknowledges', async () => {
    const stream = await group(30);
    const worker = work(stream, () => 'hold', 4);
    await until(() => worker.seen.length === 4);
    const { stats, connections } = await info(stream);
    expect([stats.outstandingMessagesCount, connections[0]?.availableSlots]).toEqual([4, 0]);
    expect(worker.seen).toHaveLength(4);
    await worker.stop();
  });

  it('try again until the limit, then park with the reason, and go on with the rest', async () => {
    const stream = await group(3, { maxRetryCount: 2 });
    const worker = work(stream, (n) => (n === 1 ? 'retry' : 'ack'));
    await until(async () => (await parked(stream)) === 1n);
    expect(worker.seen.filter((entry) => entry.startsWith('1/'))).toEqual(['1/0', '1/1', '1/2']);
    for await (const { event } of server.client.readStream(
      `$persistentsubscription-${stream}::${GROUP}-parked`,
    )) {
      expect(event?.metadata).toMatchObject({
        reason: 'Reached retry count of 2',
        subscriptionEventNumber: 1,
      });
    }
    await worker.stop();
  });

  it('treat an event that is not answered in time like one given back', async () => {
    const stream = await group(1, { messageTimeout: 100, maxRetryCount: 5 });
    const worker = work(stream, (_n, retryCount) => (retryCount === 0 ? 'hold' : 'ack'));
    await until(() => worker.seen.length === 2);
    expect(worker.seen).toEqual(['0/0', '0/1']);
    await worker.stop();
  });

  it('replay what was parked, after which it is gone', async () => {
    const stream = await group(4);
    const refused = new Set<number>();
    const worker = work(stream, (n) => {
      if (n % 2 === 0 || refused.has(n)) return 'ack';
      refused.add(n);
      return 'park';
    });
    await until(async () => (await parked(stream)) === 2n);
    await server.client.replayParkedMessagesToStream(stream, GROUP, { stopAt: 1 });
    await until(() => worker.seen.length === 5);
    expect(await parked(stream)).toBe(1n);
    await server.client.replayParkedMessagesToStream(stream, GROUP);
    await until(() => worker.seen.length === 6);
    expect(worker.numbers()).toEqual([0, 1, 2, 3, 1, 3]);
    expect(await parked(stream)).toBe(0n);
    await worker.stop();
  });

  it('forget what is skipped', async () => {
    const stream = await group(3);
    const worker = work(stream, () => 'skip');
    await until(
      async () => worker.seen.length === 3 && (await info(stream)).stats.outstandingMessagesCount === 0,
    );
    expect(await parked(stream)).toBe(0n);
    await worker.stop();
  });

  it('lose nothing over a restart and repeat no more than a checkpoint holds back', async () => {
    const upper = 5;
    const stream = await group(20, { checkPointLowerBound: 1, checkPointUpperBound: upper });
    const before = work(stream, () => 'ack');
    await until(() => before.seen.length === 20);
    await until(
      async () => ((await info(stream)).stats.lastCheckpointedEventRevision ?? -1n) >= BigInt(20 - upper - 1),
    );
    await server.restart();
    await write(stream, 20, 2);
    const after = work(stream, () => 'ack');
    await until(() => after.numbers().includes(21));
    expect(after.seen.length).toBeLessThanOrEqual(2 + upper);
    expect(new Set([...before.numbers(), ...after.numbers()]).size).toBe(22);
    await after.stop();
  });

  it('hand on what a consumer had when it goes away', async () => {
    const stream = await group(6);
    const first = work(stream, () => 'hold');
    await until(() => first.seen.length === 6);
    await first.stop();
    const second = work(stream, () => 'ack');
    await until(() => second.seen.length === 6);
    expect(second.seen).toEqual(['0/1', '1/1', '2/1', '3/1', '4/1', '5/1']);
    await second.stop();
  });

  it('share out in turn with RoundRobin', async () => {
    const stream = await group(0, { consumerStrategyName: 'RoundRobin' });
    const workers = [work(stream, () => 'ack'), work(stream, () => 'ack')];
    await until(async () => (await info(stream)).connections.length === 2);
    await write(stream, 0, 10);
    await until(() => workers.reduce((sum, { seen }) => sum + seen.length, 0) === 10);
    expect(workers.map(({ seen }) => seen.length)).toEqual([5, 5]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it('fill one consumer before the next with DispatchToSingle', async () => {
    const stream = await group(0, { consumerStrategyName: 'DispatchToSingle' });
    const first = work(stream, () => 'hold', 4);
    await until(async () => (await info(stream)).connections.length === 1);
    const second = work(stream, () => 'hold', 4);
    await until(async () => (await info(stream)).connections.length === 2);
    await write(stream, 0, 6);
    await until(() => first.seen.length + second.seen.length === 6);
    expect(first.numbers()).toEqual([0, 1, 2, 3]);
    expect(second.numbers()).toEqual([4, 5]);
    await Promise.all([first.stop(), second.stop()]);
  });

  it('keep a stream with its consumer under Pinned, on $all as well', async () => {
    const settings = persistentSubscriptionToAllSettingsFromDefaults({
      consumerStrategyName: 'Pinned',
      startFrom: START,
    });
    const filter = streamNameFilter({ prefixes: ['pinned-'] });
    await server.client.createPersistentSubscriptionToAll('pinned', settings, { filter });
    const owners = new Map<string, Set<number>>();
    let delivered = 0;
    const subscriptions = [0, 1].map((worker) => {
      const subscription = server.client.subscribeToPersistentSubscriptionToAll('pinned');
      subscription.on('data', (resolved) => {
        const stream = resolved.event?.streamId ?? '';
        owners.set(stream, (owners.get(stream) ?? new Set()).add(worker));
        delivered += 1;
        void subscription.ack(resolved);
      });
      return subscription;
    });
    const connections = async (): Promise<number> =>
      (await server.client.getPersistentSubscriptionToAllInfo('pinned')).connections.length;
    await until(async () => (await connections()) === 2);
    for (let round = 0; round < 5; round += 1) {
      for (let stream = 0; stream < 8; stream += 1) await write(`pinned-${stream}`, round, 1);
    }
    await until(() => delivered === 40);
    expect([...owners.values()].every((workers) => workers.size === 1)).toBe(true);
    expect(new Set([...owners.values()].flatMap((workers) => [...workers])).size).toBe(2);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  });

  it('refuse by name: a second group, an unknown one, one consumer too many', async () => {
    const stream = await group(0, { maxSubscriberCount: 1 });
    const again = persistentSubscriptionToStreamSettingsFromDefaults();
    await expect(
      server.client.createPersistentSubscriptionToStream(stream, GROUP, again),
    ).rejects.toHaveProperty('type', 'persistent-subscription-exists');
    await expect(
      server.client.deletePersistentSubscriptionToStream('nichts-für-uns', 'grüppe'),
    ).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
      streamName: encodeURIComponent('nichts-für-uns'),
      groupName: encodeURIComponent('grüppe'),
    });
    const worker = work(stream, () => 'ack');
    await until(async () => (await info(stream)).connections.length === 1);
    await expect(refusal(stream)).resolves.toBe('maximum-subscribers-reached');
    await worker.stop();
  });

  it('drop their consumers when updated or deleted', async () => {
    const stream = await group(1);
    const dropped = refusal(stream);
    await until(async () => (await info(stream)).connections.length === 1);
    await server.client.updatePersistentSubscriptionToStream(
      stream,
      GROUP,
      persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, maxRetryCount: 3 }),
    );
    await expect(dropped).resolves.toBe('persistent-subscription-dropped');
    await expect(info(stream)).resolves.toHaveProperty('settings.maxRetryCount', 3);

    const droppedAgain = refusal(stream);
    await until(async () => (await info(stream)).connections.length === 1);
    await server.client.deletePersistentSubscriptionToStream(stream, GROUP);
    await expect(droppedAgain).resolves.toBe('persistent-subscription-dropped');
  });

  it('show their consumers that delivery is at least once when told to deliver twice', async () => {
    const stream = await group(2);
    server.store.faults.deliverTwice = true;
    const worker = work(stream, () => 'ack');
    await until(() => worker.seen.length === 4);
    server.store.faults.deliverTwice = false;
    expect(worker.numbers()).toEqual([0, 0, 1, 1]);
    await worker.stop();
  });

  function refusal(stream: string): Promise<string> {
    const subscription = server.client.subscribeToPersistentSubscriptionToStream(stream, GROUP);
    return new Promise((resolve) => {
      subscription.on('data', () => undefined);
      subscription.on('error', (reason) => {
        resolve((reason as Error & { type: string }).type);
      });
    });
  }
});
