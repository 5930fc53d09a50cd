import { askRedis, redisOnPath, startRedis, type RunningRedis } from '@tender/embedded/redis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programIsMissing } from './debian-program';

/** Why no Redis can be started here; nothing when one can. */
export const redisIsMissing = (): string | undefined =>
  programIsMissing('redis-server', () => redisOnPath() !== undefined);

/** A Redis for one suite: nothing is kept, and everything may be done to it. */
export interface PrivateRedis {
  readonly url: string;
  flush(): Promise<void>;
  /** SIGSTOP: connections stay, and nobody answers. */
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  /** On the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPrivateRedis(): Promise<PrivateRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'tender-redis-'));
  let running: RunningRedis = await startRedis({ dir, durable: false });
  const { port, url } = running;
  const kill = async (): Promise<void> => {
    running.process.kill('SIGKILL');
    await running.ended;
  };
  // a suite that dies leaves no server behind
  const last = (): void => {
    running.process.kill('SIGKILL');
  };
  process.once('exit', last);
  return {
    url,
    async flush() {
      const answer = await askRedis(port, 'FLUSHALL');
      if (answer !== '+OK\r\n') throw new Error(`FLUSHALL: ${answer ?? 'no answer'}`);
    },
    pause: () => running.process.kill('SIGSTOP'),
    resume: () => running.process.kill('SIGCONT'),
    kill,
    async restart() {
      running = await startRedis({ dir, port, durable: false });
    },
    async stop() {
      process.off('exit', last);
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
