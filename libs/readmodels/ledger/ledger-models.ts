import type { Collection } from 'mongodb';
import { definedFilter } from '../filters';
import type { ReadStore } from '../read-store';
import type { LedgerVersion } from './ledger-collections';
import { FIRST_LEDGER_VERSION, insertOnce } from './ledger-collections';

interface ModelDocument {
  readonly _id: string;
  readonly live: LedgerVersion;
  readonly halted?: LedgerHalt;
}

export interface LedgerHalt {
  /** For an operator: what was found, and where to look. */
  readonly reason: string;
  readonly at: Date;
}

export interface LedgerPointer {
  readonly live: LedgerVersion;
  readonly halted: LedgerHalt | undefined;
}

/** The pointer is of the books' form: those of another form are none of this release's business, and neither is their halt. */
const LEDGER = `ledger_${FIRST_LEDGER_VERSION}`;

/**
 * Which books are the live ones, and whether anybody may write to them. A rebuild is made beside them and becomes the
 * live one by one write here; until then nobody sees it.
 */
export class LedgerModels {
  readonly #collection: Collection<ModelDocument>;

  constructor(store: ReadStore) {
    this.#collection = store.db.collection('models');
  }

  /** The first version is the live one until another has been made so. */
  async pointer(): Promise<LedgerPointer> {
    const found = await this.#collection.findOne(definedFilter({ _id: LEDGER }));
    return { live: found?.live ?? FIRST_LEDGER_VERSION, halted: found?.halted };
  }

  /** @returns false when another version than `from` was the live one */
  async switchLive(from: LedgerVersion, to: LedgerVersion): Promise<boolean> {
    await insertOnce(this.#collection, { _id: LEDGER, live: FIRST_LEDGER_VERSION });
    const filter = definedFilter({ _id: LEDGER, live: from });
    const { matchedCount } = await this.#collection.updateOne(filter, { $set: { live: to } });
    return matchedCount === 1;
  }

  /** From its next batch on the projector writes nothing to the live books. The first reason stands. */
  async halt(reason: string, at: Date): Promise<void> {
    await insertOnce(this.#collection, { _id: LEDGER, live: FIRST_LEDGER_VERSION });
    const filter = definedFilter({ _id: LEDGER, halted: { $exists: false } });
    await this.#collection.updateOne(filter, { $set: { halted: { reason, at } } });
  }

  /** An operator's word that the books may be written again. */
  async clearHalt(): Promise<void> {
    await this.#collection.updateOne(definedFilter({ _id: LEDGER }), { $unset: { halted: '' } });
  }
}
