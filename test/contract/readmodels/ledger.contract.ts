import { GENESIS_HASH } from '@tender/domain';
import type { LedgerEvent, ReadStore } from '@tender/readmodels';
import {
  chained,
  FIRST_LEDGER_VERSION,
  fromJournalDocument,
  ledgerCollections,
  LedgerConflict,
  LedgerHalted,
  LedgerModels,
  LedgerSwitched,
  MAX_DOCUMENTS_PER_TRANSACTION,
  ProjectionGap,
  transactionsOf,
} from '@tender/readmodels';
import * as fc from 'fast-check';
import { chanceOf } from './histories';
import {
  journalsOf,
  ledgerBytes,
  ledgerHistory,
  ledgerLog,
  newProjector,
  postedAlone,
  preparedProjector,
  seededLog,
} from './ledger-logs';
import type { OpenServer } from './open-server';

/** What the books are whatever happens on the way there: one function of the log. */
export function ledger(opened: () => OpenServer): void {
  describe('the ledger', () => {
    it('has a journal for each that its events post, numbered without a gap and chained', async () => {
      const store = await opened().freshStore();
      const log = seededLog(1);
      await (await preparedProjector(store)).apply(log);
      const { journals } = ledgerCollections(store, FIRST_LEDGER_VERSION);
      const stored = await journals.find({}, { sort: { seq: 1 }, batchSize: 10_000 }).toArray();
      expect(stored.map(fromJournalDocument)).toStrictEqual(journalsOf(log));
      expect(stored.length).toBeGreaterThan(20);
      let prevHash = GENESIS_HASH;
      for (const [index, document] of stored.entries()) {
        const seq = BigInt(index + 1);
        const hash = chained(prevHash, fromJournalDocument(document), seq);
        expect(document).toMatchObject({ seq, prevHash, hash });
        prevHash = hash;
      }
    });

    it('is the same bytes wherever batches end, whatever comes again, and after any restart', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(ledgerHistory, { minLength: 1, maxLength: 8 }),
          fc.nat(),
          fc.constantFrom(1, 4, 10_000),
          async (histories, seed, kept) => {
            const log = ledgerLog(histories, chanceOf(seed));
            const store = await opened().freshStore();
            await newProjector(store).prepare();
            await deliverInPieces(store, log, chanceOf(seed + 1), kept);
            expect(await ledgerBytes(store)).toEqual(await postedAlone(await opened().freshStore(), log));
          },
        ),
        { numRuns: 12 },
      );
    });

    it.each([11, 12])('is what one projector leaves when two compete (seed %i)', async (seed) => {
      const log = seededLog(seed);
      const alone = await postedAlone(await opened().freshStore(), log);
      const store = await opened().freshStore('left');
      const other = await opened().connectAlike(store, 'right');
      await newProjector(store).prepare();
      await Promise.all([
        deliverInPieces(store, log, chanceOf(seed), 20),
        deliverInPieces(other, log, chanceOf(seed + 100), 20),
      ]);
      expect(await ledgerBytes(store)).toEqual(alone);
    });

    it('is right when one projector stalls with old totals in memory and then goes on', async () => {
      const log = seededLog(13);
      const store = await opened().freshStore();
      const [stalled, other] = [await preparedProjector(store), newProjector(store)];
      await stalled.apply(log.slice(0, 30));
      await other.apply(log.slice(0, 90));
      await stalled.apply(log.slice(30));
      expect(await ledgerBytes(store)).toEqual(await postedAlone(await opened().freshStore(), log));
    });

    it('stops at a gap and posts nothing of that batch', async () => {
      const { store, projector, log } = await halfway(opened());
      const before = await ledgerBytes(store);
      const missing = log.findIndex(
        ({ stream, revision }, index) =>
          index >= 60 && log.some((later) => later.stream === stream && later.revision > revision),
      );
      expect(missing).toBeGreaterThan(-1);
      const torn = log.filter((_, index) => index >= 60 && index !== missing);
      await expect(projector.apply(torn)).rejects.toThrow(ProjectionGap);
      expect(await ledgerBytes(store)).toEqual(before);
      await projector.apply(log.slice(60));
      expect(await ledgerBytes(store)).toEqual(await postedAlone(await opened().freshStore(), log));
    });

    it('refuses an event that it was never given before its place in the log was passed', async () => {
      const { projector, log } = await halfway(opened());
      const [first] = seededLog(99, 1);
      if (first === undefined) throw new Error('a history has a first event');
      const late = { ...first, position: log[10]?.position ?? first.position };
      await expect(projector.apply([late])).rejects.toThrow(LedgerConflict);
    });

    it('stops when a journal is there that its checkpoint calls new, and leaves all as it was', async () => {
      const { store, projector, log } = await halfway(opened());
      const [next] = journalsOf(log).slice(journalsOf(log.slice(0, 60)).length);
      const { journals } = ledgerCollections(store, FIRST_LEDGER_VERSION);
      await journals.insertOne({ _id: next?.id ?? '', seq: -1n } as never);
      const before = await ledgerBytes(store);
      await expect(projector.apply(log.slice(60))).rejects.toThrow(LedgerConflict);
      expect(await ledgerBytes(store)).toEqual(before);
    });

    it('stops when a total is not as its checkpoint says', async () => {
      const { store, projector, log } = await halfway(opened());
      const { totals } = ledgerCollections(store, FIRST_LEDGER_VERSION);
      await totals.updateMany({ _id: { $gt: 'account|', $lt: 'account|~' } }, { $set: { seq: -1n } });
      const before = await ledgerBytes(store);
      await expect(projector.apply(log.slice(60))).rejects.toThrow(LedgerConflict);
      expect(await ledgerBytes(store)).toEqual(before);
    });

    it('keeps the place of its reader, also where that has read on without an event of ours', async () => {
      const { store, projector, log } = await halfway(opened());
      expect(await projector.load()).toEqual(log[59]?.position);
      await projector.save('reader', { commit: 59n, prepare: 59n });
      await projector.save('reader', { commit: 10n, prepare: 10n });
      expect(await newProjector(store).load()).toEqual(log[59]?.position);
      const furtherThanAny = { commit: 10_000n, prepare: 10_000n };
      await projector.save('reader', furtherThanAny);
      expect(await newProjector(store).load()).toEqual(furtherThanAny);
    });

    it('begins at the beginning of the log', async () => {
      const projector = await preparedProjector(await opened().freshStore());
      expect(await projector.load()).toBeUndefined();
    });

    it('books upon no head of an earlier form: by that the books are made from the beginning of the log', async () => {
      const store = await opened().freshStore();
      const log = seededLog(14);
      const earlier = ledgerCollections(store, 'v2');
      await (await preparedProjector(store, { version: earlier.version })).apply(log.slice(0, 60));
      await earlier.streams.updateMany({}, { $unset: { 'books.heldCharges': '' } });
      const models = store.db.collection<{ _id: string; live: string }>('models');
      await models.insertOne({ _id: 'ledger', live: earlier.version });
      const { live } = await new LedgerModels(store).pointer();
      const projector = await preparedProjector(store, { version: live, onlyWhileLive: true });
      expect(await projector.load()).toBeUndefined();
      await projector.apply(log);
      const made = await ledgerBytes(store);
      const alone = await postedAlone(await opened().freshStore(), log);
      for (const name of ['journals', 'balances', 'heads'].map((one) => `ledger_${one}_${live}`))
        expect(made[name]).toEqual(alone[name]);
    });

    it('takes no entry while it is halted, and goes on when an operator has cleared that', async () => {
      const { store, projector, log } = await halfway(opened());
      const models = new LedgerModels(store);
      await models.halt('totals differ', new Date(0));
      await models.halt('a later reason', new Date(1));
      const before = await ledgerBytes(store);
      await expect(projector.apply(log.slice(60))).rejects.toThrow(new LedgerHalted('totals differ'));
      expect(await ledgerBytes(store)).toEqual(before);
      await models.clearHalt();
      await projector.apply(log.slice(60));
      expect((await models.pointer()).halted).toBeUndefined();
    });

    it('is made again beside the live one, halted or not, and is then switched to', async () => {
      const { store, projector, log } = await halfway(opened(), { onlyWhileLive: true });
      const models = new LedgerModels(store);
      await models.halt('being made again', new Date(0));
      const again = 'again';
      const rebuild = await preparedProjector(store, { version: again });
      await rebuild.apply(log);
      expect(await models.switchLive('another', again)).toBe(false);
      expect(await models.switchLive(FIRST_LEDGER_VERSION, again)).toBe(true);
      await expect(projector.apply(log)).rejects.toThrow(LedgerSwitched);
      const made = await ledgerBytes(store, again);
      const alone = await postedAlone(await opened().freshStore(), log);
      for (const name of ['journals', 'balances', 'heads'])
        expect(made[`ledger_${name}_${again}`]).toEqual(alone[`ledger_${name}_${FIRST_LEDGER_VERSION}`]);
    });
  });

  describe('a transaction of the ledger', () => {
    it('writes no more documents than it may, and one batch is cut into as few as that needs', () => {
      const of = (stream: string, ids: number) => ({
        event: { stream } as LedgerEvent,
        journals: [],
        stream: { revision: 0n, books: null },
        recordedUpTo: new Date(0),
        totalsIds: Array.from({ length: ids }, (_, index) => `${stream} ${index}`),
      });
      // with the stream's own head and the checkpoint
      const fits = of('a', MAX_DOCUMENTS_PER_TRANSACTION - 4);
      expect(transactionsOf([fits, of('b', 1)])).toHaveLength(1);
      expect(transactionsOf([fits, of('b', 2)])).toHaveLength(2);
      expect(transactionsOf([fits, fits, of('b', 1)])).toHaveLength(1);
      expect(transactionsOf([])).toEqual([]);
    });
  });
}

