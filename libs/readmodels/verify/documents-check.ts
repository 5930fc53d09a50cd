import type { Divergence, DivergenceKind } from '@tender/domain';
import { LRUCache } from 'lru-cache';
import type { Collection } from 'mongodb';
import { Checkpoints, type CheckpointPosition } from '../checkpoints';
import { definedFilter } from '../filters';
import type { Versioned } from '../guarded-writes';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { ProjectedEvent } from '../projected-event';
import type { ReadStore } from '../read-store';
import type { StreamDocuments } from '../stream-documents';
import { runsOf } from '../stream-runs';
import { claimedPlace } from './claimed-place';
import { ClaimsAhead, isUnfounded } from './claims-ahead';
import { differences } from './differences';
import { SeenIds } from './seen-ids';

/** Payments, or refunds, that a check keeps folded, 2 KB each; one that is heard of later is folded from its stream again. */
export const MAX_FOLDS_KEPT = 20_000;

export interface Histories {
  /** The events of a stream before a revision. */
  before(stream: string, revision: bigint): Promise<readonly ProjectedEvent[]>;
}

export interface DocumentsCheckDeps<Folded> {
  readonly documents: StreamDocuments<Folded>;
  readonly store: ReadStore;
  readonly histories: Histories;
  /** Collection and checkpoint; default: the first ones of their form. */
  readonly collection?: string;
  readonly maxFolds?: number;
}

/**
 * Holds every document of a model against the fold of its stream, at the document's own revision: where the document is
 * further on, a later page has the events.
 */
export class DocumentsCheck<Folded extends { readonly revision: bigint }> {
  readonly #collection: Collection<Versioned>;
  readonly #checkpoints: Checkpoints;
  readonly #folded: LRUCache<string, { readonly state: Folded }>;
  readonly #seen = new SeenIds();
  readonly #ahead = new ClaimsAhead();

  constructor(private readonly deps: DocumentsCheckDeps<Folded>) {
    this.#collection = deps.store.db.collection(this.#checked);
    this.#checkpoints = new Checkpoints(deps.store);
    this.#folded = new LRUCache({ max: deps.maxFolds ?? MAX_FOLDS_KEPT });
  }

  get name(): string {
    return this.deps.documents.name;
  }

  get prefixes(): readonly string[] {
    return [this.deps.documents.prefix];
  }

  get #checked(): string {
    return this.deps.collection ?? this.deps.documents.form;
  }

  applied(): Promise<CheckpointPosition | Divergence | undefined> {
    return claimedPlace(this.name, () => this.#checkpoints.load(this.#checked));
  }

  /** Every event up to here was applied, so a document may stand further on, and never behind. */
  async take(events: readonly ProjectedEvent[]): Promise<readonly Divergence[]> {
    const { prefix, fold } = this.deps.documents;
    const derived = new Map<string, Folded>();
    for (const run of runsOf(prefix, events).values()) {
      const first = run.events[0]?.revision ?? 0n;
      const before = this.#folded.get(run.id)?.state ?? (await this.#history(run.id, run.stream, first));
      // a stream with a hole is told by the check of the streams, and has no fold to compare
      if (before === undefined || before.revision + 1n < first) continue;
      const after = fold(before, run);
      this.#folded.set(run.id, { state: after });
      this.#seen.add(run.id);
      derived.set(run.id, after);
    }
    return this.#compared(derived);
  }

  async #history(id: string, stream: string, first: bigint): Promise<Folded | undefined> {
    const { unread, fold } = this.deps.documents;
    if (first === 0n) return unread;
    const events = await this.deps.histories.before(stream, first);
    if (events[0]?.revision !== 0n) return undefined;
    return fold(unread, { id, stream, events: [...events] });
  }

  async #compared(derived: ReadonlyMap<string, Folded>): Promise<readonly Divergence[]> {
    const ids = [...derived.keys()];
    const found: Divergence[] = [];
    for (let from = 0; from < ids.length; from += MAX_DOCUMENTS_PER_COMMAND) {
      const some = ids.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
      const stored = await this.#stored(some);
      for (const id of some) {
        const folded = derived.get(id);
        if (folded === undefined) continue;
        const document = stored.get(id);
        this.#ahead.reached(id, folded.revision);
        if (typeof document?.ver === 'bigint' && document.ver > folded.revision)
          this.#ahead.note({ id, stream: this.#streamOf(id), revision: document.ver });
        found.push(...this.#comparedDocument(id, folded, document));
      }
    }
    return found;
  }

  async #stored(ids: readonly string[]): Promise<ReadonlyMap<string, Versioned>> {
    const documents = await this.#collection
      .find(definedFilter({ _id: { $in: ids } }), { batchSize: ids.length + 1 })
      .toArray();
    return new Map(documents.map((document) => [document._id, document]));
  }

  #comparedDocument(id: string, folded: Folded, document: Versioned | undefined): readonly Divergence[] {
    const expected = this.deps.documents.documentOf(folded);
    if (expected === undefined) return [];
    const revision = `revision ${folded.revision}`;
    if (document === undefined) return [this.#divergence('missing', id, null, revision, null)];
    const { ver } = document;
    // of another type it is different, and no number to compare by
    if (typeof ver === 'bigint') {
      if (ver > folded.revision) return [];
      if (ver < folded.revision)
        return [this.#divergence('skipped_event', id, `revision ${ver + 1n}`, revision, `revision ${ver}`)];
    }
    return differences(expected, document).map((one) =>
      this.#divergence('different', id, one.path, one.expected, one.found),
    );
  }

  /** Documents that no stream accounts for, or not so far. */
  async conclude(): Promise<readonly Divergence[]> {
    const claims = await this.#ahead.held(this.deps.histories);
    const extra = claims
      .filter(isUnfounded)
      .map(({ id, revision, last }) =>
        this.#divergence('different', id, 'ver', (last?.revision ?? -1n).toString(), revision.toString()),
      );
    const ids = this.#collection.find({}, { projection: { _id: 1 }, batchSize: MAX_DOCUMENTS_PER_COMMAND });
    for await (const { _id: id } of ids) {
      if (this.#seen.has(id)) continue;
      // written after the walk had begun, or before this check did
      const [first] = await this.deps.histories.before(this.#streamOf(id), 1n);
      if (first === undefined) extra.push(this.#divergence('extra', id, null, 'no document', 'a document'));
    }
    return extra;
  }

  #streamOf(id: string): string {
    return `${this.deps.documents.prefix}${id}`;
  }

  #divergence(
    kind: DivergenceKind,
    id: string,
    at: string | null,
    expected: string | null,
    found: string | null,
  ): Divergence {
    return { where: this.name, kind, id, at, expected, found };
  }
}
