import type { Book } from '@tender/domain';
import { nextVersion } from '../document-versions';
import { LedgerNotPrepared } from '../failures';
import { definedFilter } from '../filters';
import {
  FIRST_LEDGER_VERSION,
  ledgerCollections,
  type LedgerCollections,
} from '../ledger/ledger-collections';
import { LedgerModels } from '../ledger/ledger-models';
import { LedgerProjector } from '../ledger/ledger-projector';
import { storedHead } from '../ledger/ledger-state';
import type { LedgerHead } from '../ledger/posting';
import type { ReadStore } from '../read-store';
import type { Comparison, Rebuilt } from './rebuilt';

/** The books made again. They are the same when the journal that is the live head has the same hash: it commits to all. */
export async function ledgerRebuild(deps: {
  readonly store: ReadStore;
  readonly prefixes: readonly string[];
  readonly book: Book;
}): Promise<Rebuilt> {
  const { store, prefixes, book } = deps;
  const models = new LedgerModels(store);
  const { live } = await models.pointer();
  const version = nextVersion(FIRST_LEDGER_VERSION, live);
  const projector = new LedgerProjector({ store, version, book });
  const [before, after] = [ledgerCollections(store, live), ledgerCollections(store, version)];
  return {
    live,
    version,
    prefixes,
    catchesUpAfterSwitch: false,
    prepare: () => projector.prepare(),
    position: () => projector.load(),
    async apply(events, reached) {
      await projector.apply(events);
      await projector.save('', reached);
    },
    compare: () => compare(before, after),
    makeLive: () => models.switchLive(live, version),
    drop: (which) => drop(which === 'live_before' ? before : after),
  };
}

/** Both chains at the number up to which both have come. */
async function compare(before: LedgerCollections, after: LedgerCollections): Promise<Comparison> {
  const rebuilt = await storedHead(after);
  const live = await headIfThere(before);
  const made = `${rebuilt.seq} journals, head ${rebuilt.hash}`;
  if (live === undefined || live.seq === 0n)
    return { isEqual: true, says: `rebuilt ${made}; there are no live books to compare with` };
  const seq = live.seq < rebuilt.seq ? live.seq : rebuilt.seq;
  const [was, is] = [await hashAt(before, live, seq), await hashAt(after, rebuilt, seq)];
  const isEqual = was !== undefined && was === is;
  const says = isEqual
    ? `rebuilt ${made}; at journal ${seq} both chains have ${is}`
    : `at journal ${seq} the live chain has ${was ?? 'nothing'}, the rebuilt one ${is ?? 'nothing'}; they part at ${await firstDifference(before, after, seq)}`;
  return { isEqual, says };
}

async function headIfThere(collections: LedgerCollections): Promise<LedgerHead | undefined> {
  try {
    return await storedHead(collections);
  } catch (error) {
    if (error instanceof LedgerNotPrepared) return undefined;
    throw error;
  }
}

/** A head is the books' own word for its hash; before it the journal has it. */
async function hashAt(
  { journals }: LedgerCollections,
  head: LedgerHead,
  seq: bigint,
): Promise<string | undefined> {
  if (seq === head.seq) return head.hash;
  const found = await journals.findOne(definedFilter({ seq }), { projection: { hash: 1 } });
  return found?.hash;
}

/** By halving: whatever is equal at a number is equal before it. */
async function firstDifference(
  before: LedgerCollections,
  after: LedgerCollections,
  upTo: bigint,
): Promise<string> {
  let [equal, differs] = [0n, upTo];
  while (differs - equal > 1n) {
    const middle = (equal + differs) / 2n;
    const [was, is] = await Promise.all(
      [before, after].map(({ journals }) =>
        journals.findOne(definedFilter({ seq: middle }), { projection: { hash: 1 } }),
      ),
    );
    if (was?.hash === is?.hash) equal = middle;
    else differs = middle;
  }
  return `journal ${differs}`;
}

async function drop({ version, journals, totals, streams, checkpoints }: LedgerCollections): Promise<void> {
  // without its checkpoint nothing of it is taken for books that can go on
  await checkpoints.deleteOne({ _id: version });
  for (const collection of [journals, totals, streams]) await collection.drop();
}
