import type { Divergence, DivergenceKind } from '@tender/domain';
import { LRUCache } from 'lru-cache';
import type { Collection } from 'mongodb';
import { Checkpoints, type CheckpointPosition } from '../checkpoints';
import { definedFilter } from '../filters';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { PaymentDocument } from '../payment-document';
import { toDocument } from '../payment-document';
import type { FoldedPayment } from '../payment-fold';
import { foldRun, NOT_STORED, runsOf } from '../payment-fold';
import { PAYMENT_STATUS } from '../payment-status-form';
import type { ProjectedEvent } from '../projected-event';
import type { ReadStore } from '../read-store';
import { ClaimsAhead } from './claims-ahead';
import { differences } from './differences';
import { SeenIds } from './seen-ids';

/** Payments that a check keeps folded, 2 KB each; one that is heard of later is folded from its stream again. */
export const MAX_PAYMENTS_KEPT = 20_000;

export interface Histories {
  /** The events of a stream before a revision. */
  before(stream: string, revision: bigint): Promise<readonly ProjectedEvent[]>;
}

export interface PaymentStatusCheckDeps {
  readonly store: ReadStore;
  readonly histories: Histories;
  /** Collection and checkpoint; default: the live ones. */
  readonly collection?: string;
  readonly maxPayments?: number;
}

/**
 * Holds every payment's document against the fold of its stream, at the document's own revision: where the document is
 * further on, a later page has the events.
 */
export class PaymentStatusCheck {
  readonly name = 'payment_status';
  readonly prefixes = ['payment-'];
  readonly #collection: Collection<PaymentDocument>;
  readonly #checkpoints: Checkpoints;
  readonly #folded: LRUCache<string, FoldedPayment>;
  readonly #seen = new SeenIds();
  readonly #ahead = new ClaimsAhead();

  constructor(private readonly deps: PaymentStatusCheckDeps) {
    this.#collection = deps.store.db.collection(deps.collection ?? PAYMENT_STATUS);
    this.#checkpoints = new Checkpoints(deps.store);
    this.#folded = new LRUCache({ max: deps.maxPayments ?? MAX_PAYMENTS_KEPT });
  }

  applied(): Promise<CheckpointPosition | undefined> {
    return this.#checkpoints.load(this.deps.collection ?? PAYMENT_STATUS);
  }

  /** Every event up to here was applied, so a document may stand further on, and never behind. */
  async take(events: readonly ProjectedEvent[]): Promise<readonly Divergence[]> {
    const derived = new Map<string, FoldedPayment>();
    for (const run of runsOf(events).values()) {
      const first = run.events[0]?.revision ?? 0n;
      const before = this.#folded.get(run.id) ?? (await this.#history(run.id, run.stream, first));
      // a stream with a hole is told by the check of the streams, and has no fold to compare
      if (before === undefined || before.revision + 1n < first) continue;
      const after = foldRun(before, run);
      this.#folded.set(run.id, after);
      this.#seen.add(run.id);
      derived.set(run.id, after);
    }
    return this.#compared(derived);
  }

  async #history(id: string, stream: string, first: bigint): Promise<FoldedPayment | undefined> {
    if (first === 0n) return NOT_STORED;
    const events = await this.deps.histories.before(stream, first);
    if (events[0]?.revision !== 0n) return undefined;
    return foldRun(NOT_STORED, { id, stream, events: [...events] });
  }

  async #compared(derived: ReadonlyMap<string, FoldedPayment>): Promise<readonly Divergence[]> {
    const ids = [...derived.keys()];
    const found: Divergence[] = [];
    for (let from = 0; from < ids.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      const some = ids.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
      const documents = await this.#collection
        .find(definedFilter({ _id: { $in: some } }), { batchSize: some.length + 1 })
        .toArray();
      const stored = new Map(documents.map((document) => [document._id, document]));
      for (const id of some) {
        const folded = derived.get(id);
        if (folded === undefined) continue;
        const document = stored.get(id);
        this.#ahead.reached(id, folded.revision);
        if (document !== undefined && document.ver > folded.revision)
          this.#ahead.note({ id, stream: `payment-${id}`, revision: document.ver });
        found.push(...comparedDocument(id, folded, document));
      }
    }
    return found;
  }

  /** Documents that no stream accounts for, or not so far. */
  async conclude(upTo: CheckpointPosition | undefined): Promise<readonly Divergence[]> {
    if (upTo === undefined) return [];
    const unfounded = await this.#ahead.unfounded(this.deps.histories);
    const extra = unfounded.map(({ id, revision, last }) =>
      divergence('different', id, 'ver', last.toString(), revision.toString()),
    );
    const ids = this.#collection.find({}, { projection: { _id: 1 }, batchSize: MAX_DOCUMENTS_PER_COMMAND });
    for await (const { _id: id } of ids) {
      if (this.#seen.has(id)) continue;
      // written after the walk had begun, or before this check did
      const [first] = await this.deps.histories.before(`payment-${id}`, 1n);
      if (first === undefined) extra.push(divergence('extra', id, null, 'no document', 'a document'));
    }
    return extra;
  }
}

const divergence = (
  kind: DivergenceKind,
  id: string,
  at: string | null,
  expected: string | null,
  found: string | null,
): Divergence => ({ where: 'payment_status', kind, id, at, expected, found });

function comparedDocument(
  id: string,
  folded: FoldedPayment,
  document: PaymentDocument | undefined,
): readonly Divergence[] {
  if (folded.payment === null) return [];
  const revision = `revision ${folded.revision}`;
  if (document === undefined) return [divergence('missing', id, null, revision, null)];
  // of another type it is different, and no number to compare by
  if (typeof document.ver === 'bigint') {
    if (document.ver > folded.revision) return [];
    if (document.ver < folded.revision)
      return [
        divergence(
          'skipped_event',
          id,
          `revision ${document.ver + 1n}`,
          revision,
          `revision ${document.ver}`,
        ),
      ];
  }
  return differences(toDocument(folded.payment, folded), document).map(({ path, expected, found }) =>
    divergence('different', id, path, expected, found),
  );
}
