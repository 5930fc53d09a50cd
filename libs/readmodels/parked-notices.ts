import type { PspName } from '@tender/domain';
import type { Collection } from 'mongodb';
import { upsertById } from './duplicate-key';
import { definedFilter } from './filters';
import { ensureIndexes, missingIndexes, type NamedIndex } from './indexes';
import { MAX_PAGE_SIZE } from './limits';
import type { ReadStore } from './read-store';

const PARKED_NOTICES = 'parked_notices';

/** The order in which they are read again, the oldest first; the stream makes it one without ties. */
const INDEXES: readonly NamedIndex[] = [{ name: 'oldest', key: { since: 1, _id: 1 } }];

interface ParkedDocument {
  /** The notice's stream. */
  _id: string;
  psp: PspName;
  because: string;
  /** RFC 3339 */
  since: string;
}

export interface StoredParkedNotice {
  readonly stream: string;
  readonly psp: PspName;
  readonly because: string;
  readonly since: string;
}

/**
 * Notices that wait for what they are about: one document each while they do. Not the truth: the notice's stream says that
 * it is parked; this is where a sweep finds it without reading the log.
 */
export class ParkedNoticesModel {
  readonly #collection: Collection<ParkedDocument>;

  constructor(store: ReadStore) {
    this.#collection = store.db.collection(PARKED_NOTICES);
  }

  async ensureIndexes(): Promise<void> {
    await ensureIndexes(this.#collection, INDEXES);
  }

  /** The names of those that a starting process does not find. */
  missingIndexes(): Promise<readonly string[]> {
    return missingIndexes(this.#collection, INDEXES);
  }

  /** May be repeated: a notice waits once. */
  async park({ stream, psp, because, since }: StoredParkedNotice): Promise<void> {
    await upsertById(this.#collection, stream, { $set: { psp, because, since } });
  }

  /** Also of one that does not wait. */
  async release(stream: string): Promise<void> {
    await this.#collection.deleteOne(definedFilter({ _id: stream }));
  }

  /**
   * One page, the oldest first.
   *
   * @param after the last one of the page before
   */
  async list({
    limit,
    after,
  }: {
    readonly limit: number;
    readonly after?: Pick<StoredParkedNotice, 'since' | 'stream'>;
  }): Promise<readonly StoredParkedNotice[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
      throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} notices, not ${limit}`);
    }
    const filter =
      after === undefined
        ? {}
        : { $or: [{ since: { $gt: after.since } }, { since: after.since, _id: { $gt: after.stream } }] };
    const documents = await this.#collection
      .find(definedFilter(filter), { sort: { since: 1, _id: 1 }, limit, batchSize: limit + 1 })
      .toArray();
    return documents.map(({ _id: stream, psp, because, since }) => ({ stream, psp, because, since }));
  }
}
