import { createConnection } from 'node:net';
import {
  Binary,
  Collection,
  Decimal128,
  Document,
  Long,
  MongoClient,
  MongoServerError,
  ObjectId,
} from 'mongodb';
import { RunningMongo } from '@tender/embedded/mongo';
import { driveMongo, refusal, Row, STRICT_SCAN_DOCUMENTS } from './driven-mongo.fixture';

describe('embedded MongoDB through the driver', () => {
  const mongo = driveMongo();
  let rows: Collection<Row>;
  let client: MongoClient;
  let server: RunningMongo;

  beforeEach(() => {
    ({ rows, client, server } = mongo);
  });

  describe('values', () => {
    it('keeps int32, int64 and double apart and widens sums as MongoDB does', async () => {
      await rows.insertOne({ _id: 1, small: 2147483647, wide: 2n ** 53n + 1n, real: 0.5 });
      await rows.updateOne({ _id: 1 }, { $inc: { small: 1, wide: 1, real: 1n, fresh: 1n } });
      expect(await rows.findOne({ _id: 1 })).toEqual({
        _id: 1,
        small: 2147483648n,
        wide: 2n ** 53n + 2n,
        real: 1.5,
        fresh: 1n,
      });
      await rows.updateOne({ _id: 1 }, { $set: { wide: 2n ** 63n - 1n } });
      await expect(rows.updateOne({ _id: 1 }, { $inc: { wide: 1n } })).rejects.toEqual(refusal(2));
    });

    it('finds a number by any numeric type and nothing by its neighbour', async () => {
      await rows.insertMany([{ _id: 2n ** 53n }, { _id: 2n ** 53n + 1n }]);
      expect(await rows.find({ _id: 2 ** 53 }).toArray()).toEqual([{ _id: 2n ** 53n }]);
    });

    it('adds an ObjectId where _id is missing and puts _id first', async () => {
      const { insertedId } = await rows.insertOne({ a: 1 } as never, { forceServerObjectId: true });
      expect(insertedId).toBeUndefined();
      const found = await rows.findOne({ a: 1 });
      expect(found?._id).toBeInstanceOf(ObjectId);
      expect(Object.keys(found ?? {})).toEqual(['_id', 'a']);
    });
  });

  describe('updates', () => {
    it('counts a document as modified only if its bytes changed', async () => {
      await rows.insertOne({ _id: 1, a: 1 });
      expect(await rows.updateOne({ _id: 1 }, { $set: { a: 1 } })).toMatchObject({
        matchedCount: 1,
        modifiedCount: 0,
      });
      expect(await rows.updateOne({ _id: 1 }, { $set: { a: 1n } })).toMatchObject({
        matchedCount: 1,
        modifiedCount: 1,
      });
    });

    it('changes nested fields, array positions, lists and extremes', async () => {
      await rows.insertOne({ _id: 1, list: [1, 2], low: 5, high: 5, gone: { a: 1, b: 2 } });
      await rows.updateOne(
        { _id: 1 },
        {
          $set: { 'list.3': 9, 'x.y.z': 'deep' },
          $unset: { 'gone.a': '' },
          $min: { low: 3n },
          $max: { high: 4 },
          $push: { tail: { $each: [1, 2, 3], $slice: -2 } } as never,
          $addToSet: { set: { $each: [1, 1n, 2] } },
        },
      );
      expect(await rows.findOne({ _id: 1 })).toEqual({
        _id: 1,
        list: [1, 2, null, 9],
        low: 3n,
        high: 5,
        gone: { b: 2 },
        set: [1, 2],
        tail: [2, 3],
        x: { y: { z: 'deep' } },
      });
    });

    it('seeds an upsert from equalities only, once, and reports its id', async () => {
      const change = { $set: { b: 1 }, $setOnInsert: { c: 2 } };
      const first = await rows.updateOne({ _id: 'k', a: { $eq: 7 }, d: { $gt: 1 } }, change, {
        upsert: true,
      });
      expect(first).toMatchObject({ matchedCount: 0, upsertedId: 'k', upsertedCount: 1 });
      expect(await rows.findOne({ _id: 'k' })).toEqual({ _id: 'k', a: 7, b: 1, c: 2 });
    });

    it('runs a bulk of guarded updates with one result for each kind of outcome', async () => {
      await rows.insertMany([
        { _id: 1, ver: 0n },
        { _id: 2, ver: 5n },
      ]);
      const guarded = (_id: number): Document => ({
        updateOne: { filter: { _id, ver: 0n }, update: { $set: { ver: 1n } }, upsert: true },
      });
      const error = await rows
        .bulkWrite([guarded(2), guarded(1), guarded(3)] as never, { ordered: false })
        .catch(
          (reason: unknown) =>
            reason as { code: number; result: { matchedCount: number; upsertedCount: number } },
        );
      expect(error).toMatchObject({ code: 11000, result: { matchedCount: 1, upsertedCount: 1 } });
    });

    it('finds and modifies in the asked order, before or after', async () => {
      await rows.insertMany([
        { _id: 1, n: 1 },
        { _id: 2, n: 2 },
      ]);
      const options = { sort: { n: -1 }, returnDocument: 'after' } as const;
      expect(await rows.findOneAndUpdate({}, { $inc: { n: 10 } }, options)).toEqual({ _id: 2, n: 12 });
      expect(await rows.findOneAndDelete({}, { sort: { n: 1 } })).toEqual({ _id: 1, n: 1 });
      expect(await rows.countDocuments()).toBe(1);
    });
  });

  describe('unique indexes', () => {
    it('names the index in the message and gives keyPattern for single writes', async () => {
      await rows.createIndex(
        { ref: 1 },
        { unique: true, name: 'one_ref', partialFilterExpression: { ref: { $exists: true } } },
        {},
      );
      await rows.insertMany([{ _id: 1, ref: 'a' }, { _id: 2 }, { _id: 3 }]);
      const error: unknown = await rows.insertOne({ _id: 4, ref: 'a' }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 11000, keyPattern: { ref: 1 }, keyValue: { ref: 'a' } });
      expect(/ index: (\S+) dup key/.exec((error as MongoServerError).message)?.[1]).toBe('one_ref');
      await expect(rows.updateOne({ _id: 2 }, { $set: { ref: 'a' } })).rejects.toEqual(refusal(11000));
      expect(await rows.findOne({ _id: 2 })).toEqual({ _id: 2 });
    });

    it('creates nothing when the data holds duplicates', async () => {
      await rows.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
      ]);
      await expect(rows.createIndex({ a: 1 }, { unique: true }, {})).rejects.toEqual(refusal(11000));
      expect((await rows.indexes()).map((index) => index.name)).toEqual(['_id_']);
    });
  });

  describe('reads', () => {
    it('pages newest first by the index, without reading the pages before', async () => {
      await rows.createIndex({ m: 1, at: -1, _id: -1 }, { name: 'newest' }, {});
      await rows.insertMany(
        Array.from({ length: 300 }, (_, i) => ({ _id: i, m: i % 2, at: Math.floor(i / 10) })),
      );
      const seen: unknown[] = [];
      let after: Document = {};
      for (;;) {
        const page = await rows
          .find({ m: 1, ...after })
          .sort({ at: -1, _id: -1 })
          .limit(40)
          .toArray();
        const last = page.at(-1);
        if (last === undefined) break;
        seen.push(...page.map(({ _id }) => _id));
        after = {
          $or: [{ at: { $lt: last.at as number } }, { at: last.at as number, _id: { $lt: last._id } }],
        };
      }
      expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => 299 - 2 * i));
      const plan = await rows
        .find({ m: 1, ...after })
        .sort({ at: -1, _id: -1 })
        .explain('queryPlanner');
      expect(plan.queryPlanner).toMatchObject({
        winningPlan: { stage: 'FETCH', inputStage: { indexName: 'newest' } },
      });
    });

    it('streams more than one batch and sees the end', async () => {
      await rows.insertMany(Array.from({ length: 1_000 }, (_, i) => ({ _id: i })));
      expect(await rows.find().batchSize(7).toArray()).toHaveLength(1_000);
      const cursor = rows.find().batchSize(2);
      await cursor.next();
      await cursor.close();
      await expect(
        client.db('contract').command({ getMore: Long.fromNumber(12345), collection: rows.collectionName }),
      ).rejects.toEqual(refusal(43));
    });

    it('counts and sums in groups', async () => {
      await rows.insertMany(
        [
          { k: 'a', n: 1n },
          { k: 'b', n: 5 },
          { k: 'a', n: 2n },
        ].map((row, _id) => ({ _id, ...row })),
      );
      const totals = await rows
        .aggregate([
          {
            $group: {
              _id: '$k',
              sum: { $sum: '$n' },
              least: { $min: '$n' },
              most: { $max: '$n' },
              rows: { $count: {} },
            },
          },
          { $sort: { _id: 1 } },
        ])
        .toArray();
      expect(totals).toEqual([
        { _id: 'a', sum: 3n, least: 1n, most: 2n, rows: 2 },
        { _id: 'b', sum: 5, least: 5, most: 5, rows: 1 },
      ]);
    });

    it('fails a filtered scan above the limit and not at it', async () => {
      await rows.insertMany(Array.from({ length: STRICT_SCAN_DOCUMENTS }, (_, i) => ({ _id: i, a: 1 })));
      expect(await rows.find({ a: 1 }).toArray()).toHaveLength(STRICT_SCAN_DOCUMENTS);
      await rows.insertOne({ _id: -1, a: 1 });
      await expect(rows.find({ a: 1 }).toArray()).rejects.toEqual(refusal(291));
      expect(await rows.find().toArray()).toHaveLength(STRICT_SCAN_DOCUMENTS + 1);
    });
  });

  describe('refusals show on a collection that does not exist', () => {
    const reads: [string, Document, number][] = [
      ['an operator that is not built', { a: { $elemMatch: { b: 1 } } }, 238],
      ['an operator nobody has', { a: { $nearly: 1 } }, 2],
      ['a logical operator that is not built', { $nor: [{ a: 1 }] }, 238],
      ['a regular expression', { a: /x/ }, 238],
      ['an expression', { $expr: { $eq: ['$a', 1] } }, 238],
      ['Decimal128', { a: Decimal128.fromString('1') }, 238],
    ];
    it.each(reads)('filter: %s', async (_, filter, code) => {
      await expect(rows.find(filter).toArray()).rejects.toEqual(
        refusal(code, code === 238 ? /^embedded-mongo: / : ''),
      );
      await expect(rows.updateOne(filter, { $set: { a: 1 } })).rejects.toEqual(refusal(code));
      await expect(rows.deleteOne(filter)).rejects.toEqual(refusal(code));
    });

    const updates: [string, Document, number][] = [
      ['$rename', { $rename: { a: 'b' } }, 238],
      ['an unknown modifier', { $sett: { a: 1 } }, 9],
      ['conflicting paths', { $set: { a: 1, 'a.b': 1 } }, 40],
      ['an empty path', { $set: { 'a..b': 1 } }, 56],
      ['a dollar field', { $set: { 'a.$b': 1 } }, 52],
      ['a positional operator', { $set: { 'a.$.b': 1 } }, 238],
      ['$inc of a string', { $inc: { a: 'x' } }, 14],
      ['$push with $sort', { $push: { a: { $each: [], $sort: 1 } } }, 238],
    ];
    it.each(updates)('update: %s', async (_, update, code) => {
      await expect(rows.updateOne({ _id: 1 }, update)).rejects.toEqual(refusal(code));
    });

    const commands: [string, Document, number][] = [
      ['an unknown command', { mapReduce: 'c' }, 59],
      ['an unknown field', { find: 'c', filtre: {} }, 40415],
      ['a collation', { find: 'c', collation: { locale: 'de' } }, 238],
      ['a stage that is not built', { aggregate: 'c', pipeline: [{ $lookup: {} }], cursor: {} }, 238],
      ['a stage nobody has', { aggregate: 'c', pipeline: [{ $luckup: {} }], cursor: {} }, 40324],
      ['a change stream', { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }, 40573],
      [
        'an expression in a group',
        { aggregate: 'c', pipeline: [{ $group: { _id: { $year: '$a' } } }], cursor: {} },
        238,
      ],
      ['a negative skip', { find: 'c', skip: -1 }, 51024],
      ['a sort direction', { find: 'c', sort: { a: 2 } }, 15975],
      ['a computed projection', { find: 'c', projection: { a: { $add: [1, 2] } } }, 238],
      ['no statements', { insert: 'c', documents: [] }, 16],
      ['a bad name', { create: 'system.x' }, 73],
      [
        'a time-to-live index',
        { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', expireAfterSeconds: 9 }] },
        238,
      ],
      ['a text index', { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a' }] }, 238],
    ];
    it.each(commands)('command: %s', async (_, command, code) => {
      await expect(client.db('contract').command(command)).rejects.toEqual(refusal(code));
    });
  });

  describe('limits', () => {
    it('refuses an index key one byte too long, and leaves nothing of the document', async () => {
      await rows.createIndex({ a: 1 }, { name: 'a' }, {});
      // index id 4, type 1, text end 2, then the key of the int32 _id: 11
      const fits = 'x'.repeat(1900 - 4 - 3 - 11);
      await rows.insertOne({ _id: 1, a: fits });
      await expect(rows.insertOne({ _id: 2, a: `${fits}x` })).rejects.toEqual(refusal(17280));
      expect(await rows.countDocuments()).toBe(1);
    });

    it('refuses a document above 16 MB that an update would make', async () => {
      await rows.insertOne({ _id: 1, half: new Binary(Buffer.alloc(9 * 2 ** 20)) });
      const half = new Binary(Buffer.alloc(9 * 2 ** 20));
      await expect(rows.updateOne({ _id: 1 }, { $set: { other: half } })).rejects.toEqual(refusal(10334));
      expect(Object.keys((await rows.findOne({ _id: 1 })) ?? {})).toEqual(['_id', 'half']);
    });

    const MAX_MESSAGE_BYTES = 48_000_000;
    const header = (length: number, opcode: number): Buffer => {
      const bytes = Buffer.alloc(16);
      bytes.writeInt32LE(length, 0);
      bytes.writeInt32LE(opcode, 12);
      return bytes;
    };
    const strangers: [string, Buffer][] = [
      ['a length below the header', header(15, 2013)],
      ['a length above the limit', header(MAX_MESSAGE_BYTES + 1, 2013)],
      ['an opcode of the past', header(16, 2002)],
      ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ];
    it.each(strangers)('closes the socket on %s', async (_, bytes) => {
      const socket = createConnection(server.port, '127.0.0.1');
      socket.write(bytes);
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
      expect(socket.destroyed).toBe(true);
    });
  });
});
