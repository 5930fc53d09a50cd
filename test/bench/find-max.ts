/** Each step up while the rate is sustained. */
const STEP_UP = 1.5;
/** The search ends when the best rate that held and the lowest that did not are this close. */
const CLOSE_ENOUGH = 1.07;
/** One more than three doublings from 1 to 20,000 and back need. */
export const STEPS_MAX = 40;

/**
 * The highest rate that is sustained: up by halves until one is not, then halfway between. Noise on a busy machine
 * can fail a rate once, so a first failure is tried again.
 *
 * @returns undefined when not even the first rate held
 */
export async function findMaxRate(
  firstRatePerS: number,
  highestRatePerS: number,
  sustains: (ratePerS: number) => Promise<boolean>,
): Promise<number | undefined> {
  let held: number | undefined;
  let lost: number | undefined;
  let rate = firstRatePerS;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if ((await sustains(rate)) || (await sustains(rate))) held = rate;
    else lost = rate;
    if (held === undefined || held >= highestRatePerS) return held;
    if (lost !== undefined && lost / held <= CLOSE_ENOUGH) return held;
    const next = lost === undefined ? held * STEP_UP : (held + lost) / 2;
    rate = Math.min(highestRatePerS, Math.round(next * 10) / 10);
  }
  return held;
}
