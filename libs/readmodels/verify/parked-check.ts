import type { Divergence, DivergenceKind } from '@tender/domain';
import type { Collection } from 'mongodb';
import type { CheckpointPosition } from '../checkpoints';
import { definedFilter } from '../filters';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import { noticeSaid, PARKED_NOTICES, type NoticeSaid, type ParkedDocument } from '../parked-notices';
import type { ProjectedEvent } from '../projected-event';
import type { ReadStore } from '../read-store';
import { differences } from './differences';

/** The stream as the store gives it now: what is remembered of it may be older than the document. */
export type ReadStream = (stream: string) => Promise<readonly ProjectedEvent[]>;

export interface ParkedNoticesCheckDeps {
  readonly store: ReadStore;
  readonly collection: string;
  /** Of the notices' streams. */
  readonly prefix: string;
  readonly readStream: ReadStream;
  /** Where the log ends. */
  readonly end: () => Promise<CheckpointPosition | undefined>;
}

/** A notice that has moved each time it was looked at is at work; the next walk comes by it again. */
const LOOKS = 3;

/**
 * Holds the list of waiting notices against their streams. A notice that waits is in it; each that is in it was received,
 * and stands there as its stream has it.
 *
 * One that does not wait may be in it, too: the document is written before the word that it stands for, and removed after
 * the word that ends it, so it may be on its way; one that was left costs one reading, and is removed by that.
 */
export class ParkedNoticesCheck {
  readonly name = PARKED_NOTICES;
  readonly #collection: Collection<ParkedDocument>;

  constructor(private readonly deps: ParkedNoticesCheckDeps) {
    this.#collection = deps.store.db.collection(deps.collection);
  }

  get prefixes(): readonly string[] {
    return [this.deps.prefix];
  }

  /** No projector stands between log and list: the document of a word is there before the word is. */
  applied(): Promise<CheckpointPosition | undefined> {
    return this.deps.end();
  }

  /** What should be there. Of a notice that was parked several times, by its last word. */
  async take(events: readonly ProjectedEvent[]): Promise<readonly Divergence[]> {
    const words = new Map(events.filter(saysParked).map(({ stream, revision }) => [stream, revision]));
    const parked = [...words.keys()];
    const found: Divergence[] = [];
    for (let from = 0; from < parked.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      const some = parked.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
      const options = { projection: { _id: 1 }, batchSize: some.length + 1 };
      const stored = await this.#collection.find(definedFilter({ _id: { $in: some } }), options).toArray();
      const there = new Set(stored.map(({ _id }) => _id));
      for (const stream of some) {
        if (there.has(stream)) continue;
        const last = (await this.deps.readStream(stream)).findLast(saysParked);
        if (last?.revision === words.get(stream)) found.push(...(await this.#looked(stream)));
      }
    }
    return found;
  }

  /** What is there. */
  async conclude(): Promise<readonly Divergence[]> {
    const found: Divergence[] = [];
    const ids = this.#collection.find({}, { projection: { _id: 1 }, batchSize: MAX_DOCUMENTS_PER_COMMAND });
    for await (const { _id: stream } of ids) {
      // one that has gone meanwhile is for the walk over the log
      found.push(...(await this.#looked(stream)).filter(({ kind }) => kind !== 'missing'));
    }
    return found;
  }

  #looked(stream: string): Promise<readonly Divergence[]> {
    return parkedDifferences(this.#collection, this.deps.readStream, stream);
  }
}

export const saysParked = ({ type, data }: ProjectedEvent): boolean =>
  type === 'WebhookNoticeSetAside' && 'as' in data && data.as === 'parked';

/** Of one notice: read between two looks at its stream, so that one which moves on meanwhile is no difference. */
export async function parkedDifferences(
  documents: Collection<ParkedDocument>,
  readStream: ReadStream,
  stream: string,
): Promise<readonly Divergence[]> {
  for (let look = 0; look < LOOKS; look += 1) {
    const before = await readStream(stream);
    const document = await documents.findOne(definedFilter({ _id: stream }));
    const found = compared(stream, noticeSaid(before), document);
    if (found.length === 0 || (await readStream(stream)).length === before.length) return found;
  }
  return [];
}

function compared(
  stream: string,
  said: NoticeSaid | undefined,
  document: ParkedDocument | null,
): readonly Divergence[] {
  const isParked = said !== undefined && said.because !== null;
  if (document === null) return isParked ? [divergence('missing', stream, null, said.because, null)] : [];
  if (said === undefined) return [divergence('extra', stream, null, null, document.because)];
  const { psp, since } = said;
  const expected = { _id: stream, psp, because: said.because ?? document.because, since };
  return differences(expected, document).map((one) =>
    divergence('different', stream, one.path, one.expected, one.found),
  );
}

const divergence = (
  kind: DivergenceKind,
  id: string,
  at: string | null,
  expected: string | null,
  found: string | null,
): Divergence => ({ where: PARKED_NOTICES, kind, id, at, expected, found });
