import type { Payment, PaymentStatus, PspName } from '@tender/domain';
import { LRUCache } from 'lru-cache';
import type { Collection, Filter } from 'mongodb';
import { documentsIn } from './document-versions';
import { WriteContended } from './failures';
import { definedFilter } from './filters';
import { ensureIndexes, missingIndexes } from './indexes';
import { MAX_CONTENDED_WRITES, MAX_DOCUMENTS_PER_COMMAND, MAX_PAGE_SIZE, RECENT_PAYMENTS } from './limits';
import { decodeCursor, encodeCursor } from './page-cursor';
import type { PaymentDocument } from './payment-document';
import { fromDocument } from './payment-document';
import type { FoldedPayment } from './payment-fold';
import { foldRun, NOT_STORED, PAYMENT_STREAM_PREFIX } from './payment-fold';
import type { PaymentWrite } from './payment-writes';
import { PAYMENT_STATUS, PAYMENT_STATUS_INDEXES } from './payment-status-form';
import { writeAll } from './payment-writes';
import type { ProjectedEvent } from './projected-event';
import type { ReadStore } from './read-store';
import type { StreamRun } from './stream-runs';
import { runsOf } from './stream-runs';

const ENDED: ReadonlySet<PaymentStatus> = new Set<PaymentStatus>(['succeeded', 'failed', 'canceled']);

export interface StoredPayment {
  readonly payment: Payment;
  /** Of the last event in it. */
  readonly revision: bigint;
}

export interface PaymentQuery {
  readonly merchant: string;
  readonly status?: PaymentStatus;
  readonly psp?: PspName;
  readonly customerId?: string;
  /** Exclusive. */
  readonly createdAfter?: Date;
  /** Exclusive. */
  readonly createdBefore?: Date;
  /** 1 to `MAX_PAGE_SIZE`. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface PaymentPage {
  readonly items: readonly StoredPayment[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

export interface PaymentStatusOptions {
  /** Whose documents are written or read; default: the live ones, whichever those are by then. */
  readonly collection?: string;
  readonly recentPayments?: number;
}

/** The present state of every payment, one document each, as far as the projector has come. */
export class PaymentStatusModel {
  readonly #collection: () => Promise<Collection<PaymentDocument>>;
  /** What is known to be stored, or to have been: a guard checks it at every write. */
  readonly #recent: LRUCache<string, FoldedPayment>;

  constructor(store: ReadStore, options: PaymentStatusOptions = {}) {
    this.#collection = documentsIn(store, PAYMENT_STATUS, options.collection);
    this.#recent = new LRUCache({ max: options.recentPayments ?? RECENT_PAYMENTS });
  }

