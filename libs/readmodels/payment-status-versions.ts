import type { Collection } from 'mongodb';
import { definedFilter } from './filters';
import { insertOnce } from './ledger/ledger-collections';
import { PAYMENT_STATUS } from './payment-status-form';
import type { PaymentDocument } from './payment-document';
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
export class PaymentStatusVersions {
  readonly #models: Collection<ModelDocument>;

  constructor(store: ReadStore) {
    this.#models = store.db.collection('models');
  }

  /** Name of the collection, and of its checkpoint. The first one is live until another has been made so. */
  async live(): Promise<string> {
    const found = await this.#models.findOne(definedFilter({ _id: PAYMENT_STATUS }));
    return found?.live ?? PAYMENT_STATUS;
  }

  /** @returns false when another one than `from` was live */
  async switchLive(from: string, to: string): Promise<boolean> {
    await insertOnce(this.#models, { _id: PAYMENT_STATUS, live: PAYMENT_STATUS });
    const filter = definedFilter({ _id: PAYMENT_STATUS, live: from });
    const { matchedCount } = await this.#models.updateOne(filter, { $set: { live: to } });
    return matchedCount === 1;
  }
}

/** What the documents that come after these are called. */
export function nextPaymentStatus(live: string): string {
  const made = /_r(\d+)$/.exec(live)?.[1] ?? '0';
  return `${PAYMENT_STATUS}_r${Number(made) + 1}`;
}

/** The collection of the live documents, asked for anew when that may be out of date. */
export class LivePaymentStatus {
  readonly #store: ReadStore;
  readonly #versions: PaymentStatusVersions;
  #known: { readonly collection: Collection<PaymentDocument>; readonly untilMs: number } | undefined;

  constructor(store: ReadStore) {
    this.#store = store;
    this.#versions = new PaymentStatusVersions(store);
  }

  async collection(): Promise<Collection<PaymentDocument>> {
    if (this.#known === undefined || Date.now() > this.#known.untilMs) {
      const collection = this.#store.db.collection<PaymentDocument>(await this.#versions.live());
      this.#known = { collection, untilMs: Date.now() + LIVE_KNOWN_FOR_MS };
    }
    return this.#known.collection;
  }
}
