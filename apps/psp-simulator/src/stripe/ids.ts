import { randomFillSync } from 'node:crypto';
import { seededRandom, type Random } from '../seeded-random';

const ALPHABET = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const SUFFIX_LENGTH = 20;
const POOL_BYTES = 8_192;

export type IdPrefix = 'pi' | 'ch' | 're' | 'du' | 'evt' | 'req';

/** Object ids that look like Stripe's. With a seed they repeat from run to run; without one they never do. */
export class Ids {
  private readonly random: Random | undefined;
  private readonly pool = Buffer.alloc(POOL_BYTES);
  private used = POOL_BYTES;
  /** Ids are written into a buffer: a string grown by characters would be kept as a tree of its pieces. */
  private readonly scratch = {
    pi: Buffer.from('pi_3'.padEnd(4 + SUFFIX_LENGTH)),
    ch: Buffer.from('ch_3'.padEnd(4 + SUFFIX_LENGTH)),
    re: Buffer.from('re_3'.padEnd(4 + SUFFIX_LENGTH)),
    du: Buffer.from('du_3'.padEnd(4 + SUFFIX_LENGTH)),
    evt: Buffer.from('evt_'.padEnd(4 + SUFFIX_LENGTH)),
    req: Buffer.from('req_'.padEnd(4 + SUFFIX_LENGTH)),
  };

  constructor(seed: number | undefined) {
    this.random = seed === undefined ? undefined : seededRandom(seed);
  }

  next(prefix: IdPrefix): string {
    const id = this.scratch[prefix];
    for (let n = id.length - SUFFIX_LENGTH; n < id.length; n += 1) {
      id[n] = ALPHABET[this.byte() % ALPHABET.length] ?? 0;
    }
    return id.toString('latin1');
  }

  private byte(): number {
    if (this.random !== undefined) return Math.floor(this.random() * 256);
    if (this.used === POOL_BYTES) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    return this.pool[this.used++] ?? 0;
  }
}
