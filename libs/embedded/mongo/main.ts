import { parseArgs } from 'node:util';
import { startMongo, DirectoryRefused, type MongoOptions } from './index';

/** The directory cannot be used: `EX_UNAVAILABLE` of sysexits.h. */
const EXIT_REFUSED = 69;

function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): MongoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      port: { type: 'string' },
      'no-durable': { type: 'boolean' },
      'strict-collscan': { type: 'string' },
      audit: { type: 'string' },
      failpoints: { type: 'boolean' },
    },
  });
  const dir = values.dir ?? env.EMBEDDED_MONGO_DIR;
  if (dir === undefined) throw new DirectoryRefused('name a data directory: --dir or EMBEDDED_MONGO_DIR');
  const audit = values.audit ?? env.EMBEDDED_MONGO_AUDIT;
  return {
    dir,
    port: Number(values.port ?? env.EMBEDDED_MONGO_PORT ?? 0),
    durable: values['no-durable'] !== true && env.EMBEDDED_MONGO_DURABLE !== '0',
    strictCollscan: Number(values['strict-collscan'] ?? env.EMBEDDED_MONGO_STRICT_COLLSCAN ?? 0),
    failpoints: values.failpoints === true || env.EMBEDDED_MONGO_FAILPOINTS === '1',
    ...(audit === undefined ? {} : { auditFile: audit }),
  };
}

async function main(): Promise<void> {
  const running = await startMongo(optionsFrom(process.argv.slice(2), process.env));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  // Ctrl-C reaches the whole process group, but the parent stops its children in order
  process.on('SIGINT', () => undefined);
  // forked: nobody would be left to stop it
  process.on('disconnect', stop);
  const { port, uri } = running;
  process.stdout.write(`${JSON.stringify({ ready: true, port, uri })}\n`);
}

main().catch((error: unknown) => {
  const known = error instanceof DirectoryRefused;
  process.stderr.write(`embedded-mongo: ${known ? error.message : String((error as Error).stack)}\n`);
  process.exit(known ? EXIT_REFUSED : 1);
});
