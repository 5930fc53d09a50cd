import type { EvidenceRecorded } from './payment.events';
import type { Search } from './payment';

/** Pause before the first rung of the ladder and the cap of its exponential growth, ms. */
export const FIRST_RUNG_AFTER_MS = 500;
export const RUNG_EVERY_AT_MOST_MS = 60 * 60_000;

/** Doubles from FIRST_RUNG_AFTER_MS to its cap and goes on for ever: only evidence ends the search. */
export const rungDelayMs = (tries: number): number =>
  Math.min(FIRST_RUNG_AFTER_MS * 2 ** Math.min(tries, 30), RUNG_EVERY_AT_MOST_MS);

/** Look-ups that must miss, each after the settling time, before "never received" is proven. */
export const NOT_FOUND_PROOFS = 2;

/** Whether the PSP has had time to show what may have left last. */
export const hasSettled = (search: Search, askedAt: string, settlesAfterMs: number): boolean =>
  Date.parse(askedAt) - Date.parse(search.lastSentAt) >= settlesAfterMs;

/** A search begins with a request that may have arrived. */
export const searchFrom = (at: string, keyBurnt: boolean): Search => ({
  since: at,
  tries: 0,
  notFound: 0,
  lastSentAt: at,
  keyBurnt,
});

/** One rung further, whatever the search is for. */
export function searchedOn(
  search: Search,
  { rung, answer, keyBurnt }: Pick<EvidenceRecorded, 'rung' | 'answer' | 'keyBurnt'>,
  at: string,
): Search {
  // news comes by itself: it is no rung that was climbed, and no request that left
  if (rung === 'webhook') return { ...search, keyBurnt: search.keyBurnt || keyBurnt };
  if (answer === 'sending') return { ...search, notFound: 0, lastSentAt: at };
  return {
    ...search,
    tries: search.tries + 1,
    // a request that left after a look-up makes that look-up worthless as proof
    notFound: rung === 'same_key' ? 0 : search.notFound + (answer === 'not_found' ? 1 : 0),
    lastSentAt: rung === 'same_key' ? at : search.lastSentAt,
    keyBurnt: search.keyBurnt || keyBurnt,
  };
}
