import type { Collection } from 'mongodb';
import { upsertById } from './duplicate-key';
import { definedFilter } from './filters';
import type { ReadStore } from './read-store';

export type HeartbeatDetails = Readonly<Record<string, string | number | boolean | null>>;

interface HeartbeatDocument {
  _id: string;
  at: Date;
  details: HeartbeatDetails;
}

/**
 * Signs of life from processes that nobody can call: a worker has no port, so the API's readiness looks here.
 * Times are those of the processes' clocks; their skew is part of what an age says.
 */
export class Heartbeats {
  readonly #collection: Collection<HeartbeatDocument>;
  readonly #nowMs: () => number;

  constructor(store: ReadStore, nowMs: () => number = Date.now) {
    this.#collection = store.db.collection('heartbeats');
    this.#nowMs = nowMs;
  }

  async beat(name: string, details: HeartbeatDetails = {}): Promise<void> {
    await upsertById(this.#collection, name, { $set: { at: new Date(this.#nowMs()), details } });
  }

  /** Milliseconds since the last beat, never negative; undefined when there was none. */
  async age(name: string): Promise<number | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: name }));
    return found === null ? undefined : Math.max(0, this.#nowMs() - found.at.getTime());
  }

  /** What the last beat told, if there was one. */
  async details(name: string): Promise<HeartbeatDetails | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: name }));
    return found?.details;
  }
}