async function halfway(server: OpenServer, options: Parameters<typeof newProjector>[1] = {}) {
  const store = await server.freshStore();
  const projector = await preparedProjector(store, options);
  const log = seededLog(14);
  await projector.apply(log.slice(0, 60));
  return { store, projector, log };
}

/** A batch that keeps failing this often is not bad luck. */
const MAX_DELIVERIES = 200;

/**
 * At least once, as a subscription does it: any cut, anything again, a failed batch until it succeeds; and every now and
 * then a new process that knows nothing.
 */
export async function deliverInPieces(
  store: ReadStore,
  log: readonly LedgerEvent[],
  chance: () => number,
  kept: number,
): Promise<{ readonly failures: number }> {
  const memory = { recentTotals: kept, recentStreams: kept };
  let projector = newProjector(store, memory);
  let failures = 0;
  for (let from = 0; from < log.length;) {
    const to = from + 1 + Math.floor(chance() * 25);
    const again = chance() < 0.2 ? Math.floor(chance() * 30) : 0;
    if (chance() < 0.15) projector = newProjector(store, memory);
    for (;;) {
      try {
        await projector.apply(log.slice(Math.max(0, from - again), to));
        break;
      } catch (failure) {
        failures += 1;
        const isBug = failure instanceof ProjectionGap || failure instanceof LedgerConflict;
        if (isBug || failures > MAX_DELIVERIES) throw failure;
      }
    }
    from = to;
  }
  return { failures };
}
