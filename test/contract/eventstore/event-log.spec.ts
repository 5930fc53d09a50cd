import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '@tender/embedded/eventstore';
import { createCodec, createMemoryEventLog, MemoryStore } from '@tender/eventstore';
import { describeUnless } from '../../not-run';
import { describeEventLog } from './event-log.contract';
import { CURRENT, OpenedLog } from './fixture';
import { overGrpc } from './over-grpc';

function inMemory(): Promise<OpenedLog> {
  const store = new MemoryStore();
  const log = createMemoryEventLog({ codec: createCodec(CURRENT), store });
  return Promise.resolve({
    log,
    reader: (catalog) => createMemoryEventLog({ codec: createCodec(catalog), store }),
    operator: {
      restart: () => {
        store.restart();
        return Promise.resolve();
      },
      park: async ({ category: group, prefixes }, record) => {
        const consumer = log.join({ group, prefixes, maxUnacknowledged: 100 });
        const batches = consumer[Symbol.asyncIterator]();
        await batches.next();
        await record();
        const next = await batches.next();
        const ids = next.done === true ? [] : next.value.map(({ id }) => id);
        store.group(group, prefixes).park(ids);
        await consumer.close();
        return ids.length;
      },
    },
    close: () => log.close(),
  });
}

async function onEmbeddedServer(): Promise<OpenedLog> {
  const dir = await mkdtemp(join(tmpdir(), 'tender-event-log-'));
  const server = await startEventStore({ dir, durability: 'none' });
  return overGrpc(server.connectionString, async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
}

describeEventLog('in memory', inMemory);
describeEventLog('EventStoreDB client and embedded server', onEmbeddedServer);

const { EVENTSTORE_URL } = process.env;
const missing = EVENTSTORE_URL === undefined ? 'set EVENTSTORE_URL to run against a real server' : undefined;
describeUnless(missing, 'a real server', () => {
  const close = () => Promise.resolve();
  describeEventLog('EVENTSTORE_URL', () => Promise.resolve(overGrpc(EVENTSTORE_URL ?? '', close)));
});
