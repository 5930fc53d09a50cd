import type { Collection } from 'mongodb';
import { storedPosition } from '../checkpoints';
import { MalformedDocument } from '../failures';
import { definedFilter } from '../filters';
import { upsertById } from '../duplicate-key';
import { fromInt64 } from '../int64';
import type { LedgerHead } from '../ledger/posting';
import type { ReadStore } from '../read-store';

interface WalkDocument {
  readonly _id: string;
  readonly models: string;
  readonly at: { readonly commit: bigint; readonly prepare: bigint };
  readonly seq: bigint;
  readonly head: string;
  readonly recordedUpTo: Date;
}

/** How far the continuous check has come, so that a restart does not begin a long log anew. */
export class SavedWalk {
  readonly #collection: Collection<WalkDocument>;

  /** @param models names of what is checked: of others than these it says nothing */
  constructor(
    store: ReadStore,
    private readonly models: string,
  ) {
    this.#collection = store.db.collection('verifications');
  }

  async load(): Promise<LedgerHead | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: WALK }));
    if (found?.models !== this.models) return undefined;
    try {
      const { at, seq, head: hash, recordedUpTo } = found;
      return { at: storedPosition(at, WALK), seq: fromInt64(seq, WALK), hash, recordedUpTo };
    } catch (error) {
      // it saves a walk, and proves nothing: one that cannot be read costs the walk
      if (error instanceof MalformedDocument) return undefined;
      throw error;
    }
  }

  async save({ at, seq, hash: head, recordedUpTo }: LedgerHead): Promise<void> {
    await upsertById(this.#collection, WALK, { $set: { models: this.models, at, seq, head, recordedUpTo } });
  }

  async clear(): Promise<void> {
    await this.#collection.deleteOne(definedFilter({ _id: WALK }));
  }
}

const WALK = 'continuous';
