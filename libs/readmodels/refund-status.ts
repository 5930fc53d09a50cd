import type { Refund, RefundEvent } from '@tender/domain';
import { currentTry, evolveRefund, isOpenRefund, isOwedStill, REFUND_EVENTS } from '@tender/domain';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { ProjectionGap, WriteContended } from './failures';
import { definedFilter } from './filters';
import type { GuardedWrite } from './guarded-writes';
import { writeGuarded } from './guarded-writes';
import type { NamedIndex } from './indexes';
import { ensureIndexes, missingIndexes } from './indexes';
import { fromInt64, toInt64 } from './int64';
import { MAX_CONTENDED_WRITES, MAX_DOCUMENTS_PER_COMMAND } from './limits';
import type { OpenFlow } from './open-flow';
import type { ProjectedEvent } from './projected-event';
import type { ReadStore } from './read-store';

/** With the version of its documents: another shape is projected into another collection, beside the old one. */
export const REFUND_STATUS = 'refund_status_v2';

/** `refund_status`: one document a refund. Everything beside `refund` is there for a query or a guard. */
export interface RefundDocument {
  readonly _id: string;
  /** Revision of the last event in it, int64: the guard of every write. */
  readonly ver: bigint;
  readonly refund: Refund;
  readonly openFlow?: OpenFlow;
}

export const REFUND_STATUS_INDEXES: readonly NamedIndex[] = [
  // sparse on one field: most refunds are never in it for long
  { name: 'open_flows', key: { 'openFlow.due': 1 }, sparse: true },
];

export interface StoredRefund {
  readonly refund: Refund;
  /** Of the last event in it. */
  readonly revision: bigint;
}

/** A refund as far as its events were folded. `revision` is -1 before the first. */
interface Folded {
  readonly revision: bigint;
  readonly refund: Refund | null;
  readonly openFlow: OpenFlow | undefined;
}

const NOT_STORED: Folded = { revision: -1n, refund: null, openFlow: undefined };
const STREAM_PREFIX = 'refund-';

interface Run {
  readonly id: string;
  readonly stream: string;
  readonly events: ProjectedEvent[];
}

/** The present state of every refund, one document each, as far as the projector has come. */
export class RefundStatusModel {
  readonly #collection: Collection<RefundDocument>;

  constructor(store: ReadStore) {
    this.#collection = store.db.collection(REFUND_STATUS);
  }

