import { randomUUID } from 'node:crypto';

/** Everything the engine takes from chance. Seeded in simulations. */
export interface Chance {
  /** Uniform in [0, 1). */
  random(): number;
  uuid(): string;
}

export const systemChance: Chance = { random: () => Math.random(), uuid: () => randomUUID() };

/** Spreads retries that would otherwise meet again: uniform in [ms/2, ms). */
export const jittered = (chance: Chance, ms: number): number => ms / 2 + (chance.random() * ms) / 2;
