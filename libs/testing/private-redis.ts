import { askRedis, redisOnPath, startRedis, type RunningRedis } from '@tender/embedded/redis';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends redis-server';
/** Several suites may want it at the same time, and the package manager refuses the second. */
const INSTALL_ONCE = `flock "$0" sh -c 'command -v redis-server || { ${INSTALL}; }'`;
const INSTALL_LOCK = join(tmpdir(), 'tender-install.lock');
const INSTALL_WITHIN_MS = 5 * 60_000;

/**
 * Why no Redis can be started here, as the command that would change it; nothing when one can. With `CI=true` or
 * `TENDER_TEST_INSTALL=1`, and the rights, it is installed: a build machine is there for this.
 */
export function redisIsMissing(): string | undefined {
  if (redisOnPath() !== undefined) return undefined;
  const { CI, TENDER_TEST_INSTALL } = process.env;
  if ((CI === 'true' || TENDER_TEST_INSTALL === '1') && process.getuid?.() === 0) {
    // nobody wants the system's own server to start with it
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync('sh', ['-c', INSTALL_ONCE, INSTALL_LOCK], { env, stdio: 'ignore', timeout: INSTALL_WITHIN_MS });
    if (redisOnPath() !== undefined) return undefined;
  }
  return `there is no redis-server on the PATH; ${INSTALL}`;
}

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
