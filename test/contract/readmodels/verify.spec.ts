import type { RecordedEvent } from '@tender/eventstore';
import type { JournalDocument, ReadStore } from '@tender/readmodels';
import {
  Checkpoints,
  FIRST_LEDGER_VERSION,
  ledgerCollections,
  PARKED_NOTICES,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
} from '@tender/readmodels';
import { chanceOf } from './histories';
import { preparedProjector } from './ledger-logs';
import { openEmbedded, type OpenServer } from './open-server';
import {
  allOf,
  idOfFirst,
  payableLog,
  placesOf,
  projected,
  recordedLog,
  recordedWorld,
  verified,
  verifying,
  type World,
} from './verified-world';

let server: OpenServer;
beforeAll(async () => {
  server = await openEmbedded();
});
afterAll(() => server.close());

const world = async (seed: number, payments = 12): Promise<World> =>
  recordedWorld(await server.freshStore(), seed, payments);

const booksOf = (store: ReadStore) => ledgerCollections(store, FIRST_LEDGER_VERSION);

/** A journal in the middle of the books. */
async function someJournal(store: ReadStore, seq = 7n): Promise<JournalDocument> {
  const journal = await booksOf(store).journals.findOne({ seq });
  if (journal === null) throw new Error(`no journal ${seq}`);
  return journal;
}

const MODELS = [PAYMENT_DOCUMENTS, REFUND_DOCUMENTS] as const;

const documentsOf = (store: ReadStore, { form }: { readonly form: string }) =>
  store.db.collection<{ _id: string }>(form);

describe('verify', () => {
  it.each([[{}], [{ pageEvents: 1 }], [{ pageEvents: 7, kept: 1 }], [{ pageEvents: 10, kept: 3 }]])(
    'finds nothing where nothing is wrong, however small its pages and its memory: %j',
    async (memory) => {
      const { log, store } = await world(1);
      expect(await verified(log, store, memory)).toStrictEqual([]);
    },
  );

  it('does not take lag for a difference', async () => {
    const log = await recordedLog(payableLog(2));
    const events = await allOf(log);
    const chance = chanceOf(2);
    const someOf = (): readonly RecordedEvent[] => events.slice(0, 1 + Math.floor(chance() * events.length));
    for (let round = 0; round < 5; round += 1) {
      const store = await server.freshStore();
      for (const { form, writer } of MODELS) {
        const some = someOf();
        await writer(store, form).apply(some);
        await new Checkpoints(store).save(form, some.at(-1)?.position ?? { commit: 0n, prepare: 0n });
      }
      await (await preparedProjector(store)).apply(someOf());
      expect(await verified(log, store, { pageEvents: 20 })).toStrictEqual([]);
    }
  });

  it('is held up by no model for which little is recorded', async () => {
    const { log, store, events } = await world(4);
    await new Checkpoints(store).forget(REFUND_DOCUMENTS.form);
    await new Checkpoints(store).save(
      REFUND_DOCUMENTS.form,
      events[0]?.position ?? { commit: 0n, prepare: 0n },
    );
    const walk = verifying(log, store, { pageEvents: 7 });
    expect(await walk.finish()).toStrictEqual([]);
    expect(walk.ledger.head.seq).toBe(BigInt(await booksOf(store).journals.countDocuments()));
    // what it comes to later is looked at then
    const id = idOfFirst(REFUND_DOCUMENTS.prefix, events);
    await documentsOf(store, REFUND_DOCUMENTS).updateOne({ _id: id }, { $set: { note: 'by hand' } });
    const end = events.at(-1)?.position ?? { commit: 0n, prepare: 0n };
    await new Checkpoints(store).save(REFUND_DOCUMENTS.form, end);
    expect(placesOf(await walk.finish())).toStrictEqual([`refund_status different ${id} note`]);
  });

  it('finds nothing while the projectors go on', async () => {
    const log = await recordedLog(payableLog(3));
    const events = await allOf(log);
    const store = await server.freshStore();
    const half = Math.floor(events.length / 2);
    await projected(store, events.slice(0, half));
    const walk = verifying(log, store, { pageEvents: 10 });
    await walk.verification.nextPage();
    await projected(store, events);
    await walk.finish();
    expect(walk.found).toStrictEqual([]);
    expect(await walk.finish()).toStrictEqual([]);
    expect(walk.ledger.head.seq).toBe(BigInt(await booksOf(store).journals.countDocuments()));
  });
});

interface Leaf {
  readonly path: string;
  readonly value: unknown;
}