  /** The migration step: run by the worker before it projects. */
  async ensureIndexes(): Promise<void> {
    await ensureIndexes(this.#collection, REFUND_STATUS_INDEXES);
  }

  /** What the API checks at its start. */
  async missingIndexes(): Promise<readonly string[]> {
    return missingIndexes(this.#collection, REFUND_STATUS_INDEXES);
  }

  /**
   * Brings the documents up to these events, in the order of the log. Any redelivery and any number of projectors at
   * once leave the same documents.
   * @throws ProjectionGap before anything of the run is written; any failure of the store, after which the same batch
   * has to come again
   */
  async apply(events: readonly ProjectedEvent[]): Promise<void> {
    const runs = runsOf(events);
    for (let from = 0; from < runs.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      let left: readonly Run[] = runs.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
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
  async #write(runs: readonly Run[], first: boolean): Promise<readonly string[]> {
    const asked = runs.filter(({ events }) => !first || events[0]?.revision !== 0n).map(({ id }) => id);
    const states = await this.#stored(asked);
    const writes = runs.flatMap((run) => writeOf(run, states.get(run.id) ?? NOT_STORED));
    return writeGuarded(this.#collection, writes);
  }

  async #stored(ids: readonly string[]): Promise<ReadonlyMap<string, Folded>> {
    if (ids.length === 0) return new Map();
    const documents = await this.#collection
      .find(definedFilter({ _id: { $in: [...ids] } }), { batchSize: ids.length + 1 })
      .toArray();
    return new Map(documents.map((document) => [document._id, fromDocument(document)]));
  }
}

function runsOf(events: readonly ProjectedEvent[]): readonly Run[] {
  const runs = new Map<string, Run>();
  for (const event of events) {
    if (!event.stream.startsWith(STREAM_PREFIX)) continue;
    const id = event.stream.slice(STREAM_PREFIX.length);
    const run = runs.get(id);
    if (run === undefined) runs.set(id, { id, stream: event.stream, events: [event] });
    else run.events.push(event);
  }
  return [...runs.values()];
}

/** Nothing where the run tells nothing new. */
function writeOf(run: Run, before: Folded): readonly GuardedWrite<RefundDocument>[] {
  const after = folded(run, before);
  if (after === before || after.refund === null) return [];
  const document = toDocument(after.refund, after);
  const isNew = before.refund === null;
  const operation: AnyBulkWriteOperation<RefundDocument> = isNew
    ? { insertOne: { document } }
    : { replaceOne: { filter: { _id: run.id, ver: before.revision }, replacement: document } };
  return [{ id: run.id, isNew, revision: after.revision, operation }];
}

/** @throws ProjectionGap */
function folded(run: Run, before: Folded): Folded {
  let { revision, refund, openFlow } = before;
  for (const event of run.events) {
    if (event.revision <= revision) continue;
    if (event.revision !== revision + 1n) throw new ProjectionGap(run.stream, revision, event.revision);
    const { recordedAt } = event.metadata;
    refund = evolveRefund(refund, refundEvent(event), recordedAt);
    openFlow = refund === null ? undefined : evolveRefundFlow(openFlow, refund, recordedAt);
    revision = event.revision;
  }
  return revision === before.revision ? before : { revision, refund, openFlow };
}

/** An event that nobody told us of must stop the projector: `evolve` would pass it over. */
function refundEvent(event: ProjectedEvent): RefundEvent {
  if (!Object.hasOwn(REFUND_EVENTS, event.type)) {
    throw new Error(
      `${event.stream} at ${event.revision.toString()}: ${event.type} is not an event of a refund`,
    );
  }
  // the codec has checked the data against the same catalogue
  return event as ProjectedEvent & RefundEvent;
}

/** As `evolveOpenFlow` for payments: `since` is the time of the event that opened it. */
function evolveRefundFlow(
  before: OpenFlow | undefined,
  refund: Refund,
  recordedAt: string,
): OpenFlow | undefined {
  const kind = waitsFor(refund);
  if (kind === undefined) return undefined;
  const tries = isOpenRefund(refund) ? (currentTry(refund).search?.tries ?? 0) : 0;
  if (before?.kind === kind) return before.tries === tries ? before : { ...before, tries };
  const { id, paymentId } = refund;
  const due = `${new Date(recordedAt).toISOString()} ${id}`;
  return { due, paymentId, subject: id, kind, since: recordedAt, tries };
}

function waitsFor(refund: Refund): OpenFlow['kind'] | undefined {
  if (refund.tries.length === 0) return undefined;
  if (isOpenRefund(refund)) return currentTry(refund).search === null ? undefined : 'refund_open';
  if (isOwedStill(refund)) return 'refund_owed';
  return refund.givenTwice.length > 0 ? 'refund_given_twice' : undefined;
}

/** @throws RangeError when the amount does not fit int64 */
function toDocument(refund: Refund, { revision, openFlow }: Folded): RefundDocument {
  toInt64(refund.amountMinor, `refund ${refund.id} amountMinor`);
  const document: RefundDocument = { _id: refund.id, ver: toInt64(revision, refund.id), refund };
  return openFlow === undefined ? document : { ...document, openFlow };
}

/** @throws MalformedDocument when the amount or the version was not stored as int64 */
function fromDocument({ _id: id, ver, refund, openFlow }: RefundDocument): Folded {
  fromInt64(refund.amountMinor, `refund ${id} amountMinor`);
  return { revision: fromInt64(ver, `refund ${id} ver`), refund, openFlow };
}