  /** The migration step: run by the worker before it projects. */
  async ensureIndexes(): Promise<void> {
    await ensureIndexes(await this.#collection(), PAYMENT_STATUS_INDEXES);
  }

  /** What the API checks at its start. */
  async missingIndexes(): Promise<readonly string[]> {
    return missingIndexes(await this.#collection(), PAYMENT_STATUS_INDEXES);
  }

  /**
   * Brings the documents up to these events, in the order of the log. Any redelivery and any number of projectors at
   * once leave the same documents: a lease only saves work.
   * @throws ProjectionGap before anything of the batch is written; any failure of the store, after which the same
   * batch has to come again
   */
  async apply(events: readonly ProjectedEvent[]): Promise<void> {
    const runs = [...runsOf(PAYMENT_STREAM_PREFIX, events).values()];
    for (let from = 0; from < runs.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      await this.#applyRuns(runs.slice(from, from + MAX_DOCUMENTS_PER_COMMAND));
    }
  }

  async #applyRuns(runs: readonly StreamRun[]): Promise<void> {
    const writes = folded(runs, await this.#statesBefore(runs));
    const missed = await this.#written(writes);
    if (missed.length === 0) return;
    const missedRuns = missed.map(({ id }) => runOf(runs, id));
    const again = folded(missedRuns, await this.#stored(missed.map(({ id }) => id)));
    for (const write of again) await this.#writeAlone(write, runOf(runs, write.id));
  }

  /** Bulk and memory in one: what was missed or may have failed is forgotten. */
  async #written(writes: readonly PaymentWrite[]): Promise<readonly PaymentWrite[]> {
    try {
      const missed = await writeAll(await this.#collection(), writes);
      for (const { id, after } of writes) this.#remember(id, after);
      for (const { id } of missed) this.#recent.delete(id);
      return missed;
    } catch (failure) {
      for (const { id } of writes) this.#recent.delete(id);
      throw failure;
    }
  }

  /** A payment that has ended is not heard of again for a while, and what is not kept costs no garbage collection. */
  #remember(id: string, state: FoldedPayment): void {
    if (state.payment !== null && ENDED.has(state.payment.status)) this.#recent.delete(id);
    else this.#recent.set(id, state);
  }

  async #writeAlone(first: PaymentWrite, run: StreamRun): Promise<void> {
    let writes: readonly PaymentWrite[] = [first];
    for (let round = 0; round < MAX_CONTENDED_WRITES; round += 1) {
      const missed = await this.#written(writes);
      if (missed.length === 0) return;
      writes = folded([run], await this.#stored([run.id]));
    }
    throw new WriteContended(run.stream);
  }

  /**
   * A run that begins at revision 0 is taken for a new payment without asking; if it is not, its insert says so. The
   * store is asked once for all others that are not in memory, or that memory cannot be right about.
   */
  async #statesBefore(runs: readonly StreamRun[]): Promise<ReadonlyMap<string, FoldedPayment>> {
    const known = new Map<string, FoldedPayment>();
    const asked: string[] = [];
    for (const { id, events } of runs) {
      const first = events[0]?.revision ?? 0n;
      const recent = this.#recent.get(id) ?? NOT_STORED;
      // another projector may have gone on from where we stopped
      if (first > recent.revision + 1n) asked.push(id);
      else known.set(id, recent);
    }
    for (const [id, state] of await this.#stored(asked)) known.set(id, state);
    return known;
  }

  async #stored(ids: readonly string[]): Promise<ReadonlyMap<string, FoldedPayment>> {
    if (ids.length === 0) return new Map();
    const collection = await this.#collection();
    const documents = await collection
      .find(definedFilter({ _id: { $in: [...ids] } }), { batchSize: ids.length + 1 })
      .toArray();
    return new Map(documents.map((document) => [document._id, fromDocument(document)]));
  }

  async get(paymentId: string): Promise<StoredPayment | undefined> {
    const collection = await this.#collection();
    const document = await collection.findOne(definedFilter({ _id: paymentId }));
    return document === null ? undefined : storedPayment(document);
  }

  /** Those that exist, by id. */
  async getMany(paymentIds: readonly string[]): Promise<ReadonlyMap<string, StoredPayment>> {
    const found = new Map<string, StoredPayment>();
    for (let from = 0; from < paymentIds.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      const ids = paymentIds.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
      for (const [id, { payment, revision }] of await this.#stored(ids)) {
        if (payment !== null) found.set(id, { payment, revision });
      }
    }
    return found;
  }

  /**
   * Newest first. Pages are cut by place, not by number: payments that come in meanwhile neither repeat nor hide a row.
   * @throws InvalidCursor
   * @throws RangeError for a limit outside 1 to `MAX_PAGE_SIZE`
   */
  async list(query: PaymentQuery): Promise<PaymentPage> {
    const { limit } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
      throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} payments, not ${limit}`);
    }
    const collection = await this.#collection();
    const documents = await collection
      .find(listFilter(query), { sort: { createdAt: -1, _id: -1 }, limit: limit + 1, batchSize: limit + 2 })
      .toArray();
    const page = documents.slice(0, limit);
    const last = page.at(-1);
    const more = documents.length > limit && last !== undefined;
    return {
      items: page.map(storedPayment),
      next: more ? encodeCursor({ createdAt: last.createdAt, id: last._id }) : undefined,
    };
  }
}

function listFilter({ merchant, status, psp, customerId, ...rest }: PaymentQuery): Filter<PaymentDocument> {
  const { createdAfter, createdBefore, cursor } = rest;
  const place = cursor === undefined ? undefined : decodeCursor(cursor);
  const createdAt = {
    ...(createdAfter === undefined ? {} : { $gt: createdAfter }),
    ...(createdBefore === undefined ? {} : { $lt: createdBefore }),
    ...(place === undefined ? {} : { $lte: place.createdAt }),
  };
  return definedFilter({
    merchant,
    ...(status === undefined ? {} : { status }),
    ...(psp === undefined ? {} : { psp }),
    ...(customerId === undefined ? {} : { customerId }),
    ...(Object.keys(createdAt).length === 0 ? {} : { createdAt }),
    // the bound above lets an index begin at the place; this one drops the rows before it within the same millisecond
    ...(place === undefined
      ? {}
      : { $or: [{ createdAt: { $lt: place.createdAt } }, { _id: { $lt: place.id } }] }),
  });
}

const storedPayment = (document: PaymentDocument): StoredPayment => {
  const { payment, revision } = fromDocument(document);
  return { payment, revision };
};

/** Only what has anything new; a run of known events asks for no write. */
function folded(runs: readonly StreamRun[], states: ReadonlyMap<string, FoldedPayment>): PaymentWrite[] {
  const writes: PaymentWrite[] = [];
  for (const run of runs) {
    const before = states.get(run.id) ?? NOT_STORED;
    const after = foldRun(before, run);
    if (after !== before) writes.push({ id: run.id, before, after });
  }
  return writes;
}

function runOf(runs: readonly StreamRun[], id: string): StreamRun {
  const run = runs.find((candidate) => candidate.id === id);
  if (run === undefined) throw new Error(`payment ${id} is not in this batch`);
  return run;
}
