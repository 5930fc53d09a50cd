import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { SpawnedServer, spawnCompiled, SpawnFailedError } from '@tender/testing';

const SERVER = 'libs/embedded/eventstore/main.ts';
const ROUNDS = 3;
const WRITERS = 8;
const EVENTS_PER_APPEND = 3;
const ACKNOWLEDGED_BEFORE_KILL = 60;

interface Acknowledged {
  readonly stream: string;
  readonly appends: number;
}

const connect = (server: SpawnedServer): EventStoreDBClient =>
  EventStoreDBClient.connectionString((server.ready as { connectionString: string }).connectionString);

/** Appends until the connection breaks; counts what the server said is stored. */
async function write(
  client: EventStoreDBClient,
  stream: string,
  acknowledged: () => void,
): Promise<Acknowledged> {
  for (let appends = 0; ; appends += 1) {
    const events = Array.from({ length: EVENTS_PER_APPEND }, (_, part) =>
      jsonEvent({ type: 'Written', data: { append: appends, part } }),
    );
    const expectedRevision = appends === 0 ? 'no_stream' : BigInt(appends * EVENTS_PER_APPEND - 1);
    try {
      await client.appendToStream(stream, events, { expectedRevision });
    } catch {
      return { stream, appends };
    }
    acknowledged();
  }
}

async function eventsOf(client: EventStoreDBClient, stream: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { event } of client.readStream(stream)) found.push(event?.data);
  return found;
}

describe('embedded event store under kill -9', () => {
  let directory: string;
  let running: SpawnedServer[] = [];

  const start = async (): Promise<SpawnedServer> => {
    const server = await spawnCompiled(SERVER, ['--dir', directory]);
    running.push(server);
    return server;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tender-kill-'));
    running = [];
  });

  afterEach(async () => {
    for (const server of running) server.process.kill('SIGKILL');
    await Promise.all(running.map((server) => server.exited));
    rmSync(directory, { recursive: true, force: true });
  });

  it('has every acknowledged append after a restart, and each append whole or not at all', async () => {
    const written: Acknowledged[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await start();
      const client = connect(server);
      let acknowledged = 0;
      const writers = Array.from({ length: WRITERS }, (_, writer) =>
        write(client, `round-${round}-writer-${writer}`, () => {
          acknowledged += 1;
          if (acknowledged === ACKNOWLEDGED_BEFORE_KILL) server.process.kill('SIGKILL');
        }),
      );
      written.push(...(await Promise.all(writers)));
      await server.exited;
      await client.dispose();
    }

    const client = connect(await start());
    for (const { stream, appends } of written) {
      const stored = appends === 0 ? [] : await eventsOf(client, stream);
      expect(stored.length % EVENTS_PER_APPEND).toBe(0);
      // one append more may be stored than was acknowledged: its answer was lost with the server
      expect([appends, appends + 1]).toContain(stored.length / EVENTS_PER_APPEND);
    }
    await client.dispose();
  });

  it('refuses a directory that another process serves from, and takes it over once that one is dead', async () => {
    const first = await start();
    const second = await spawnCompiled(SERVER, ['--dir', directory]).catch((reason: unknown) => reason);
    expect(second).toBeInstanceOf(SpawnFailedError);
    expect(second).toHaveProperty('exitCode', 1);
    expect(second).toHaveProperty(
      'stderr',
      expect.stringContaining(`by process ${String(first.process.pid)}`),
    );

    first.process.kill('SIGKILL');
    await first.exited;
    await expect(start()).resolves.toHaveProperty('ready.ready', true);
  });

  it('stays up on SIGINT, stops in order on SIGTERM and when its parent lets go of it', async () => {
    const first = await start();
    first.process.kill('SIGINT');
    const client = connect(first);
    await expect(
      client.appendToStream('after-sigint', jsonEvent({ type: 'Written', data: {} })),
    ).resolves.toHaveProperty('success', true);
    await client.dispose();
    first.process.kill('SIGTERM');
    await expect(first.exited).resolves.toBe(0);

    const second = await start();
    second.process.disconnect();
    await expect(second.exited).resolves.toBe(0);
  });
});
