import {
  fold,
  webhookDecider,
  type PspName,
  type WebhookEvent,
  type WebhookNoticeReceived,
} from '@tender/domain';
import type { Collection } from 'mongodb';
import { DocumentVersions } from './document-versions';
import { upsertById } from './duplicate-key';
import { definedFilter } from './filters';
import { ensureIndexes, missingIndexes, type NamedIndex } from './indexes';
import { MAX_PAGE_SIZE } from './limits';
import type { ProjectedEvent } from './projected-event';
import type { ReadStore } from './read-store';

/** Names the model, its first collection, and the pointer to the live one. */
export const PARKED_NOTICES = 'parked_notices';

/** The order in which they are read again, the oldest first; the stream makes it one without ties. */
const INDEXES: readonly NamedIndex[] = [{ name: 'oldest', key: { since: 1, _id: 1 } }];

export interface ParkedDocument {
  /** The notice's stream. */
  readonly _id: string;
  readonly psp: PspName;
  readonly because: string;
  /** RFC 3339 */
  readonly since: string;
}

export interface StoredParkedNotice {
  readonly stream: string;
  readonly psp: PspName;
  readonly because: string;
  readonly since: string;
}

/** What a stream says of the notice in it; undefined where it holds none. */
export interface NoticeSaid {
  readonly psp: PspName;
  /** When it was recorded, RFC 3339. */
  readonly since: string;
  /** Why it is parked; null where it is not. */
  readonly because: string | null;
}

/**
 * A notice waits when the last word about it in its own stream is that it is parked. One that was received and of which
 * nothing more is said told somebody something, or is being read.
 */
export function noticeSaid(events: readonly ProjectedEvent[]): NoticeSaid | undefined {
  const [first] = events;
  // the codec lets only catalogued types through, and these streams hold those of notices
  const words = events.map((event) => ({
    event: event as unknown as WebhookEvent,
    recordedAt: event.metadata.recordedAt,
  }));
  const state = fold(webhookDecider, words);
  if (first === undefined || state === null) return undefined;
  const { psp } = first.data as WebhookNoticeReceived;
  const because = state.aside?.as === 'parked' ? state.aside.because : null;
  return { psp, since: first.metadata.recordedAt, because };
}

/**
 * Notices that wait for what they are about: one document each while they do. Not the truth: the notice's stream says that
 * it is parked; this is where a sweep finds it without reading the log.
 */
export class ParkedNoticesModel {
  readonly #store: ReadStore;
  readonly #versions: DocumentVersions;

  /** @param version a collection of its own, for a rebuild; default: the live one, whichever that is at each call */
  constructor(
    store: ReadStore,
    private readonly version?: string,
  ) {
    this.#store = store;
    this.#versions = new DocumentVersions(store, PARKED_NOTICES);
  }

  /** Never remembered: a document that is written to what was live would be missed, and these are few. */
  async #documents(): Promise<Collection<ParkedDocument>> {
    return this.#store.db.collection(this.version ?? (await this.#versions.live()));
  }

  async ensureIndexes(): Promise<void> {
    await ensureIndexes(await this.#documents(), INDEXES);
  }

  /** The names of those that a starting process does not find. */
  async missingIndexes(): Promise<readonly string[]> {
    return missingIndexes(await this.#documents(), INDEXES);
  }

  /** May be repeated: a notice waits once. */
  async park({ stream, psp, because, since }: StoredParkedNotice): Promise<void> {
    await upsertById(await this.#documents(), stream, { $set: { psp, because, since } });
  }

  /** Also of one that does not wait. */
  async release(stream: string): Promise<void> {
    const documents = await this.#documents();
    await documents.deleteOne(definedFilter({ _id: stream }));
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
    const documents = await this.#documents();
    const page = await documents
      .find(definedFilter(filter), { sort: { since: 1, _id: 1 }, limit, batchSize: limit + 1 })
      .toArray();
    return page.map(({ _id: stream, psp, because, since }) => ({ stream, psp, because, since }));
  }
}
