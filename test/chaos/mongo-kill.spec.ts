import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collection, MongoClient } from 'mongodb';
import { SpawnedServer, spawnCompiled, SpawnFailedError } from '@tender/testing';

const SERVER = 'libs/embedded/mongo/main.ts';
const ROUNDS = 3;
const WRITERS = 6;
const ACKNOWLEDGED_BEFORE_KILL = 60;
const BATCH = 3;

interface Row {
  _id: string;
  writer: number;
  at: number;
  ver: bigint;
}

const connect = (server: SpawnedServer): MongoClient =>
  new MongoClient((server.ready as { uri: string }).uri, {
    useBigInt64: true,
    retryWrites: true,
    writeConcern: { w: 'majority' },
    serverSelectionTimeoutMS: 300,
    heartbeatFrequencyMS: 500,
  });

/** What the server said is stored: the ids, and the version each was raised to. */
type Acknowledged = Map<string, bigint>;

async function write(rows: Collection<Row>, name: string, writer: number, said: Acknowledged): Promise<void> {
  for (let at = 0; ; at += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => ({
      _id: `${name}-${writer}-${at + i}`,
      writer,
      at: at + i,
    }));
    try {
      await rows.insertMany(batch.map((row) => ({ ...row, ver: 0n })));
      for (const { _id } of batch) said.set(_id, 0n);
      await rows.bulkWrite(
        batch.map(({ _id }) => ({ updateOne: { filter: { _id, ver: 0n }, update: { $set: { ver: 1n } } } })),
        { ordered: false },
      );
      for (const { _id } of batch) said.set(_id, 1n);
    } catch {
      return;
    }
  }
}

describe('embedded read store under kill -9', () => {
  let directory: string;
  let running: SpawnedServer[] = [];

  const start = async (): Promise<SpawnedServer> => {
    const server = await spawnCompiled(SERVER, ['--dir', directory]);
    running.push(server);
    return server;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tender-mongo-kill-'));
    running = [];
  });

  afterEach(async () => {
    for (const { process: child, exited } of running) {
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps every acknowledged write, and its indexes lead to exactly the documents there are', async () => {
    const said: Acknowledged = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      const server = await start();
      const client = connect(server);
      const rows = client.db('t').collection<Row>('rows');
      await rows.createIndex({ writer: 1, at: -1 }, { name: 'by_writer' }, {});
      await rows.createIndex({ ver: 1, _id: 1 }, { name: 'by_ver', unique: true }, {});
      const writers = Array.from({ length: WRITERS }, (_, i) => write(rows, `r${round}`, i, said));
      const enough = said.size + ACKNOWLEDGED_BEFORE_KILL;
      while (said.size < enough) await new Promise((resolve) => setTimeout(resolve, 5));
      server.process.kill('SIGKILL');
      await server.exited;
      await Promise.all(writers);
      await client.close();
    }
    const client = connect(await start());
    const rows = client.db('t').collection<Row>('rows');
    const stored = new Map((await rows.find().toArray()).map(({ _id, ver }) => [_id, ver]));
    const lost = [...said].filter(([id, ver]) => (stored.get(id) ?? -1n) < ver);
    const ids = [...stored.keys()].sort();
    const byWriter = await rows
      .find({ writer: { $gte: 0 } })
      .hint('by_writer')
      .toArray();
    const byVer = await rows
      .find({ ver: { $gte: 0n } })
      .hint('by_ver')
      .toArray();
    await client.close();
    expect(lost).toEqual([]);
    expect(byWriter.map(({ _id }) => _id).sort()).toEqual(ids);
    expect(byVer.map(({ _id }) => _id).sort()).toEqual(ids);
  });

  it('refuses a directory in use, takes it after a crash, and stops in order on SIGTERM', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(SpawnFailedError);
    await expect(start()).rejects.toThrow('is in use by process');
    first.process.kill('SIGKILL');
    await first.exited;
    const second = await start();
    second.process.kill('SIGINT');
    const client = connect(second);
    await expect(client.db('t').command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
    await client.close();
    second.process.kill('SIGTERM');
    await expect(second.exited).resolves.toBe(0);
  });

  it('goes when its parent goes', async () => {
    const server = await start();
    if (server.process.connected) server.process.disconnect();
    await expect(server.exited).resolves.toBe(0);
  });
});
