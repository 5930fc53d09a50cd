import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startRedis, type RunningRedis } from './redis-server';

/**
 * A private Redis as a process like the other servers: it says when it is ready, and ends with whoever started it,
 * which redis-server by itself would not.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: process.env.EMBEDDED_REDIS_DIR ?? '' },
      port: { type: 'string', default: process.env.EMBEDDED_REDIS_PORT ?? '0' },
    },
  });
  const { dir } = values;
  if (dir === '') throw new Error('a data directory is needed: --dir or EMBEDDED_REDIS_DIR');
  // Ctrl-C reaches the whole process group, but the parent stops its children in order
  process.on('SIGINT', () => undefined);
  const redis = await startRedis({ dir, port: Number(values.port), durable: false });
  const endWatch = endsWithUs(redis);
  const asked = { toStop: false };
  const stop = (): void => {
    asked.toStop = true;
    // it holds no truth, so there is nothing to wait for
    redis.process.kill('SIGKILL');
  };
  process.on('SIGTERM', stop);
  // forked: nobody would be left to stop it
  process.on('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, port: redis.port, url: redis.url })}\n`);
  await redis.ended;
  endWatch();
  // whoever started us starts us again, and Redis with us
  if (!asked.toStop) throw new Error('redis-server ended');
  process.exit(0);
}

/** A kill gives us no time to end Redis: a shell sees our pipe close and does it. */
function endsWithUs({ process: { pid } }: RunningRedis): () => void {
  const watch = spawn('sh', ['-c', 'read _; kill -9 "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // by now the id may be somebody else's
  return () => watch.kill('SIGKILL');
}

main().catch((error: unknown) => {
  process.stderr.write(`private Redis: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
