import { createHash } from 'node:crypto';
import type { Collection } from 'mongodb';
import { Checkpoints } from '../checkpoints';
import { DocumentVersions, nextVersion } from '../document-versions';
import { definedFilter } from '../filters';
import type { Versioned } from '../guarded-writes';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { ReadStore } from '../read-store';
import type { DocumentModel } from '../stream-documents';
import { differences } from '../verify/differences';
import type { Comparison, Rebuilt } from './rebuilt';

/** The documents made again. They are the same when each that stands at the same revision is. */
export async function documentsRebuild(store: ReadStore, documents: DocumentModel): Promise<Rebuilt> {
  const { form, prefix } = documents;
  const versions = new DocumentVersions(store, form);
  const checkpoints = new Checkpoints(store);
  const live = await versions.live();
  const version = nextVersion(form, live);
  const model = documents.writer(store, version);
  return {
    live,
    version,
    prefixes: [prefix],
    catchesUpAfterSwitch: false,
    prepare: () => model.ensureIndexes(),
    position: () => checkpoints.load(version),
    async apply(events, reached) {
      await model.apply(events);
      await checkpoints.save(version, reached);
    },
    compare: () => compare(store.db.collection(live), store.db.collection(version)),
    makeLive: () => versions.switchLive(live, version),
    async drop(which) {
      const name = which === 'live_before' ? live : version;
      // without its checkpoint nothing of it is taken for documents that can go on
      await checkpoints.forget(name);
      await store.db.collection(name).drop();
    },
  };
}

/** Documents of both in the order of their ids, hashed as they are compared. */
async function compare(before: Collection<Versioned>, after: Collection<Versioned>): Promise<Comparison> {
  const [was, is] = [createHash('sha256'), createHash('sha256')];
  let [equal, moving, missing] = [0, 0, 0];
  let different: string | undefined;
  for await (const documents of pagesOf(after)) {
    const ids = documents.map(({ _id }) => _id);
    const found = await before
      .find(definedFilter({ _id: { $in: ids } }), { batchSize: ids.length + 1 })
      .toArray();
    const live = new Map(found.map((document) => [document._id, document]));
    for (const rebuilt of documents) {
      const other = live.get(rebuilt._id);
      if (other === undefined) missing += 1;
      // recorded while the rebuild came to its end: one of the two has it and the other will
      else if (other.ver !== rebuilt.ver) moving += 1;
      else {
        was.update(bytesOf(other));
        is.update(bytesOf(rebuilt));
        const [difference] = differences(rebuilt, other);
        if (difference === undefined) equal += 1;
        else different ??= `${rebuilt._id} ${difference.path}`;
      }
    }
  }
  const total = equal + moving + missing;
  const isEqual = different === undefined;
  const counts = `${total} documents, ${equal} equal, ${moving} at another revision, ${missing} not in the live ones`;
  const hashes = `live ${was.digest('hex')}, rebuilt ${is.digest('hex')}`;
  return {
    isEqual,
    says: `${counts}; ${hashes}${different === undefined ? '' : `; first difference: ${different}`}`,
  };
}

async function* pagesOf(collection: Collection<Versioned>): AsyncIterable<readonly Versioned[]> {
  for (let after = ''; ;) {
    const page = await collection
      .find(definedFilter({ _id: { $gt: after } }), {
        sort: { _id: 1 },
        limit: MAX_DOCUMENTS_PER_COMMAND,
        batchSize: MAX_DOCUMENTS_PER_COMMAND + 1,
      })
      .toArray();
    yield page;
    const last = page.at(-1);
    if (page.length < MAX_DOCUMENTS_PER_COMMAND || last === undefined) return;
    after = last._id;
  }
}

/** The same documents give the same bytes, whatever order their fields were written in. */
const bytesOf = (document: Versioned): string => JSON.stringify(sorted(document));

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
