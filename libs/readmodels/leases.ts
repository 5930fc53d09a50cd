import type { Collection } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { isDuplicateId } from './duplicate-key';
import { definedFilter } from './filters';
import { fromInt64 } from './int64';
import type { ReadStore } from './read-store';

interface LeaseDocument {
  _id: string;
  holder: string | null;
  token: bigint;
  beats: bigint;
}

export interface StoredLease {
  readonly name: string;
  readonly holder: string | null;
  readonly token: bigint;
  readonly beats: bigint;
}

/**
 * Who does a piece of work that one process can do for all. Each change is a compare-and-set on what was seen, so of
 * two that want a lease one gets it. A hint for saving work: no write of a read model rests on it.
 */
export class Leases {
  readonly #collection: Collection<LeaseDocument>;

  constructor(store: ReadStore) {
    this.#collection = store.db.collection('leases');
  }

  async find(name: string): Promise<StoredLease | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: name }));
    if (found === null) return undefined;
    const { holder, token, beats } = found;
    const place = `lease ${name}`;
    return { name, holder, token: fromInt64(token, place), beats: fromInt64(beats, place) };
  }

  async take(name: string, seen: StoredLease | undefined, holder: string): Promise<StoredLease | undefined> {
    const token = (seen?.token ?? 0n) + 1n;
    const lease = { name, holder, token, beats: 0n };
    const taken = seen === undefined ? await this.#insert(lease) : await this.#replace(seen, lease);
    return taken ? lease : undefined;
  }

  async beat({ name, token }: StoredLease): Promise<boolean> {
    const filter = definedFilter({ _id: name, token });
    const { matchedCount } = await this.#collection.updateOne(filter, { $inc: { beats: 1n } });
    return matchedCount === 1;
  }

  /** The token stays, so that the next one's is greater. */
  async giveUp({ name, token }: StoredLease): Promise<void> {
    await this.#collection.updateOne(definedFilter({ _id: name, token }), { $set: { holder: null } });
  }

  async #insert({ name, ...fields }: StoredLease): Promise<boolean> {
    try {
      await this.#collection.insertOne({ _id: name, ...fields });
      return true;
    } catch (failure) {
      if (failure instanceof MongoServerError && isDuplicateId(failure.code, failure.errmsg)) return false;
      throw failure;
    }
  }

  async #replace(seen: StoredLease, { holder, token, beats }: StoredLease): Promise<boolean> {
    const filter = definedFilter({ _id: seen.name, token: seen.token, beats: seen.beats });
    const { matchedCount } = await this.#collection.updateOne(filter, { $set: { holder, token, beats } });
    return matchedCount === 1;
  }
}
