import { hash } from 'node:crypto';

/** Ids that a check remembers having derived, 8 bytes each and as much again for room: 64 MB at the most. */
export const MAX_IDS_SEEN = 4_000_000;

const FIRST_CAPACITY = 1 << 12;
const HASH_HEX_CHARACTERS = 16;

/**
 * Which ids there are, by 64 bits of a hash of each. Of what is not in it nothing is known once it is full; the caller
 * then asks the streams, which is slow and as right.
 */
export class SeenIds {
  private slots = new BigUint64Array(FIRST_CAPACITY);
  private count = 0;

  constructor(private readonly max = MAX_IDS_SEEN) {}

  get isFull(): boolean {
    return this.count >= this.max;
  }

  add(id: string): void {
    if (this.isFull) return;
    if ((this.count + 1) * 2 > this.slots.length) this.grow();
    if (this.place(this.slots, hashOf(id))) this.count += 1;
  }

  has(id: string): boolean {
    const wanted = hashOf(id);
    for (let slot = this.firstSlot(this.slots, wanted); ; slot = (slot + 1) % this.slots.length) {
      const at = this.slots[slot];
      if (at === wanted) return true;
      if (at === 0n) return false;
    }
  }

  private grow(): void {
    const larger = new BigUint64Array(this.slots.length * 2);
    for (const value of this.slots) if (value !== 0n) this.place(larger, value);
    this.slots = larger;
  }

  /** Open addressing. @returns whether it was new */
  private place(slots: BigUint64Array, value: bigint): boolean {
    for (let slot = this.firstSlot(slots, value); ; slot = (slot + 1) % slots.length) {
      const at = slots[slot];
      if (at === value) return false;
      if (at === 0n) {
        slots[slot] = value;
        return true;
      }
    }
  }

  private firstSlot(slots: BigUint64Array, value: bigint): number {
    return Number(value & 0xffff_ffffn) % slots.length;
  }
}

/** Never 0, which is an empty slot. */
const hashOf = (id: string): bigint =>
  BigInt(`0x${hash('sha256', id, 'hex').slice(0, HASH_HEX_CHARACTERS)}`) | 1n;
