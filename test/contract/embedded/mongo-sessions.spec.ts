import { Collection, Document, MongoClient, MongoServerError } from 'mongodb';
import { driveMongo, refusal, Row } from './driven-mongo.fixture';

describe('embedded MongoDB: retries and transactions through the driver', () => {
  const mongo = driveMongo();
  let rows: Collection<Row>;
  let client: MongoClient;
  const failNext = (point: string, data: Document, times?: number): Promise<Document> =>
    mongo.failNext(point, data, times);

  beforeEach(() => {
    ({ rows, client } = mongo);
  });

  describe('retryable writes', () => {
    it('applies a write once when its reply is lost', async () => {
      await rows.insertOne({ _id: 1, n: 0n });
      await failNext('onPrimaryTransactionalWrite', {});
      expect(await rows.updateOne({ _id: 1 }, { $inc: { n: 1n } })).toMatchObject({ modifiedCount: 1 });
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1n });
    });

    it('labels a failure that may be retried, and the driver retries it', async () => {
      await failNext('failCommand', { failCommands: ['insert'], errorCode: 11600 });
      await rows.insertOne({ _id: 1 });
      await failNext('failCommand', { failCommands: ['insert'], errorCode: 11600 }, 2);
      await expect(rows.insertOne({ _id: 2 })).rejects.toEqual(refusal(11600));
      expect(await rows.countDocuments()).toBe(1);
    });

    it('shows the race of two upserts on demand', async () => {
      await failNext('embeddedUpsertRace', {});
      const upsert = (): Promise<unknown> => rows.updateOne({ _id: 1 }, { $set: { a: 1 } }, { upsert: true });
      await expect(upsert()).rejects.toEqual(refusal(11000, / index: _id_ dup key/));
      expect(await rows.findOne({ _id: 1 })).toBeNull();
      await upsert();
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, a: 1 });
    });
  });

  describe('transactions', () => {
    it('shows its writes inside only, until they are committed together', async () => {
      await rows.createIndex({ a: 1 }, { name: 'a' }, {});
      await rows.insertOne({ _id: 1, a: 1 });
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await rows.updateOne({ _id: 1 }, { $set: { a: 5 } }, { session });
          await rows.insertOne({ _id: 2, a: 3 }, { session });
          const inside = await rows
            .find({ a: { $gt: 1 } }, { session })
            .sort({ a: 1 })
            .toArray();
          expect(inside.map(({ _id }) => _id)).toEqual([2, 1]);
          expect(await rows.find({ a: { $gt: 1 } }).toArray()).toEqual([]);
        }),
      );
      expect(
        (
          await rows
            .find({ a: { $gt: 1 } })
            .sort({ a: 1 })
            .toArray()
        ).map(({ _id }) => _id),
      ).toEqual([2, 1]);
    });

    it('leaves nothing of an aborted one', async () => {
      await rows.insertOne({ _id: 1 });
      const session = client.startSession();
      session.startTransaction();
      await rows.deleteOne({ _id: 1 }, { session });
      await rows.insertOne({ _id: 2 }, { session });
      await session.abortTransaction();
      await session.endSession();
      expect(await rows.find().toArray()).toEqual([{ _id: 1 }]);
    });

    it('lets two documents swap a unique value', async () => {
      await rows.createIndex({ u: 1 }, { unique: true, name: 'u' }, {});
      await rows.insertMany([
        { _id: 1, u: 'a' },
        { _id: 2, u: 'b' },
      ]);
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await rows.updateOne({ _id: 1 }, { $unset: { u: '' } }, { session });
          await rows.updateOne({ _id: 2 }, { $set: { u: 'a' } }, { session });
          await rows.updateOne({ _id: 1 }, { $set: { u: 'b' } }, { session });
        }),
      );
      expect(await rows.findOne({ u: 'a' })).toEqual({ _id: 2, u: 'a' });
    });

    it('ends the later of two that write one document, with the label that makes it run again', async () => {
      await rows.insertOne({ _id: 1, n: 0 });
      const [first, second] = [client.startSession(), client.startSession()];
      first.startTransaction();
      second.startTransaction();
      await rows.findOne({ _id: 1 }, { session: second });
      await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first });
      const error: unknown = await rows
        .updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: second })
        .catch((reason: unknown) => reason);
      expect(error).toEqual(refusal(112));
      expect((error as MongoServerError).hasErrorLabel('TransientTransactionError')).toBe(true);
      await first.commitTransaction();
      await Promise.all([first.endSession(), second.endSession()]);
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1 });
    });

    it('makes a write outside wait for it', async () => {
      await rows.insertOne({ _id: 1, n: 1 });
      const session = client.startSession();
      session.startTransaction();
      await rows.updateOne({ _id: 1 }, { $set: { n: 10 } }, { session });
      const outside = rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
      await rows.insertOne({ _id: 2 });
      await session.commitTransaction();
      await outside;
      await session.endSession();
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 11 });
    });

    it('ends one that outlives its limit', async () => {
      await rows.insertOne({ _id: 1, n: 1 });
      const session = client.startSession();
      session.startTransaction();
      await rows.updateOne({ _id: 1 }, { $set: { n: 10 } }, { session });
      // waits for the transaction, hence for its lifetime
      await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
      await expect(rows.findOne({ _id: 1 }, { session })).rejects.toEqual(refusal(251));
      await session.abortTransaction();
      await session.endSession();
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 2 });
    });

    it('commits once when the answer to the commit is lost', async () => {
      await rows.insertOne({ _id: 1, n: 1n });
      await failNext('failCommand', { failCommands: ['commitTransaction'], closeConnection: true });
      await client.withSession((session) =>
        session.withTransaction(() => rows.updateOne({ _id: 1 }, { $inc: { n: 1n } }, { session })),
      );
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 2n });
    });
  });

  it('tells what it is, so that a production start can refuse it', async () => {
    expect(await client.db('admin').command({ buildInfo: 1 })).toMatchObject({ modules: ['embedded-mongo'] });
  });
});
