import { book } from '@tender/domain';
import { catchUp, LEDGER_PREFIXES, REBUILD_PAGE_EVENTS, WEBHOOK_PREFIX } from '@tender/engine';
import {
  documentsRebuild,
  DocumentVersions,
  ledgerCollections,
  ledgerRebuild,
  PARKED_NOTICES,
  ParkedNoticesModel,
  parkedNoticesRebuild,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  SavedWalk,
  storedHead,
  type ReadStore,
  type Rebuilt,
} from '@tender/readmodels';
import { ledgerBytes } from './ledger-logs';
import { noticeEvents, noticeStream } from './notice-logs';
import { openEmbedded, type OpenServer } from './open-server';
import { idOfFirst, recordedIn, recordedWorld, type Log, type World } from './verified-world';

let server: OpenServer;
beforeAll(async () => {
  server = await openEmbedded();
});
afterAll(() => server.close());

const parkedRebuild = (store: ReadStore, log: Log): Promise<Rebuilt> =>
  parkedNoticesRebuild({ store, prefix: WEBHOOK_PREFIX, readStream: (stream) => log.readStream(stream) });

const models: readonly [string, (store: ReadStore, log: Log) => Promise<Rebuilt>][] = [
  ['ledger', (store) => ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book })],
  ['payment_status', (store) => documentsRebuild(store, PAYMENT_DOCUMENTS)],
  ['refund_status', (store) => documentsRebuild(store, REFUND_DOCUMENTS)],
  [PARKED_NOTICES, parkedRebuild],
];

const world = async (seed: number): Promise<World> => recordedWorld(await server.freshStore(), seed, 15);

async function made(log: Log, rebuilt: Rebuilt): Promise<Rebuilt> {
  await rebuilt.prepare();
  await catchUp(log, rebuilt, () => undefined);
  return rebuilt;
}

describe.each(models)('%s made again', (_, rebuiltOf) => {
  it('is equal, becomes the live one, and is then what the next rebuild is held against', async () => {
    const { log, store } = await world(1);
    const first = await made(log, await rebuiltOf(store, log));
    expect(await first.compare()).toMatchObject({ isEqual: true });
    expect(await first.makeLive()).toBe(true);
    await first.drop('live_before');
    const second = await made(log, await rebuiltOf(store, log));
    expect(second.live).toBe(first.version);
    expect(await second.compare()).toMatchObject({ isEqual: true });
  });

  it('goes on where it was cut off, and reads nothing twice', async () => {
    const { log, store, events } = await world(2);
    const half = Math.floor(events.length / 2);
    const began = await rebuiltOf(store, log);
    await began.prepare();
    const upTo = events.slice(0, half);
    await began.apply(upTo, upTo.at(-1)?.position ?? { commit: 0n, prepare: 0n });
    const resumed = await rebuiltOf(store, log);
    await resumed.prepare();
    const ours = events
      .slice(half)
      .filter(({ stream }) => resumed.prefixes.some((one) => stream.startsWith(one)));
    expect(await catchUp(log, resumed, () => undefined)).toBe(ours.length);
    expect(await resumed.compare()).toMatchObject({ isEqual: true });
  });

  it('is not put in place of what somebody else has switched meanwhile', async () => {
    const { log, store } = await world(3);
    const [one, other] = [await made(log, await rebuiltOf(store, log)), await rebuiltOf(store, log)];
    expect(await one.makeLive()).toBe(true);
    expect(await other.makeLive()).toBe(false);
  });

  it('stops between two pages when it is told to', async () => {
    const { log, store, events } = await world(4);
    const rebuilt = await rebuiltOf(store, log);
    await rebuilt.prepare();
    let pages = 0;
    await catchUp(
      log,
      rebuilt,
      () => (pages += 1),
      () => true,
    );
    expect(events.length).toBeLessThan(REBUILD_PAGE_EVENTS);
    expect(pages).toBe(1);
  });
});

describe('the ledger made again', () => {
  it('has the bytes of the live one, and its head', async () => {
    const { log, store } = await world(5);
    const rebuilt = await made(log, await ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book }));
    const live = await ledgerBytes(store, rebuilt.live);
    const again = await ledgerBytes(store, rebuilt.version);
    expect(again[`ledger_journals_${rebuilt.version}`]).toStrictEqual(
      live[`ledger_journals_${rebuilt.live}`],
    );
    const heads = [rebuilt.live, rebuilt.version].map((version) =>
      storedHead(ledgerCollections(store, version)),
    );
    const [was, is] = await Promise.all(heads);
    expect(is?.hash).toBe(was?.hash);
  });

  it('says from which journal on the live one is another', async () => {
    const { log, store } = await world(6);
    const rebuilt = await made(log, await ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book }));
    const { journals, checkpoints } = ledgerCollections(store, rebuilt.live);
    await journals.updateMany({ seq: { $gte: 5n } }, { $set: { hash: 'f'.repeat(64) } });
    await checkpoints.updateOne({ _id: rebuilt.live }, { $set: { head: 'f'.repeat(64) } });
    const { isEqual, says } = await rebuilt.compare();
    expect(isEqual).toBe(false);
    expect(says).toContain('they part at journal 5');
  });
});

