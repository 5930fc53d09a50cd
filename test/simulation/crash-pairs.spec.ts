import { difference, play } from './crash-points';
import { CRASH_SCENARIOS, HOTTEST } from './crash-scenarios';

/** `CRASH_PAIRS=all` tries every pair instead of the share that a run of the suite has time for. */
const ALL = process.env.CRASH_PAIRS === 'all';

describe('a pair of crashes', () => {
  it.each(HOTTEST)(
    'ends the same, wherever the two strike: $name',
    async ({ name: hottest, everyPair }) => {
      const scenario = CRASH_SCENARIOS.find(({ name }) => name === hottest)!;
      const { ending, points } = await play(scenario, []);
      const wrong: string[] = [];
      for (let first = 0; first < points.length; first += 1) {
        // after the first crash there are other calls than before, and more of them
        for (let second = first + 1; second < points.length + 20; second += 1) {
          if (!ALL && (first + second) % everyPair !== 0) continue;
          const differs = difference(scenario, ending, (await play(scenario, [first, second])).ending);
          if (differs !== undefined) wrong.push(`${first}, ${second}: ${differs}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    900_000,
  );
});
