import type { Refund } from '@tender/domain';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { documentsIn } from './document-versions';
import { WriteContended } from './failures';
import { definedFilter } from './filters';
import type { GuardedWrite } from './guarded-writes';
import { writeGuarded } from './guarded-writes';
import type { NamedIndex } from './indexes';
import { ensureIndexes, missingIndexes } from './indexes';
import { MAX_CONTENDED_WRITES, MAX_DOCUMENTS_PER_COMMAND } from './limits';
import type { ProjectedEvent } from './projected-event';
import type { ReadStore } from './read-store';
import type { FoldedRefund, RefundDocument } from './refund-document';
import {
  foldRefundRun,
  fromRefundDocument,
  NO_REFUND,
  REFUND_STREAM_PREFIX,
  toRefundDocument,
} from './refund-document';
import type { StreamRun } from './stream-runs';
import { runsOf } from './stream-runs';

/** With the version of its documents: another shape is projected into another collection, beside the old one. */
export const REFUND_STATUS = 'refund_status_v2';

export const REFUND_STATUS_INDEXES: readonly NamedIndex[] = [
  // sparse on one field: most refunds are never in it for long
  { name: 'open_flows', key: { 'openFlow.due': 1 }, sparse: true },
];

export interface StoredRefund {
  readonly refund: Refund;
  /** Of the last event in it. */
  readonly revision: bigint;
}

export interface RefundStatusOptions {
  /** Whose documents are written or read; default: the live ones, whichever those are by then. */
  readonly collection?: string;
}

/** The present state of every refund, one document each, as far as the projector has come. */
export class RefundStatusModel {
  readonly #collection: () => Promise<Collection<RefundDocument>>;

  constructor(store: ReadStore, { collection }: RefundStatusOptions = {}) {
    this.#collection = documentsIn(store, REFUND_STATUS, collection);
  }

  /** The migration step: run by the worker before it projects. */
  async ensureIndexes(): Promise<void> {
    await ensureIndexes(await this.#collection(), REFUND_STATUS_INDEXES);
  }

  /** What the API checks at its start. */
  async missingIndexes(): Promise<readonly string[]> {
    return missingIndexes(await this.#collection(), REFUND_STATUS_INDEXES);
  }

  /**
   * Brings the documents up to these events, in the order of the log. Any redelivery and any number of projectors at
   * once leave the same documents.
   * @throws ProjectionGap before anything of the run is written; any failure of the store, after which the same batch
   * has to come again
   */
  async apply(events: readonly ProjectedEvent[]): Promise<void> {
    const runs = [...runsOf(REFUND_STREAM_PREFIX, events).values()];
    for (let from = 0; from < runs.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      let left: readonly StreamRun[] = runs.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
      for (let round = 0; left.length > 0; round += 1) {
        if (round >= MAX_CONTENDED_WRITES) throw new WriteContended(left[0]?.stream ?? REFUND_STATUS);
        const missed = new Set(await this.#write(left, round === 0));
        left = left.filter(({ id }) => missed.has(id));
      }
    }
  }

  /** Those that exist, by id. */
  async getMany(refundIds: readonly string[]): Promise<ReadonlyMap<string, StoredRefund>> {
    const found = new Map<string, StoredRefund>();
    for (const [id, { refund, revision }] of await this.#stored(refundIds)) {
      if (refund !== null) found.set(id, { refund, revision });
    }
    return found;
  }

  /** A run that begins at revision 0 is taken for a new refund without asking; if it is not, its insert says so. */
  async #write(runs: readonly StreamRun[], first: boolean): Promise<readonly string[]> {
    const asked = runs.filter(({ events }) => !first || events[0]?.revision !== 0n).map(({ id }) => id);
    const states = await this.#stored(asked);
    const writes = runs.flatMap((run) => writeOf(run, states.get(run.id) ?? NO_REFUND));
    return writeGuarded(await this.#collection(), writes);
  }

  async #stored(ids: readonly string[]): Promise<ReadonlyMap<string, FoldedRefund>> {
    if (ids.length === 0) return new Map();
    const collection = await this.#collection();
    const documents = await collection
      .find(definedFilter({ _id: { $in: [...ids] } }), { batchSize: ids.length + 1 })
      .toArray();
    return new Map(documents.map((document) => [document._id, fromRefundDocument(document)]));
  }
}

/** Nothing where the run tells nothing new. */
function writeOf(run: StreamRun, before: FoldedRefund): readonly GuardedWrite<RefundDocument>[] {
  const after = foldRefundRun(before, run);
  if (after === before || after.refund === null) return [];
  const document = toRefundDocument(after.refund, after);
  const isNew = before.refund === null;
  const operation: AnyBulkWriteOperation<RefundDocument> = isNew
    ? { insertOne: { document } }
    : { replaceOne: { filter: { _id: run.id, ver: before.revision }, replacement: document } };
  return [{ id: run.id, isNew, revision: after.revision, operation }];
}