/** Every value of a document that is no document itself. */
function leavesOf(value: unknown, path = ''): readonly Leaf[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

/** A value of the same type, as an edit by hand would leave it. */
function another(value: unknown): unknown {
  if (typeof value === 'bigint') return value + 1n;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}~`;
  if (typeof value === 'boolean') return !value;
  return value instanceof Date ? new Date(value.getTime() + 1) : 'something';
}

const flippedHex = (hex: string): string => (hex.startsWith('f') ? 'e' : 'f') + hex.slice(1);

describe('verify names', () => {
  const flips: readonly [string, (journal: JournalDocument) => object][] = [
    ['template', ({ template }) => ({ template: `${template.slice(0, -1)}~` })],
    ['ledger', ({ ledger }) => ({ ledger: `${ledger}~` })],
    ['layer', ({ layer }) => ({ layer: layer === 'memo' ? 'posted' : 'memo' })],
    ['effectiveAt', ({ effectiveAt }) => ({ effectiveAt: new Date(effectiveAt.getTime() + 1) })],
    ['recordedUpTo', ({ recordedUpTo }) => ({ recordedUpTo: new Date(recordedUpTo.getTime() + 1) })],
    ['hash', ({ hash }) => ({ hash: flippedHex(hash) })],
    ['prevHash', ({ prevHash }) => ({ prevHash: flippedHex(prevHash) })],
    ['source.revision', ({ source }) => ({ 'source.revision': source.revision + 1n })],
    ['lines.0.amountMinor', ({ lines }) => ({ 'lines.0.amountMinor': (lines[0]?.amountMinor ?? 0n) + 1n })],
    ['lines.0.amountMinor', ({ lines }) => ({ 'lines.0.amountMinor': Number(lines[0]?.amountMinor) })],
    ['lines.1.key', ({ lines }) => ({ 'lines.1.key': `${lines[1]?.key}~` })],
    [
      'lines.1.keyTotals.debit',
      ({ lines }) => ({ 'lines.1.keyTotals.debit': (lines[1]?.keyTotals.debit ?? 0n) + 1n }),
    ],
  ];

  it.each(flips)('a flipped byte in a journal: %s', async (path, flipped) => {
    const { log, store } = await world(4);
    const journal = await someJournal(store);
    await booksOf(store).journals.updateOne({ _id: journal._id }, { $set: flipped(journal) });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `ledger different ${journal._id} journal 7 ${path}`,
    ]);
  });

  it('a deleted line', async () => {
    const { log, store } = await world(4);
    const { _id, lines } = await someJournal(store);
    await booksOf(store).journals.updateOne({ _id }, { $set: { lines: lines.slice(0, -1) } });
    const found = await verified(log, store);
    expect(placesOf(found)).toStrictEqual([`ledger different ${_id} journal 7 lines.${lines.length - 1}`]);
    expect(found[0]?.found).toBe('absent');
  });

  it('a missing journal', async () => {
    const { log, store } = await world(4);
    const { _id } = await someJournal(store);
    await booksOf(store).journals.deleteOne({ _id });
    expect(placesOf(await verified(log, store))).toStrictEqual([`ledger missing ${_id} journal 7`]);
  });

  it('an extra journal', async () => {
    const { log, store } = await world(4);
    const { seq: head } = await someJournal(store, BigInt(await booksOf(store).journals.countDocuments()));
    const extra = { ...(await someJournal(store)), _id: 'nobody:1', seq: head + 1n };
    await booksOf(store).journals.insertOne(extra);
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `ledger extra nobody:1 journal ${head + 1n}`,
    ]);
  });

  it('a journal in the place of another', async () => {
    const { log, store } = await world(4);
    const { _id, ...journal } = await someJournal(store);
    await booksOf(store).journals.deleteOne({ _id });
    await booksOf(store).journals.insertOne({ ...journal, _id: 'nobody:1' });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      'ledger extra nobody:1 journal 7',
      `ledger missing ${_id} journal 7`,
    ]);
  });

  it.each(['account', 'key', 'day'])('an edited balance: of %s', async (kind) => {
    const { log, store } = await world(4);
    const [totals] = await booksOf(store)
      .totals.find({ _id: { $gte: `${kind}|`, $lt: `${kind}~` } }, { limit: 1 })
      .toArray();
    await booksOf(store).totals.updateOne({ _id: totals?._id ?? '' }, { $inc: { credit: 1n } });
    expect(placesOf(await verified(log, store))).toStrictEqual([`ledger different ${totals?._id} credit`]);
  });

  it('an edited balance of an account that never rests', async () => {
    const log = await recordedLog(payableLog(5));
    const events = await allOf(log);
    const store = await server.freshStore();
    const half = Math.floor(events.length / 2);
    await projected(store, events.slice(0, half));
    const walk = verifying(log, store);
    await walk.verification.nextPage();
    // the next walk finds it ahead of what that has derived, and the one after knows what it should have been
    await projected(store, events.slice(0, half + 40));
    const [totals] = await booksOf(store)
      .totals.find({ _id: { $gte: 'account|', $lt: 'account~' } })
      .sort({ seq: -1 })
      .limit(1)
      .toArray();
    await booksOf(store).totals.updateOne({ _id: totals?._id ?? '' }, { $inc: { credit: 1n } });
    const second = verifying(log, store, { pageEvents: 5 });
    await second.verification.nextPage();
    await projected(store, events);
    await second.finish();
    await second.finish();
    expect(second.found.map(({ id }) => id)).toContain(totals?._id);
  });

  it.each(['missing', 'extra'])('a balance that is %s', async (kind) => {
    const { log, store } = await world(4);
    const [totals] = await booksOf(store)
      .totals.find({ _id: { $gte: 'key|' } }, { limit: 1 })
      .toArray();
    if (totals === undefined) throw new Error('no totals');
    const extra = { ...totals, _id: `${totals._id}~` };
    if (kind === 'missing') await booksOf(store).totals.deleteOne({ _id: totals._id });
    else await booksOf(store).totals.insertOne(extra);
    const id = kind === 'missing' ? totals._id : extra._id;
    expect(placesOf(await verified(log, store))).toStrictEqual([`ledger ${kind} ${id} totals`]);
  });

  it('a head that is not the chain’s', async () => {
    const { log, store } = await world(4);
    await booksOf(store).checkpoints.updateOne(
      { _id: FIRST_LEDGER_VERSION },
      { $set: { head: '0'.repeat(64) } },
    );
    expect(placesOf(await verified(log, store))).toMatchObject([
      expect.stringMatching(`^ledger broken_chain head of ${FIRST_LEDGER_VERSION} journal \\d+$`) as unknown,
    ]);
  });

  describe('a head', () => {
    const headDiffers = (field: string): string =>
      `ledger different head of ${FIRST_LEDGER_VERSION} ${field}`;
    const edited = (store: ReadStore, change: object) =>
      booksOf(store).checkpoints.updateOne({ _id: FIRST_LEDGER_VERSION }, { $set: change });

    it('that would let events be taken for new ones', async () => {
      const { log, store, events } = await world(4);
      const beforeLast = events.at(-2)?.position;
      await edited(store, { at: beforeLast });
      expect(placesOf(await verified(log, store))).toContain(headDiffers('at'));
      await edited(store, { at: events[5]?.position });
      expect(placesOf(await verified(log, store, { pageEvents: 5, kept: 1 }))).toContain(headDiffers('at'));
    });

    it('that says that nothing was read', async () => {
      const { log, store } = await world(4);
      await edited(store, { at: { commit: -1n, prepare: -1n } });
      expect(placesOf(await verified(log, store))).toContain(headDiffers('at'));
    });

    it.each([
      ['as far as all others', 0n],
      ['further on in a log that has no more for it', 1_000n],
    ])('with another time, %s', async (_, further) => {
      const { log, store, events } = await world(4);
      const { commit, prepare } = events.at(-1)?.position ?? { commit: 0n, prepare: 0n };
      await edited(store, { at: { commit: commit + further, prepare: prepare + further } });
      expect(placesOf(await verified(log, store, { pageEvents: 7 }))).toStrictEqual([]);
      const times = events.map(({ metadata }) => Date.parse(metadata.recordedAt));
      await edited(store, { recordedUpTo: new Date(Math.max(...times) + 1) });
      expect(placesOf(await verified(log, store, { pageEvents: 7 }))).toStrictEqual([
        headDiffers('recordedUpTo'),
      ]);
    });
  });

  it.each(MODELS)('an event that the projectors passed over: $name', async ({ name, form, prefix }) => {
    const log = await recordedLog(payableLog(6));
    const events = await allOf(log);
    const store = await server.freshStore();
    const lastOf = new Map(events.map((event) => [event.stream, event]));
    const skipped = [...lastOf.values()].find(
      ({ stream: of, revision: last }) => of.startsWith(prefix) && last > 2n,
    );
    await projected(
      store,
      events.filter((event) => event !== skipped),
    );
    // all say that they have read it
    const end = events.at(-1)?.position ?? { commit: 0n, prepare: 0n };
    await new Checkpoints(store).save(form, end);
    await (await preparedProjector(store)).save('', end);
    const found = await verified(log, store);
    const { stream = '', revision = 0n } = skipped ?? {};
    for (const place of [
      `${name} skipped_event ${stream.slice(prefix.length)} revision ${revision}`,
      `ledger skipped_event ${stream} revision ${revision}`,
    ]) {
      expect(placesOf(found)).toContain(place);
    }
  });

  it.each<{ documents: (typeof MODELS)[number]; change: object; path: string }>([
    { documents: PAYMENT_DOCUMENTS, change: { status: 'another' }, path: 'status' },
    { documents: PAYMENT_DOCUMENTS, change: { 'payment.capturedMinor': 1n }, path: 'payment.capturedMinor' },
    { documents: PAYMENT_DOCUMENTS, change: { 'payment.amountMinor': 1099 }, path: 'payment.amountMinor' },
    { documents: PAYMENT_DOCUMENTS, change: { note: 'paid in cash' }, path: 'note' },
    { documents: REFUND_DOCUMENTS, change: { 'refund.status': 'another' }, path: 'refund.status' },
    { documents: REFUND_DOCUMENTS, change: { 'refund.amountMinor': 1n }, path: 'refund.amountMinor' },
    { documents: REFUND_DOCUMENTS, change: { 'refund.amountMinor': 1099 }, path: 'refund.amountMinor' },
    { documents: REFUND_DOCUMENTS, change: { note: 'given in cash' }, path: 'note' },
  ])('an edited document: $documents.name $path', async ({ documents, change, path }) => {
    const { log, store, events } = await world(4);
    const id = idOfFirst(documents.prefix, events);
    await documentsOf(store, documents).updateOne({ _id: id }, { $set: change });
    expect(placesOf(await verified(log, store))).toStrictEqual([`${documents.name} different ${id} ${path}`]);
  });

  it('a refund that nobody would look after any more', async () => {
    const { log, store } = await world(4);
    const waiting = await documentsOf(store, REFUND_DOCUMENTS).findOneAndUpdate(
      { openFlow: { $exists: true } },
      { $unset: { openFlow: '' } },
    );
    const [place] = placesOf(await verified(log, store));
    expect(place).toBe(`refund_status different ${waiting?._id} openFlow`);
  });

  it.each(MODELS)('documents that claim to be further on than their streams: $name', async (documents) => {
    const { log, store, events } = await world(4);
    const id = idOfFirst(documents.prefix, events);
    const stream = `${documents.prefix}${id}`;
    const last = (await log.readStream(stream)).at(-1)?.revision ?? 0n;
    await documentsOf(store, documents).updateOne({ _id: id }, { $set: { ver: last + 1n } });
    await booksOf(store).streams.updateOne({ _id: stream }, { $set: { rev: last + 1n } });
    for (const memory of [{}, { pageEvents: 5, kept: 1 }])
      expect([...placesOf(await verified(log, store, memory))].sort()).toStrictEqual([
        `ledger different ${stream} rev`,
        `${documents.name} different ${id} ver`,
      ]);
  });

  it('a balance of a journal that is still to come', async () => {
    const { log, store } = await world(4);
    const future = { _id: 'key|m|USD|1110|nobody', debit: 1n, credit: 0n, seq: 1_000_000n };
    await booksOf(store).totals.insertOne(future);
    expect(placesOf(await verified(log, store))).toStrictEqual([`ledger extra ${future._id} totals`]);
  });

  it.each([11, 12, 13])('any one value that is changed anywhere (seed %d)', async (seed) => {
    const { log, store } = await world(seed);
    const chance = chanceOf(seed);
    const pick = <Item>(items: readonly Item[]): Item => {
      const item = items[Math.floor(chance() * items.length)];
      if (item === undefined) throw new Error('nothing to pick');
      return item;
    };
    const { journals, totals, streams } = booksOf(store);
    for (let round = 0; round < 15; round += 1) {
      const name = pick([
        ...MODELS.map(({ form }) => form),
        ...[journals, totals, streams].map((one) => one.collectionName),
        PARKED_NOTICES,
      ]);
      const collection = store.db.collection<{ _id: string }>(name);
      const document = pick(await collection.find({}, { batchSize: 10_000 }).toArray());
      const { path, value } = pick(leavesOf(document).filter((leaf) => leaf.path !== '_id'));
      await collection.updateOne({ _id: document._id }, { $set: { [path]: another(value) } });
      const found = await verified(log, store, { pageEvents: 20, kept: 5 });
      // an index over the field may find the document no more, then others miss it, too
      expect({ path, ids: found.map(({ id }) => id) }).toMatchObject({
        path,
        ids: expect.arrayContaining([document._id]) as unknown,
      });
      await collection.replaceOne({ _id: document._id }, document);
    }
    expect(await verified(log, store)).toStrictEqual([]);
  });

  it.each(MODELS)('a missing document, and one that nobody made: $name', async (documents) => {
    const { log, store, events } = await world(4);
    const id = idOfFirst(documents.prefix, events);
    const collection = documentsOf(store, documents);
    const document = await collection.findOne({ _id: id });
    await collection.deleteOne({ _id: id });
    const nobody = '00000000-0000-4000-8000-000000000000';
    await collection.insertOne({ ...document, _id: nobody });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `${documents.name} missing ${id}`,
      `${documents.name} extra ${nobody}`,
    ]);
  });
});
