import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_CATALOG } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import { systemClock, webhookCommands, webhookStream } from '@tender/engine';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import { connectReadStore, PARKED_NOTICES, ParkedNoticesModel, type ReadStore } from '@tender/readmodels';
import { seededChance } from '@tender/testing';
import { EXIT } from '../exit-codes';
import type { Terminal } from '../terminal';
import { rebuild } from './rebuild';

const dir = mkdtempSync(join(tmpdir(), 'tender-rebuild-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
beforeAll(async () => {
  server = await startMongo({ dir, durable: false });
  store = await connectReadStore({ uri: server.uri, database: 'rebuild', appName: 'rebuild' });
});
afterAll(async () => {
  await store.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const OPTIONS = { fresh: false, acceptDifferences: false, dropOld: true, stopped: () => false };
const silent: Terminal = { out: () => undefined, aside: () => undefined, isWatched: false };

it('a notice that is parked while its list is made again, and before the switch, is in the new one', async () => {
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const inbox = webhookCommands({ log, clock: systemClock, chance: seededChance(1) });
  const model = new ParkedNoticesModel(store);
  await model.ensureIndexes();
  const parked = async (noticeId: string): Promise<string> => {
    const stream = webhookStream('stripe', noticeId);
    const context = { commandId: noticeId, correlationId: 'c', causationId: 'c', actor: 'test' };
    const data = { psp: 'stripe', noticeId, fields: {}, bodySha256: '00' } as const;
    await inbox.handle(stream, { type: 'ReceiveNotice', data }, context);
    const [{ metadata: { recordedAt: since } } = { metadata: { recordedAt: '' } }] =
      await log.readStream(stream);
    await model.park({ stream, psp: 'stripe', because: 'no_payment', since });
    const aside = { as: 'parked', because: 'no_payment' } as const;
    await inbox.handle(stream, { type: 'SetNoticeAside', data: aside }, { ...context, commandId: 'aside' });
    return stream;
  };
  const streams = [await parked('before')];
  let pages = 0;
  const amidTraffic = Object.assign(Object.create(log) as typeof log, {
    async readAll(options: Parameters<typeof log.readAll>[0]) {
      const page = await log.readAll(options);
      pages += 1;
      // the last page before the two are compared
      if (pages === 2) streams.push(await parked('meanwhile'));
      return page;
    },
  });
  expect(await rebuild(amidTraffic, store, silent, PARKED_NOTICES, OPTIONS)).toBe(EXIT.ok);
  const waiting = await model.list({ limit: 10 });
  expect(waiting.map(({ stream }) => stream).sort()).toStrictEqual(streams.sort());
});
