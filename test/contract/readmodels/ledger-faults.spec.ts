import type { ReadStore } from '@tender/readmodels';
import { chanceOf } from './histories';
import { deliverInPieces } from './ledger.contract';
import { ledgerBytes, newProjector, postedAlone, preparedProjector, seededLog } from './ledger-logs';
import type { OpenEmbedded } from './open-server';
import { openEmbedded } from './open-server';

/**
 * A transaction can fail at each of its steps, with or without having been committed, and the answer can get lost: the
 * books must not show any of it. MongoDB's fail points (driver specifications, "failCommand").
 */
describe('the ledger under faults', () => {
  let server: OpenEmbedded;
  beforeAll(async () => {
    server = await openEmbedded();
  });
  afterAll(async () => {
    await server.close();
  });

  const steps = ['insert', 'update', 'find', 'commitTransaction', 'abortTransaction'];
  const faults: [string, string, Readonly<Record<string, unknown>>][] = [
    ['a write conflict', 'failCommand', { failCommands: steps, errorCode: 112 }],
    ['a primary that steps down', 'failCommand', { failCommands: steps, errorCode: 189 }],
    ['an error that nobody retries', 'failCommand', { failCommands: steps, errorCode: 8 }],
    ['a cut connection', 'failCommand', { failCommands: steps, closeConnection: true }],
    [
      'a commit that is done although no majority confirmed it',
      'failCommand',
      { failCommands: ['commitTransaction'], writeConcernError: { code: 64, errmsg: 'waiting' } },
    ],
    [
      'a commit that is done although it is said to have failed',
      'failCommand',
      { failCommands: ['commitTransaction'], writeConcernError: { code: 100, errmsg: 'not enough nodes' } },
    ],
    ['a lost reply inside of it', 'onPrimaryTransactionalWrite', {}],
  ];

  it.each(faults)('is what it is without %s', async (_, point, data) => {
    const log = seededLog(21, 30);
    const alone = await postedAlone(await server.freshStore(), log);
    const store = await server.freshStore('left');
    const other = await server.connectAlike(store, 'right');
    await newProjector(store).prepare();
    await failing(store, point, { times: 8 }, data);
    await Promise.all([
      deliverInPieces(store, log, chanceOf(1), 50),
      deliverInPieces(other, log, chanceOf(2), 50),
    ]);
    await failing(store, point, 'off');
    expect(await ledgerBytes(store)).toEqual(alone);
  });

  it('takes a batch again that was committed although its commit was told to have failed', async () => {
    const log = seededLog(22, 10);
    const store = await server.freshStore();
    const projector = await preparedProjector(store);
    await failing(
      store,
      'failCommand',
      { times: 1 },
      { failCommands: ['commitTransaction'], writeConcernError: { code: 100, errmsg: 'not enough nodes' } },
    );
    await expect(projector.apply(log)).rejects.toThrow();
    const committed = await ledgerBytes(store);
    expect(committed).toEqual(await postedAlone(await server.freshStore(), log));
    await projector.apply(log);
    expect(await ledgerBytes(store)).toEqual(committed);
  });

  it('leaves nothing of a batch whose transaction was aborted', async () => {
    const log = seededLog(23, 10);
    const store = await server.freshStore();
    const projector = await preparedProjector(store);
    const before = await ledgerBytes(store);
    await failing(store, 'failCommand', { times: 1 }, { failCommands: ['insert'], errorCode: 8 });
    await expect(projector.apply(log)).rejects.toThrow();
    expect(await ledgerBytes(store)).toEqual(before);
    await projector.apply(log);
    expect(await ledgerBytes(store)).toEqual(await postedAlone(await server.freshStore(), log));
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
