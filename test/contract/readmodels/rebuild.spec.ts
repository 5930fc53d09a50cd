import { book } from '@tender/domain';
import { catchUp, LEDGER_PREFIXES, REBUILD_PAGE_EVENTS } from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import {
  documentsRebuild,
  DocumentVersions,
  ledgerCollections,
  ledgerRebuild,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  SavedWalk,
  storedHead,
  type ReadStore,
  type Rebuilt,
} from '@tender/readmodels';
import { ledgerBytes } from './ledger-logs';
import { openEmbedded, type OpenServer } from './open-server';
import { allOf, idOfFirst, payableLog, projected, recordedLog } from './verified-world';

let server: OpenServer;
beforeAll(async () => {
  server = await openEmbedded();
});
afterAll(() => server.close());

type Log = Awaited<ReturnType<typeof recordedLog>>;

const models: readonly [string, (store: ReadStore) => Promise<Rebuilt>][] = [
  ['ledger', (store) => ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book })],
  ['payment_status', (store) => documentsRebuild(store, PAYMENT_DOCUMENTS)],
  ['refund_status', (store) => documentsRebuild(store, REFUND_DOCUMENTS)],
];

async function world(
  seed: number,
): Promise<{ log: Log; store: ReadStore; events: readonly RecordedEvent[] }> {
  const log = await recordedLog(payableLog(seed, 15));
  const store = await server.freshStore();
  const events = await allOf(log);
  await projected(store, events);
  return { log, store, events };
}

async function made(log: Log, rebuilt: Rebuilt): Promise<Rebuilt> {
  await rebuilt.prepare();
  await catchUp(log, rebuilt, () => undefined);
  return rebuilt;
}

describe.each(models)('%s made again', (_, rebuiltOf) => {
  it('is equal, becomes the live one, and is then what the next rebuild is held against', async () => {
    const { log, store } = await world(1);
    const first = await made(log, await rebuiltOf(store));
    expect(await first.compare()).toMatchObject({ isEqual: true });
    expect(await first.makeLive()).toBe(true);
    await first.drop('live_before');
    const second = await made(log, await rebuiltOf(store));
    expect(second.live).toBe(first.version);
    expect(await second.compare()).toMatchObject({ isEqual: true });
  });

  it('goes on where it was cut off, and reads nothing twice', async () => {
    const { log, store, events } = await world(2);
    const half = Math.floor(events.length / 2);
    const began = await rebuiltOf(store);
    await began.prepare();
    const upTo = events.slice(0, half);
    await began.apply(upTo, upTo.at(-1)?.position ?? { commit: 0n, prepare: 0n });
    const resumed = await rebuiltOf(store);
    await resumed.prepare();
    const ours = events
      .slice(half)
      .filter(({ stream }) => resumed.prefixes.some((one) => stream.startsWith(one)));
    expect(await catchUp(log, resumed, () => undefined)).toBe(ours.length);
    expect(await resumed.compare()).toMatchObject({ isEqual: true });
  });

  it('is not put in place of what somebody else has switched meanwhile', async () => {
    const { log, store } = await world(3);
    const [one, other] = [await made(log, await rebuiltOf(store)), await rebuiltOf(store)];
    expect(await one.makeLive()).toBe(true);
    expect(await other.makeLive()).toBe(false);
  });

  it('stops between two pages when it is told to', async () => {
    const { log, store, events } = await world(4);
    const rebuilt = await rebuiltOf(store);
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