it.each([
  { documents: PAYMENT_DOCUMENTS, path: 'payment.status' },
  { documents: REFUND_DOCUMENTS, path: 'refund.status' },
])('documents that differ are named: $documents.name', async ({ documents, path }) => {
  const { log, store, events } = await world(7);
  const rebuilt = await made(log, await documentsRebuild(store, documents));
  const live = store.db.collection<{ _id: string }>(await new DocumentVersions(store, documents.form).live());
  const id = idOfFirst(documents.prefix, events);
  await live.updateOne({ _id: id }, { $set: { [path]: 'another' } });
  const { isEqual, says } = await rebuilt.compare();
  expect(isEqual).toBe(false);
  expect(says).toContain(`first difference: ${id} ${path}`);
});

describe('the list of waiting notices made again', () => {
  const liveList = async (store: ReadStore) =>
    (await new ParkedNoticesModel(store).list({ limit: 100 })).map(({ stream }) => stream);

  it('has what was lost and what was edited, and says so', async () => {
    const { log, store } = await world(8);
    const before = await new ParkedNoticesModel(store).list({ limit: 100 });
    const rows = store.db.collection<{ _id: string }>(PARKED_NOTICES);
    await rows.updateOne({ _id: noticeStream('notice_1') }, { $set: { because: 'another' } });
    await rows.deleteOne({ _id: noticeStream('notice_3') });
    await rows.insertOne({ _id: noticeStream('nobody') });
    const rebuilt = await made(log, await parkedRebuild(store, log));
    const { isEqual, says } = await rebuilt.compare();
    expect(isEqual).toBe(false);
    expect(says).toContain('3 of the live ones not as their streams have them');
    await rebuilt.makeLive();
    expect(await new ParkedNoticesModel(store).list({ limit: 100 })).toStrictEqual(before);
  });

  it('is equal although notices are told and others parked while it is made', async () => {
    const { log, store } = await world(9);
    const rebuilt = await made(log, await parkedRebuild(store, log));
    const told = noticeStream('notice_1');
    await recordedIn(log, noticeEvents('notice_1', ['parked', 'takenUp'], 0).slice(2));
    await new ParkedNoticesModel(store).release(told);
    const [since = ''] = noticeEvents('new', ['parked'], 0).map(({ metadata }) => metadata.recordedAt);
    await new ParkedNoticesModel(store).park({
      stream: noticeStream('new'),
      psp: 'stripe',
      because: 'no_payment',
      since,
    });
    await recordedIn(log, noticeEvents('new', ['parked'], 0));
    expect(await rebuilt.compare()).toMatchObject({ isEqual: true });
    // what was written to the one before is in the new one once its log is applied again
    await rebuilt.makeLive();
    expect(await liveList(store)).not.toContain(noticeStream('new'));
    expect(rebuilt.catchesUpAfterSwitch).toBe(true);
    await catchUp(log, rebuilt, () => undefined);
    expect(await liveList(store)).toContain(noticeStream('new'));
  });

  it('is what is written to from the switch on', async () => {
    const { log, store } = await world(10);
    const writer = new ParkedNoticesModel(store);
    const [waiting] = await writer.list({ limit: 1 });
    if (waiting === undefined) throw new Error('none waits');
    const rebuilt = await made(log, await parkedRebuild(store, log));
    await rebuilt.makeLive();
    await writer.park({ ...waiting, stream: noticeStream('later') });
    await writer.release(waiting.stream);
    const rows = store.db.collection<{ _id: string }>(rebuilt.version);
    const ids = (await rows.find({}).toArray()).map(({ _id }) => _id);
    expect(ids).toContain(noticeStream('later'));
    expect(ids).not.toContain(waiting.stream);
  });
});

it('a saved walk is of the models that it was made over, and of no others', async () => {
  const store = await server.freshStore();
  const head = { at: { commit: 8n, prepare: 8n }, seq: 3n, hash: 'ab', recordedUpTo: new Date(5) };
  const walk = new SavedWalk(store, 'v1');
  expect(await walk.load()).toBeUndefined();
  await walk.save(head);
  expect(await walk.load()).toStrictEqual(head);
  expect(await new SavedWalk(store, 'v2').load()).toBeUndefined();
  await walk.clear();
  expect(await walk.load()).toBeUndefined();
});
