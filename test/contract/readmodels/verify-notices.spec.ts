import { PARKED_NOTICES, type ReadStore } from '@tender/readmodels';
import { noticeEvents, noticeStream } from './notice-logs';
import { openEmbedded, type OpenServer } from './open-server';
import {
  placesOf,
  recordedIn,
  recordedWorld,
  verified,
  verifying,
  type Log,
  type World,
} from './verified-world';

let server: OpenServer;
beforeAll(async () => {
  server = await openEmbedded();
});
afterAll(() => server.close());

const world = async (seed: number): Promise<World> => recordedWorld(await server.freshStore(), seed, 3);

describe('of the notices that wait, verify', () => {
  const listOf = (store: ReadStore) => store.db.collection<{ _id: string }>(PARKED_NOTICES);
  const WAITING = noticeStream('notice_1');
  const TOLD_LATER = noticeStream('notice_2');

  it.each([{}, { pageEvents: 1 }])('names each that would not be read again: %j', async (memory) => {
    const { log, store } = await world(4);
    const all = await listOf(store).find({}).toArray();
    expect(all.length).toBeGreaterThanOrEqual(4);
    await listOf(store).deleteMany({});
    const found = placesOf(await verified(log, store, memory));
    expect([...found].sort()).toStrictEqual(all.map(({ _id }) => `parked_notices missing ${_id}`).sort());
  });

  it.each([
    ['psp', { psp: 'adyen' }],
    ['because', { because: 'another' }],
    ['since', { since: '2026-03-01T12:00:00.000Z' }],
    ['note', { note: 'by hand' }],
  ])('names what is not as its stream has it: %s', async (path, change) => {
    const { log, store } = await world(4);
    await listOf(store).updateOne({ _id: WAITING }, { $set: change });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `parked_notices different ${WAITING} ${path}`,
    ]);
  });

  it('names one that nobody received', async () => {
    const { log, store } = await world(4);
    const waiting = await listOf(store).findOne({ _id: WAITING });
    await listOf(store).insertOne({ ...waiting, _id: noticeStream('nobody') });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `parked_notices extra ${noticeStream('nobody')}`,
    ]);
  });

  it('takes none for a difference that a reading removes, but for what it says of it', async () => {
    const { log, store } = await world(4);
    const waiting = await listOf(store).findOne({ _id: WAITING });
    const [received] = await log.readStream(TOLD_LATER);
    const since = received?.metadata.recordedAt ?? '';
    await listOf(store).insertOne({ ...waiting, _id: TOLD_LATER, since } as { _id: string });
    expect(await verified(log, store)).toStrictEqual([]);
    await listOf(store).updateOne({ _id: TOLD_LATER }, { $set: { since: '~' } });
    expect(placesOf(await verified(log, store))).toStrictEqual([
      `parked_notices different ${TOLD_LATER} since`,
    ]);
  });

  it('takes none for a difference that is told while it is looked at', async () => {
    const { log, store } = await world(4);
    let reads = 0;
    const moving: Log = Object.create(log) as Log;
    moving.readStream = async (stream) => {
      const events = await log.readStream(stream);
      if (stream !== WAITING) return events;
      reads += 1;
      // its word first, its document after it: between the last look at the stream and the one at the list
      if (reads === 2) {
        await recordedIn(log, noticeEvents('notice_1', ['parked', 'takenUp'], 0).slice(2));
        await listOf(store).deleteOne({ _id: WAITING });
      }
      return events;
    };
    // nothing is known of it any more when the walk over the log comes by
    await listOf(store).deleteOne({ _id: WAITING });
    expect(await verified(moving, store)).toStrictEqual([]);
    expect(reads).toBeGreaterThan(2);
  });

  it('looks at those, too, that were parked before it began', async () => {
    const { log, store } = await world(4);
    const walk = verifying(log, store);
    await walk.finish();
    await listOf(store).updateOne({ _id: WAITING }, { $set: { because: 'another' } });
    expect(placesOf(await walk.finish())).toStrictEqual([`parked_notices different ${WAITING} because`]);
  });
});
