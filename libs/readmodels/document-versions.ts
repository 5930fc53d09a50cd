import type { Collection, Document } from 'mongodb';
import { definedFilter } from './filters';
import { insertOnce } from './ledger/ledger-collections';
import type { ReadStore } from './read-store';

interface ModelDocument {
  readonly _id: string;
  readonly live: string;
}

/** How old the knowledge may be which documents are the live ones, ms: as long are the ones before still read. */
export const LIVE_KNOWN_FOR_MS = 1_000;

/**
 * Which collection holds the documents that everybody reads. A rebuild is made beside them and becomes the live one by
 * one write here. The pointer is of the documents' form: those of another form are none of this release's business.
 */
export class DocumentVersions {
  readonly #models: Collection<ModelDocument>;

  /** @param form names the first collection */
  constructor(
    store: ReadStore,
    private readonly form: string,
  ) {
    this.#models = store.db.collection('models');
  }

  /** Name of the collection, and of its checkpoint. The first one is live until another has been made so. */
  async live(): Promise<string> {
    const found = await this.#models.findOne(definedFilter({ _id: this.form }));
    return found?.live ?? this.form;
  }

  /** @returns false when another one than `from` was live */
  async switchLive(from: string, to: string): Promise<boolean> {
    await insertOnce(this.#models, { _id: this.form, live: this.form });
    const filter = definedFilter({ _id: this.form, live: from });
    const { matchedCount } = await this.#models.updateOne(filter, { $set: { live: to } });
    return matchedCount === 1;
  }
}

/** What the documents that come after these are called. */
export function nextVersion(form: string, live: string): string {
  const made = /_r(\d+)$/.exec(live)?.[1] ?? '0';
  return `${form}_r${Number(made) + 1}`;
}

/** The collection of the live documents, asked for anew when that may be out of date. */
export class LiveDocuments<Stored extends Document> {
  readonly #store: ReadStore;
  readonly #versions: DocumentVersions;
  #known: { readonly collection: Collection<Stored>; readonly untilMs: number } | undefined;

  constructor(store: ReadStore, form: string) {
    this.#store = store;
    this.#versions = new DocumentVersions(store, form);
  }

  async collection(): Promise<Collection<Stored>> {
    if (this.#known === undefined || Date.now() > this.#known.untilMs) {
      const collection = this.#store.db.collection<Stored>(await this.#versions.live());
      this.#known = { collection, untilMs: Date.now() + LIVE_KNOWN_FOR_MS };
    }
    return this.#known.collection;
  }
}

/** Whose documents are written or read: those of this collection, or the live ones, whichever those are by then. */
export function documentsIn<Stored extends Document>(
  store: ReadStore,
  form: string,
  collection: string | undefined,
): () => Promise<Collection<Stored>> {
  const live = new LiveDocuments<Stored>(store, form);
  return () =>
    collection === undefined ? live.collection() : Promise.resolve(store.db.collection<Stored>(collection));
}
