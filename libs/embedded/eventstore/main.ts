import { parseArgs } from 'node:util';
import { FaultSwitches } from './faults';
import { RunningEventStore, startEventStore } from './server';

/** A parent that forked this process may set fault switches by message. */
interface FaultMessage {
  readonly faults: Partial<FaultSwitches>;
}

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: process.env.EMBEDDED_EVENTSTORE_DIR ?? '' },
    port: { type: 'string', default: process.env.EMBEDDED_EVENTSTORE_PORT ?? '0' },
    durability: { type: 'string', default: process.env.EMBEDDED_EVENTSTORE_DURABILITY ?? 'fsync' },
  },
});

function fail(reason: unknown): never {
  process.stderr.write(
    `embedded event store: ${reason instanceof Error ? reason.message : String(reason)}\n`,
  );
  process.exit(1);
}

async function main(): Promise<void> {
  if (values.dir === '') fail('a data directory is needed: --dir or EMBEDDED_EVENTSTORE_DIR');
  if (values.durability !== 'fsync' && values.durability !== 'none') fail('durability is fsync or none');
  const server = await startEventStore({
    dir: values.dir,
    port: Number(values.port),
    durability: values.durability,
    onEnd: fail,
  });
  endWithParent(server);
  const { port, connectionString } = server;
  process.stdout.write(`${JSON.stringify({ ready: true, port, connectionString })}\n`);
}

function endWithParent(server: RunningEventStore): void {
  const stop = (): void => {
    server.stop().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  // Ctrl-C reaches the whole process group; the parent stops its children in their order
  process.on('SIGINT', () => undefined);
  process.once('disconnect', stop);
  process.on('message', (message: FaultMessage) => {
    Object.assign(server.faults, message.faults);
  });
}

main().catch(fail);
