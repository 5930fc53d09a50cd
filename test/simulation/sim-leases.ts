import type { LeaseRecord, LeaseStore } from '@tender/engine';

/** Where the leases of a world are kept: compare and set, as the read store does it. */
export class SimLeases implements LeaseStore {
  private readonly records = new Map<string, LeaseRecord>();

  find(name: string): Promise<LeaseRecord | undefined> {
    return Promise.resolve(this.records.get(name));
  }

  take(name: string, seen: LeaseRecord | undefined, holder: string): Promise<LeaseRecord | undefined> {
    if (this.records.get(name) !== seen) return Promise.resolve(undefined);
    return Promise.resolve(this.put({ name, holder, token: (seen?.token ?? 0n) + 1n, beats: 0n }));
  }

  beat({ name, token }: LeaseRecord): Promise<boolean> {
    const record = this.records.get(name);
    if (record?.token !== token) return Promise.resolve(false);
    this.put({ ...record, beats: record.beats + 1n });
    return Promise.resolve(true);
  }

  giveUp({ name, token }: LeaseRecord): Promise<void> {
    const record = this.records.get(name);
    if (record?.token === token) this.put({ ...record, holder: null });
    return Promise.resolve();
  }

  private put(record: LeaseRecord): LeaseRecord {
    this.records.set(record.name, record);
    return record;
  }
}
