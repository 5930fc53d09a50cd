import type { Violation } from '@tender/testing';
import type { Mutant } from './planting';
import { simulate } from './simulate';

export interface Catch {
  /** Seeds that were needed; undefined: it got away. */
  readonly seeds: number | undefined;
  readonly violation: Violation | undefined;
}

/** Simulates seed after seed with the bug planted, until a rule is broken. */
export async function hunt(
  { scenario, patches }: Mutant,
  limits: { readonly maxSeeds: number; readonly payments: number },
): Promise<Catch> {
  for (let seed = 1; seed <= limits.maxSeeds; seed += 1) {
    const { payments } = limits;
    const { violations } = await simulate({
      ...{ seed, payments, scenario, patches: patches() },
      untilViolated: true,
    });
    if (violations[0] !== undefined) return { seeds: seed, violation: violations[0] };
  }
  return { seeds: undefined, violation: undefined };
}
