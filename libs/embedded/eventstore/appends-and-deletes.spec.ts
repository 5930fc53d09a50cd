import { randomUUID } from 'node:crypto';
import {
  AppendExpectedRevision,
  EventData,
  jsonEvent,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { DEFAULT_MAX_APPEND_BYTES, MARKER_EVENT, MARKER_STREAM } from './server';
import { ThrowawayServer } from './throwaway-server';

const written = (n: number): EventData => jsonEvent({ type: 'Written', data: { n } });

describe('appends, reads and deletes with the official client', () => {
  let server: ThrowawayServer;
  const { credentials } = { credentials: { username: 'admin', password: 'changeit' } };

  beforeAll(async () => {
    server = await ThrowawayServer.start();
  });

  afterAll(async () => {
    await server.remove();
  });

  const numbers = async (stream: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const { event } of server.client.readStream(stream))
      found.push((event?.data as { n?: unknown } | undefined)?.n);
    return found;
  };
  /** BatchAppend, or Append when a call has credentials of its own. */
  const ways = [
    ['BatchAppend', {}],
    ['Append', { credentials }],
  ] as const;

  describe.each(ways)('through %s', (way, options) => {
    it('refuses a wrong revision and says which one is current', async () => {
      const stream = `wrong-${way}`;
      const refused = server.client.appendToStream(stream, written(0), { expectedRevision: 5n, ...options });
      await expect(refused).rejects.toBeInstanceOf(WrongExpectedVersionError);
      await server.client.appendToStream(stream, [written(0), written(1)], {
        expectedRevision: 'no_stream',
        ...options,
      });
      const late = server.client.appendToStream(stream, written(2), { expectedRevision: 0n, ...options });
      await expect(late).rejects.toMatchObject({ expectedVersion: 0n, actualVersion: 1n });
      await expect(numbers(stream)).resolves.toEqual([0, 1]);
    });

    it('takes an append of the largest size and refuses one byte more', async () => {
      const type = 'Big';
      const ofBytes = (bytes: number): EventData => {
        const envelope = JSON.stringify({ x: '' }).length + 2 * type.length;
        return jsonEvent({ type, data: { x: 'x'.repeat(bytes - envelope) } });
      };
      const stream = `big-${way}`;
      await expect(
        server.client.appendToStream(stream, ofBytes(DEFAULT_MAX_APPEND_BYTES + 1), options),
      ).rejects.toHaveProperty('type', 'maximum-append-size-exceeded');
      await expect(
        server.client.appendToStream(stream, ofBytes(DEFAULT_MAX_APPEND_BYTES), options),
      ).resolves.toHaveProperty('nextExpectedRevision', 0n);
    });

    it('answers appends to a tombstoned stream with a non-ASCII name by its error class', async () => {
      const stream = `zahlung-äöü-支付-${way}`;
      await server.client.appendToStream(stream, written(0), options);
      await server.client.tombstoneStream(stream);
      await expect(server.client.appendToStream(stream, written(1), options)).rejects.toBeInstanceOf(
        StreamDeletedError,
      );
      await expect(numbers(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    });
  });

  describe('a retry with the same event ids', () => {
    const expectations: readonly [string, AppendExpectedRevision][] = [
      ['any', 'any'],
      ['no_stream', 'no_stream'],
      ['exact', 0n],
    ];
    const matrix = expectations.flatMap(([name, expected]) =>
      ['at once', 'after the ids are forgotten', 'after a restart'].map(
        (when) => [name, when, expected] as const,
      ),
    );

    it.each(matrix)('expecting %s, %s', async (name, when, expected) => {
      const stream = `retry-${name}-${when}`;
      const known = name === 'exact' ? 1 : 0;
      if (known > 0) await server.client.appendToStream(stream, written(0));
      const events = [1, 2].map((n) => jsonEvent({ id: randomUUID(), type: 'Written', data: { n } }));
      const send = () => server.client.appendToStream(stream, events, { expectedRevision: expected });
      const first = await send();
      if (when === 'after the ids are forgotten') server.store.forgetRecentIds();
      if (when === 'after a restart') await server.restart();

      const again = await send();
      // only `any` rests on memory: after a restart or a failover it writes a duplicate, as on EventStoreDB
      const duplicated = name === 'any' && when !== 'at once';
      const stored = await numbers(stream);
      expect([again.nextExpectedRevision === first.nextExpectedRevision, stored.length - known]).toEqual(
        duplicated ? [false, 4] : [true, 2],
      );
      expect(again.position?.commit === first.position?.commit).toBe(!duplicated);
    });
  });

  it('recreates a soft-deleted stream behind its last revision and hides what was before', async () => {
    await server.client.appendToStream('recreated', [written(0), written(1)]);
    await server.client.deleteStream('recreated', { expectedRevision: 1n });
    await expect(numbers('recreated')).rejects.toBeInstanceOf(StreamNotFoundError);
    const { nextExpectedRevision } = await server.client.appendToStream('recreated', written(2), {
      expectedRevision: 'no_stream',
    });
    expect(nextExpectedRevision).toBe(2n);
    await expect(numbers('recreated')).resolves.toEqual([2]);
    await server.restart();
    await expect(numbers('recreated')).resolves.toEqual([2]);
  });

  it('refuses a delete with a wrong revision in words that carry any name', async () => {
    const stream = 'löschen';
    await server.client.appendToStream(stream, written(0));
    await expect(server.client.deleteStream(stream, { expectedRevision: 7n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: encodeURIComponent(stream),
      expectedVersion: 7n,
      actualVersion: 0n,
    });
    await expect(server.client.deleteStream('never-written')).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
  });

  it('shows no more than stream metadata allows, and all of it in $all', async () => {
    await server.client.appendToStream('limited', [0, 1, 2, 3, 4].map(written));
    await server.client.setStreamMetadata('limited', { maxCount: 2 });
    await expect(numbers('limited')).resolves.toEqual([3, 4]);
    await server.client.setStreamMetadata('limited', { truncateBefore: 4 });
    await expect(numbers('limited')).resolves.toEqual([4]);
    const backwards: unknown[] = [];
    for await (const { event } of server.client.readStream('limited', {
      direction: 'backwards',
      fromRevision: 'end',
    })) {
      backwards.push(event?.revision);
    }
    expect(backwards).toEqual([4n]);
    await server.client.setStreamMetadata('limited', { truncateBefore: 9 });
    await expect(numbers('limited')).resolves.toEqual([]);
    let inAll = 0;
    for await (const { event } of server.client.readAll()) if (event?.streamId === 'limited') inAll += 1;
    expect(inAll).toBe(5);
    await expect(server.client.getStreamMetadata('limited')).resolves.toHaveProperty(
      'metadata.truncateBefore',
      9,
    );
  });

  it('reads $all forwards including, and backwards excluding, the position it starts from', async () => {
    const { position } = await server.client.appendToStream('placed', written(0));
    await server.client.appendToStream('placed', written(1));
    const [forward] = await take(server.client.readAll({ fromPosition: position!, maxCount: 1 }));
    const [backward] = await take(
      server.client.readAll({ fromPosition: position!, direction: 'backwards', maxCount: 1 }),
    );
    expect(forward).toBe(position!.commit);
    expect(backward).toBeLessThan(position!.commit);
  });

  it('is recognisable as an embedded server by the first events of its log', async () => {
    const [marker] = await take(server.client.readStream(MARKER_STREAM), ({ event }) => [
      event?.type,
      event?.data,
    ]);
    expect(marker).toEqual([MARKER_EVENT, { server: 'tender-embedded-eventstore' }]);
  });

  it('resolves links, and leaves the event out where one leads nowhere', async () => {
    await server.client.appendToStream('linked@target', written(7));
    const link = (data: string): EventData => ({
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream',
      data: Buffer.from(data),
    });
    await server.client.appendToStream('links', [
      link('0@linked@target'),
      link('5@linked@target'),
      link('no link'),
    ]);
    const resolved = await take(
      server.client.readStream('links', { resolveLinkTos: true }),
      ({ event, link: from }) => [event?.streamId, from?.revision],
    );
    expect(resolved).toEqual([
      ['linked@target', 0n],
      [undefined, 1n],
      ['links', undefined],
    ]);
  });
});

async function take<
  Item extends { readonly event?: { readonly position?: { readonly commit: bigint } } },
  Value = bigint,
>(
  items: AsyncIterable<Item>,
  value: (item: Item) => Value = (item) => item.event?.position?.commit as Value,
): Promise<Value[]> {
  const found: Value[] = [];
  for await (const item of items) found.push(value(item));
  return found;
}
