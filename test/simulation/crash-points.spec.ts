import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { difference, play, type CrashPoint } from './crash-points';
import { CRASH_SCENARIOS } from './crash-scenarios';
import { type CrashedScenario, reliabilityPage } from './reliability-page';
import { playStopped } from './standstill-points';

const PAGE = path.resolve(__dirname, '../../docs/reliability.md');

const nameOf = ({ process, call, when }: CrashPoint): string => `${process} ${when} ${call}`;

describe('a crash at every call', () => {
  const crashed: CrashedScenario[] = [];
  let plays = 0;

  it.each(CRASH_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'ends the same: %s',
    async (name, scenario) => {
      const { ending, points } = await play(scenario, []);
      expect(ending.violations).toEqual([]);
      const wrong: string[] = [];
      for (const [index, point] of points.entries()) {
        const differs = difference(scenario, ending, (await play(scenario, [index])).ending);
        plays += 1;
        if (differs !== undefined) wrong.push(`${index} ${nameOf(point)}: ${differs}`);
      }
      expect(wrong).toEqual([]);
      const { points: stops } = await playStopped(scenario, undefined);
      crashed.push({ name, ending: ending.status, points, stops });
    },
    240_000,
  );

  it('is what docs/reliability.md says', () => {
    const page = reliabilityPage(crashed);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
    expect(plays).toBeGreaterThan(1_000);
  });
});
