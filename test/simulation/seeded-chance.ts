import type { Chance } from '@tender/engine';

/** Chance that is the same for the same seed. Forks are independent of how much the others have drawn. */
export class SeededChance implements Chance {
  private state: number;
  private forks = 0;
  private ids = 0;

  constructor(private readonly seed: number) {
    this.state = mix(seed);
  }

  /** mulberry32 */
  readonly random = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    return mix(this.state) / 2 ** 32;
  };

  uuid(): string {
    this.ids += 1;
    const high = this.seed.toString(16).padStart(8, '0');
    return `${high}-0000-4000-8000-${this.ids.toString(16).padStart(12, '0')}`;
  }

  fork(): SeededChance {
    this.forks += 1;
    return new SeededChance(mix(this.seed ^ Math.imul(this.forks, 0x9e3779b1)));
  }

  happens(rate: number): boolean {
    return rate > 0 && this.random() < rate;
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  oneOf<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.random() * items.length)] ?? items[0];
  }
}

function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
