import type { Divergence } from '@tender/domain';
import type { Collection } from 'mongodb';
import { Checkpoints } from '../checkpoints';
import { DocumentVersions, nextVersion } from '../document-versions';
import { definedFilter } from '../filters';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import { noticeSaid, PARKED_NOTICES, ParkedNoticesModel, type ParkedDocument } from '../parked-notices';
import type { ReadStore } from '../read-store';
import { differences } from '../verify/differences';
import { parkedDifferences, saysParked, type ReadStream } from '../verify/parked-check';
import type { Comparison, Rebuilt } from './rebuilt';

/**
 * The list of waiting notices made again. It only ever puts in what waits as it is read: one that is told meanwhile stays,
 * is read once more by the sweep, and removed; a removal of our own could meet a notice that waits again.
 */
export async function parkedNoticesRebuild(deps: {
  readonly store: ReadStore;
  /** Of the notices' streams. */
  readonly prefix: string;
  readonly readStream: ReadStream;
}): Promise<Rebuilt> {
  const { store, prefix, readStream } = deps;
  const versions = new DocumentVersions(store, PARKED_NOTICES);
  const checkpoints = new Checkpoints(store);
  const live = await versions.live();
  const version = nextVersion(PARKED_NOTICES, live);
  const model = new ParkedNoticesModel(store, version);
  return {
    live,
    version,
    prefixes: [prefix],
    catchesUpAfterSwitch: true,
    prepare: () => model.ensureIndexes(),
    position: () => checkpoints.load(version),
    async apply(events, reached) {
      for (const stream of new Set(events.filter(saysParked).map((event) => event.stream))) {
        const said = noticeSaid(await readStream(stream));
        if (said?.because === undefined || said.because === null) continue;
        await model.park({ stream, psp: said.psp, because: said.because, since: said.since });
      }
      await checkpoints.save(version, reached);
    },
    compare: () => compare(store.db.collection(live), store.db.collection(version), readStream),
    makeLive: () => versions.switchLive(live, version),
    async drop(which) {
      const name = which === 'live_before' ? live : version;
      // without its checkpoint nothing of it is taken for a list that can go on
      await checkpoints.forget(name);
      await store.db.collection(name).drop();
    },
  };
}

/** Where the two are not the same, the notice's stream says whether the live one is wrong or the notice has moved on. */
async function compare(
  before: Collection<ParkedDocument>,
  after: Collection<ParkedDocument>,
  readStream: ReadStream,
): Promise<Comparison> {
  let [equal, moving, wrong] = [0, 0, 0];
  let first: Divergence | undefined;
  const look = async (stream: string): Promise<void> => {
    const [difference] = await parkedDifferences(before, readStream, stream);
    if (difference === undefined) moving += 1;
    else wrong += 1;
    first ??= difference;
  };
  for await (const { page, others } of pairs(after, before)) {
    for (const document of page) {
      const other = others.get(document._id);
      if (other !== undefined && differences(document, other).length === 0) equal += 1;
      else await look(document._id);
    }
  }
  for await (const { page, others } of pairs(before, after))
    for (const { _id } of page) if (!others.has(_id)) await look(_id);
  const counts = `${equal} notices equal, ${moving} on their way, ${wrong} of the live ones not as their streams have them`;
  const named = first === undefined ? '' : `; first difference: ${first.id} ${first.at ?? first.kind}`;
  return { isEqual: wrong === 0, says: `${counts}${named}` };
}

/** Documents of one by pages, with those of the other that have their ids. */
async function* pairs(
  one: Collection<ParkedDocument>,
  other: Collection<ParkedDocument>,
): AsyncIterable<{
  readonly page: readonly ParkedDocument[];
  readonly others: ReadonlyMap<string, ParkedDocument>;
}> {
  for (let after = ''; ;) {
    const page = await one
      .find(definedFilter({ _id: { $gt: after } }), {
        sort: { _id: 1 },
        limit: MAX_DOCUMENTS_PER_COMMAND,
        batchSize: MAX_DOCUMENTS_PER_COMMAND + 1,
      })
      .toArray();
    const ids = page.map(({ _id }) => _id);
    const found = await other
      .find(definedFilter({ _id: { $in: ids } }), { batchSize: ids.length + 1 })
      .toArray();
    yield { page, others: new Map(found.map((document) => [document._id, document])) };
    const last = page.at(-1);
    if (page.length < MAX_DOCUMENTS_PER_COMMAND || last === undefined) return;
    after = last._id;
  }
}
