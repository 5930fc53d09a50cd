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

export interface HeartbeatAge {
  readonly name: string;
  /** Since the last beat, never negative. */
  readonly ageMs: number;
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

  /** Of all whose names begin so, the youngest first. */
  async ages(prefix: string): Promise<readonly HeartbeatAge[]> {
    const filter = definedFilter({ _id: { $gte: prefix, $lt: `${prefix}\uffff` } });
    const found = await this.#collection.find(filter).toArray();
    return found
      .map(({ _id, at }) => ({ name: _id, ageMs: Math.max(0, this.#nowMs() - at.getTime()) }))
      .sort((a, b) => a.ageMs - b.ageMs);
  }

  /** Its process ended, or it has been silent for so long that nobody asks any more. */
  async forget(name: string): Promise<void> {
    await this.#collection.deleteOne(definedFilter({ _id: name }));
  }

  /** What the last beat told, if there was one. */
  async details(name: string): Promise<HeartbeatDetails | undefined> {
    const found = await this.#collection.findOne(definedFilter({ _id: name }));
    return found?.details;
  }
}
