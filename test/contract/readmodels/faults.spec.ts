import type { ReadStore } from '@tender/readmodels';
import { Checkpoints, Heartbeats, PaymentStatusModel } from '@tender/readmodels';
import * as fc from 'fast-check';
import { deliver, documents, projectedAlone } from './competing.contract';
import { chanceOf, history } from './histories';
import type { OpenEmbedded } from './open-server';
import { openEmbedded } from './open-server';

/**
 * What a cluster does on a bad day, on demand: MongoDB's fail points (driver specifications, "failCommand") and the
 * race of two upserts. The documents must not show any of it.
 */
describe('a projector under faults', () => {
  let server: OpenEmbedded;
  beforeAll(async () => {
    server = await openEmbedded();
  });
  afterAll(async () => {
    await server.close();
  });

  const retryableErrors = [189, 91, 11_600];
  const faults: [string, string, Readonly<Record<string, unknown>>][] = [
    ...retryableErrors.map((errorCode): [string, string, Readonly<Record<string, unknown>>] => [
      `error ${errorCode}`,
      'failCommand',
      { failCommands: ['insert', 'update', 'find'], errorCode },
    ]),
    ['an error that nobody retries', 'failCommand', { failCommands: ['insert', 'update'], errorCode: 8 }],
    ['a cut connection', 'failCommand', { failCommands: ['insert', 'update'], closeConnection: true }],
    [
      'a write that no majority confirmed',
      'failCommand',
      {
        failCommands: ['insert', 'update'],
        writeConcernError: { code: 64, errmsg: 'waiting for replication' },
      },
    ],
    ['a lost reply', 'onPrimaryTransactionalWrite', {}],
  ];

  it.each(faults)('leaves what it leaves without %s', async (_, point, data) => {
    const { log, alone } = await projectedAlone(server, 21);
    const store = await server.freshStore('left');
    const other = await server.connectAlike(store, 'right');
    await failing(store, point, { times: 6 }, data);
    await Promise.all([deliver(store, log, chanceOf(1)), deliver(other, log, chanceOf(2))]);
    await failing(store, point, 'off');
    expect(await documents(store)).toEqual(alone);
  });

  it('throws when a majority did not confirm, and takes the batch again', async () => {
    const store = await server.freshStore();
    const model = new PaymentStatusModel(store);
    const [one] = fc.sample(history(), { numRuns: 1, seed: 1 });
    if (one === undefined) throw new Error('one history');
    const data = {
      failCommands: ['insert'],
      writeConcernError: { code: 64, errmsg: 'waiting for replication' },
    };
    await failing(store, 'failCommand', { times: 1 }, data);
    await expect(model.apply(one.events)).rejects.toThrow();
    await model.apply(one.events);
    expect((await model.get(one.id))?.revision).toBe(one.events.at(-1)?.revision);
  });

  it('saves a first checkpoint and a first heartbeat through the race of two upserts', async () => {
    const store = await server.freshStore();
    const [saved, hearts] = [new Checkpoints(store), new Heartbeats(store)];
    await failing(store, 'embeddedUpsertRace', { times: 1 });
    await saved.save('status', { commit: 3n, prepare: 2n });
    await failing(store, 'embeddedUpsertRace', { times: 1 });
    await hearts.beat('worker');
    expect(await saved.load('status')).toEqual({ commit: 3n, prepare: 2n });
    expect(await hearts.ages('worker')).toHaveLength(1);
  });

  it('met no bug of the server on the way', () => {
    expect(server.internalErrors()).toBe(0);
  });
});

async function failing(
  store: ReadStore,
  configureFailPoint: string,
  mode: unknown,
  data = {},
): Promise<void> {
  await store.db.admin().command({ configureFailPoint, mode, data });
}
