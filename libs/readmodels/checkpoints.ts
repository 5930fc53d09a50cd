import type { Collection } from 'mongodb';
import { upsertById } from './duplicate-key';
import { definedFilter } from './filters';
import { fromInt64, toInt64 } from './int64';
import type { ReadStore } from './read-store';

/** A place in the log, as the log's own positions. */
export interface CheckpointPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

interface CheckpointDocument {
  _id: string;
  /** Compared by the server field by field in this order, so the order is part of the format. */
  at: { commit: bigint; prepare: bigint };
}

/**
 * How far each reader of the log has come. A hint only: what a projection has applied is told by its documents, so an
 * old checkpoint costs a redelivery and a lost one a rebuild.
 */
export class Checkpoints {
  readonly #collection: Collection<CheckpointDocument>;

  constructor(store: ReadStore) {
    this.#collection = store.db.collection('checkpoints');
  }

  async load(name: string): Promise<CheckpointPosition | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: name }));
    if (found === null) return undefined;
    return storedPosition(found.at, `checkpoint ${name}`);
  }

  /** Never goes back: the save of a projector that lost its lease comes late and must not undo the next one's. */
  async save(name: string, { commit, prepare }: CheckpointPosition): Promise<void> {
    const at = {
      commit: toInt64(commit, `checkpoint ${name}`),
      prepare: toInt64(prepare, `checkpoint ${name}`),
    };
    await upsertById(this.#collection, name, { $max: { at } });
  }

  /** The reader of that name begins anew. */
  async forget(name: string): Promise<void> {
    await this.#collection.deleteOne(definedFilter({ _id: name }));
  }
}

/**
 * A place as it is stored, which anybody with a password may have written over.
 * @throws MalformedDocument
 */
export function storedPosition(at: unknown, place: string): CheckpointPosition {
  const { commit, prepare } = (at ?? {}) as Partial<CheckpointPosition>;
  return { commit: fromInt64(commit, place), prepare: fromInt64(prepare, place) };
}
