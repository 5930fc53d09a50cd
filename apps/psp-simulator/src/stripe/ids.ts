import { randomFillSync } from 'node:crypto';
import { seededRandom, type Random } from '../seeded-random';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SUFFIX_LENGTH = 20;
const POOL_BYTES = 8_192;

/** Object ids that look like Stripe's. With a seed they repeat from run to run; without one they never do. */
export class Ids {
  private readonly random: Random | undefined;
  private readonly pool = Buffer.alloc(POOL_BYTES);
  private used = POOL_BYTES;

  constructor(seed: number | undefined) {
    this.random = seed === undefined ? undefined : seededRandom(seed);
  }

  next(prefix: 'pi' | 'ch' | 'req'): string {
    return `${prefix}_3${this.secret()}`;
  }

  /** Characters that nobody guesses, unless a test chose the seed. */
  secret(): string {
    let text = '';
    for (let n = 0; n < SUFFIX_LENGTH; n += 1) text += ALPHABET.charAt(this.byte() % ALPHABET.length);
    return text;
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
