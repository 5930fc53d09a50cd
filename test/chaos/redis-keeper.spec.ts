import { askRedis } from '@tender/embedded/redis';
import { redisIsMissing, type SpawnedServer, spawnCompiled } from '@tender/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeUnless } from '../not-run';

const KEEPER = 'libs/embedded/redis/main.ts';
const PONG = '+PONG\r\n';

describeUnless(redisIsMissing(), 'the process that keeps a private Redis', () => {
  let directory: string;
  let running: SpawnedServer[] = [];

  const start = async (port = 0): Promise<{ keeper: SpawnedServer; port: number }> => {
    const keeper = await spawnCompiled(KEEPER, ['--dir', directory, '--port', String(port)]);
    running.push(keeper);
    return { keeper, port: (keeper.ready as { port: number }).port };
  };
  const untilGone = async (port: number): Promise<void> => {
    while ((await askRedis(port, 'PING')) !== undefined) await new Promise((wake) => setTimeout(wake, 10));
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tender-redis-'));
    running = [];
  });

  afterEach(async () => {
    for (const { process: child, exited } of running) {
      child.kill('SIGTERM');
      await exited;
    }
    rmSync(directory, { recursive: true, force: true });
  });

  it('ends it on SIGTERM, and when its own parent is gone', async () => {
    for (const end of [
      ({ process: child }: SpawnedServer) => child.kill('SIGTERM'),
      ({ process: child }: SpawnedServer) => {
        child.disconnect();
      },
    ]) {
      const { keeper, port } = await start();
      expect(await askRedis(port, 'PING')).toBe(PONG);
      end(keeper);
      expect(await keeper.exited).toBe(0);
      await untilGone(port);
    }
  });

  it('that was killed takes Redis with it, and is followed by one that takes over its port with an empty Redis', async () => {
    const { keeper, port } = await start();
    await askRedis(port, 'SET left behind');
    keeper.process.kill('SIGKILL');
    await keeper.exited;
    await untilGone(port);
    const next = await start(port);
    expect(next.port).toBe(port);
    expect(await askRedis(port, 'DBSIZE')).toBe(':0\r\n');
  });

  it('ends when Redis does, so that it is started again', async () => {
    const { keeper, port } = await start();
    await askRedis(port, 'SHUTDOWN NOSAVE');
    expect(await keeper.exited).toBe(1);
    expect((await start(port)).port).toBe(port);
  });
});
