import {
  Checkpoints,
  FIRST_LEDGER_VERSION,
  ledgerCollections,
  PARKED_NOTICES,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  SavedWalk,
  type ReadStore,
} from '@tender/readmodels';
import { openEmbedded, type OpenServer } from './open-server';
import { idOfFirst, placesOf, recordedWorld, verified, verifying, type World } from './verified-world';

let server: OpenServer;
beforeAll(async () => {
  server = await openEmbedded();
});
afterAll(() => server.close());

const world = async (seed: number): Promise<World> => recordedWorld(await server.freshStore(), seed, 4);

const documentsOf = (store: ReadStore, name: string) => store.db.collection<{ _id: string }>(name);

describe('a checkpoint that cannot be read', () => {
  const PLACES = [
    {
      collection: 'checkpoints',
      id: PAYMENT_DOCUMENTS.form,
      where: PAYMENT_DOCUMENTS.name,
      called: 'checkpoint ',
    },
    {
      collection: 'checkpoints',
      id: REFUND_DOCUMENTS.form,
      where: REFUND_DOCUMENTS.name,
      called: 'checkpoint ',
    },
    {
      collection: 'ledger_checkpoints',
      id: FIRST_LEDGER_VERSION,
      where: 'ledger',
      called: 'checkpoint of ledger ',
    },
  ];
  const SPOILED: readonly [string, object][] = [
    ['of doubles', { $set: { at: { commit: 1.5, prepare: 1.5 } } }],
    ['half a place', { $unset: { 'at.prepare': '' } }],
    ['none at all', { $unset: { at: '' } }],
  ];

  it.each(PLACES.flatMap((place) => SPOILED.map(([how, change]) => ({ ...place, how, change }))))(
    'is named, and the other models are looked at: $where, $how',
    async ({ collection, id, where, called, change }) => {
      const { log, store } = await world(21);
      await documentsOf(store, collection).updateOne({ _id: id }, change);
      await documentsOf(store, PARKED_NOTICES).deleteMany({});
      const walk = verifying(log, store, { pageEvents: 7 });
      const found = placesOf(await walk.finish());
      expect(found.filter((place) => !place.startsWith(PARKED_NOTICES))).toStrictEqual([
        `${where} different ${called}${id}`,
      ]);
      expect(found.length).toBeGreaterThan(1);
      expect(walk.verification.checked).not.toContain(where);
      // told once, however often one walks
      const { length } = found;
      expect((await walk.finish()).length).toBe(length);
    },
  );

  it('of a saved walk costs the walk', async () => {
    const store = await server.freshStore();
    const walk = new SavedWalk(store, 'v1');
    await walk.save({ at: { commit: 8n, prepare: 8n }, seq: 3n, hash: 'ab', recordedUpTo: new Date(5) });
    await documentsOf(store, 'verifications').updateMany({}, { $set: { seq: 3.5 } });
    expect(await walk.load()).toBeUndefined();
  });

  it('still ends whoever projects from it', async () => {
    const store = await server.freshStore();
    await new Checkpoints(store).save('some', { commit: 1n, prepare: 1n });
    await documentsOf(store, 'checkpoints').updateOne({ _id: 'some' }, { $unset: { at: '' } });
    await expect(new Checkpoints(store).load('some')).rejects.toThrow('checkpoint some: int64 expected');
  });
});

it.each([{}, { pageEvents: 5, kept: 1 }])(
  'revisions, numbers and sums that became doubles are named: %j',
  async (memory) => {
    const { log, store, events } = await world(22);
    const { journals, totals, streams } = ledgerCollections(store, FIRST_LEDGER_VERSION);
    const payment = idOfFirst(PAYMENT_DOCUMENTS.prefix, events);
    const stream = `${PAYMENT_DOCUMENTS.prefix}${payment}`;
    const journal = await journals.findOne({ seq: 2n });
    const [sums] = await totals.find({}, { limit: 1 }).toArray();
    const further = 1_000_000.5;
    const spoiled = [
      { name: PAYMENT_DOCUMENTS.form, id: payment, change: { ver: further } },
      { name: streams.collectionName, id: stream, change: { rev: further } },
      { name: totals.collectionName, id: sums?._id ?? '', change: { seq: further } },
      {
        name: journals.collectionName,
        id: journal?._id ?? '',
        change: { 'lines.0.accountTotals.debit': 0.5, 'lines.0.keyTotals.debit': 0.5 },
      },
    ];
    for (const { name, id, change } of spoiled)
      await documentsOf(store, name).updateOne({ _id: id }, { $set: change });
    const found = (await verified(log, store, memory)).map(({ id }) => id);
    expect(found).toStrictEqual(expect.arrayContaining(spoiled.map(({ id }) => id)));
  },
);

it('running totals that became doubles are named, also where later ones are derived from them', async () => {
  const { log, store } = await world(23);
  const { journals } = ledgerCollections(store, FIRST_LEDGER_VERSION);
  const spoiled = { 'lines.0.accountTotals.debit': 0.5, 'lines.0.keyTotals.debit': 0.5 };
  await documentsOf(store, journals.collectionName).updateMany({}, { $set: spoiled });
  const found = placesOf(await verified(log, store, { pageEvents: 2, kept: 1 }));
  const [first] = await journals.find({ seq: 1n }).toArray();
  expect(found).toContain(`ledger different ${first?._id} journal 1 lines.0.accountTotals.debit`);
});
