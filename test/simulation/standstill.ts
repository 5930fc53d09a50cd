import type { SeededChance } from './seeded-chance';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How long a process may stand still, ms, from so much to so much: a long collection of garbage, a machine that is moved,
 * a first send that is no longer wanted, a day (Stripe's keys), a week and more (Adyen's). Short ones are the most.
 */
const LASTS_MS: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [50, SECOND_MS],
  [SECOND_MS, 30 * SECOND_MS],
  [SECOND_MS, 30 * SECOND_MS],
  [60 * SECOND_MS, 5 * MINUTE_MS],
  [60 * SECOND_MS, 5 * MINUTE_MS],
  [5 * MINUTE_MS, 2 * HOUR_MS],
  [20 * HOUR_MS, 30 * HOUR_MS],
  [6 * 24 * HOUR_MS, 9 * 24 * HOUR_MS],
];

export function standstillMs(chance: SeededChance): number {
  const [least, most] = chance.oneOf(LASTS_MS);
  return chance.between(least, most);
}

/** A server asks its connections for a sign of life, and gives to others what is held on one that is silent. */
export const CONNECTION_LOST_AFTER_MS = 20 * SECOND_MS;

/**
 * A connection on which nothing comes is closed by the PSP after so long at most, ms (servers wait 1 to 10 minutes for the
 * head of a request): what is written to it then arrives nowhere.
 */
export const SILENT_CONNECTION_LASTS_MS = 15 * MINUTE_MS;
