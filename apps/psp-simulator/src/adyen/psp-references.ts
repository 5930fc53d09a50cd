import { randomBytes } from 'node:crypto';
import { seededRandom, type Random } from '../seeded-random';

const LENGTH = 16;
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const ALPHABET = `${LETTERS}23456789`;

/** References that look like Adyen's. With a seed they repeat from run to run; without one they never do. */
export class PspReferences {
  private readonly random: Random | undefined;

  constructor(seed: number | undefined) {
    this.random = seed === undefined ? undefined : seededRandom(seed);
  }

  next(): string {
    const { random } = this;
    const bytes =
      random === undefined
        ? randomBytes(LENGTH)
        : Buffer.from(Array.from({ length: LENGTH }, () => Math.floor(random() * 256)));
    // a letter first: sixteen digits could be taken for a card number
    return [...bytes].map((byte, n) => pick(n === 0 ? LETTERS : ALPHABET, byte)).join('');
  }
}

const pick = (from: string, byte: number): string => from[byte % from.length] ?? '';
