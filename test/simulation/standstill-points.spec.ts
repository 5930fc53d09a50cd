import type { CrashScenario } from './crash-points';
import { CRASH_SCENARIOS } from './crash-scenarios';
import { huntStops, STOP_MUTANTS } from './standstill-mutants';
import { differenceWhenStopped, everyStopOf, playStopped, STANDSTILLS } from './standstill-points';

/** `STANDSTILLS=all` tries every stop of every story instead of the share that a run of the suite has time for. */
const ALL = process.env.STANDSTILLS === 'all';
/** Which share of the others: `STANDSTILL_SEED` picks another one. */
const SEED = Number(process.env.STANDSTILL_SEED ?? '1');

/** Every stop of the story that is in this run's share, and what is wrong with the ends that they come to. */
async function wrongIn(scenario: CrashScenario, everyStop: number): Promise<readonly string[]> {
  const { ending, points } = await playStopped(scenario, undefined);
  expect(ending.violations).toEqual([]);
  const wrong: string[] = [];
  let stops = SEED;
  for (const { name, ms } of STANDSTILLS) {
    const forMs = ms(scenario);
    for (const [at, point] of points.entries()) {
      stops += 1;
      if (stops % everyStop !== 0) continue;
      const stopped = (await playStopped(scenario, { at, forMs })).ending;
      const differs = differenceWhenStopped(scenario, ending, stopped, { point, forMs });
      if (differs === undefined) continue;
      wrong.push(`${at} ${point.process} ${point.when} ${point.call}, ${name}: ${differs}`);
    }
  }
  return wrong;
}

describe(`a process that stands still at a call, and wakes up (share ${SEED})`, () => {
  it.each(CRASH_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'ends as well: %s',
    async (name, scenario) => {
      expect(await wrongIn(scenario, ALL ? 1 : everyStopOf(name))).toEqual([]);
    },
    900_000,
  );
});

describe('a planted bug is found by the stops of one story', () => {
  it.each(STOP_MUTANTS.map((mutant) => [mutant.bug, mutant] as const))(
    '%s',
    async (_bug, mutant) => {
      const scenario = CRASH_SCENARIOS.find(({ name }) => name === mutant.story)!;
      const calm = (await playStopped(scenario, undefined)).ending;
      // it is the stop that shows it, and nothing less
      expect((await playStopped(scenario, undefined, mutant.patches())).ending).toEqual(calm);
      expect(await huntStops(mutant)).toMatchObject({ plays: expect.any(Number) as number });
    },
    120_000,
  );
});
