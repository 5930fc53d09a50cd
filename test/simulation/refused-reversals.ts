import type { Faults } from './faults';
import type { SeededChance } from './seeded-chance';

/** Requests that are refused before one is done: the second succeeds, or the third, or none by itself. */
const REFUSED = [1, 1, 2, Number.POSITIVE_INFINITY] as const;

/** For want of balance a PSP does not give a charge back: for a while, or until somebody sees to it. */
export class RefusedReversals {
  /** By the PSP's reference of the charge: requests that are still to be refused. */
  private readonly left = new Map<string, number>();

  constructor(private readonly deps: { readonly faults: Faults; readonly chance: SeededChance }) {}

  /** Asked once for each request that is worked on. */
  refuses(reference: string): boolean {
    const left = this.left.get(reference) ?? this.drawn();
    this.left.set(reference, Math.max(0, left - 1));
    return left > 0;
  }

  /** Somebody has seen to it: the next request is done. */
  paidIn(reference: string): void {
    this.left.set(reference, 0);
  }

  private drawn(): number {
    const { faults, chance } = this.deps;
    if (!faults.happens('reversal_refused')) return 0;
    const requests = chance.oneOf(REFUSED);
    if (requests === Number.POSITIVE_INFINITY) faults.count('reversal_refused_for_good');
    return requests;
  }
}
