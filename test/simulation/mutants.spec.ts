import { difference, play } from './crash-points';
import { CRASH_SCENARIOS } from './crash-scenarios';
import { hunt } from './hunt';
import { MUTANTS } from './mutants';
import { REFUND_NEVER_BEGUN } from './refund-mutants';
import { HELD_UP_MUTANTS, huntHeldUp } from './stall-mutants';

const MAX_SEEDS = 300;
const PAYMENTS = 10;

describe('a planted bug is found', () => {
  const found: string[] = [];

  afterAll(() => {
    process.stdout.write(`Seeds to detection\n${found.join('\n')}\n`);
  });

  it.each(MUTANTS.map((mutant) => [mutant.bug, mutant] as const))(
    '%s',
    async (bug, mutant) => {
      const { seeds, violation } = await hunt(mutant, { maxSeeds: MAX_SEEDS, payments: PAYMENTS });
      found.push(`  ${String(seeds ?? 'none').padStart(4)}  ${violation?.rule ?? ''}: ${bug}`);
      expect(violation).toBeDefined();
    },
    180_000,
  );

  it.each(HELD_UP_MUTANTS.map((mutant) => [mutant.bug, mutant] as const))(
    '%s, by the story of one that is held up',
    async (bug, mutant) => {
      const { seeds, violation } = await huntHeldUp(mutant, MAX_SEEDS);
      found.push(`  ${String(seeds ?? 'none').padStart(4)}  ${violation?.rule ?? ''}: ${bug}`);
      expect(violation).toBeDefined();
    },
    180_000,
  );

  it(`${REFUND_NEVER_BEGUN.bug}, by the stories of crashes`, async () => {
    const { story, patches } = REFUND_NEVER_BEGUN;
    const scenario = CRASH_SCENARIOS.find(({ name }) => name === story)!;
    const { ending, points } = await play(scenario, []);
    const differs: (string | undefined)[] = [];
    for (let at = 0; at < points.length && differs.at(-1) === undefined; at += 1) {
      differs.push(difference(scenario, ending, (await play(scenario, [at], patches())).ending));
    }
    expect(differs.at(-1)).toContain('acknowledged_survives');
  }, 120_000);
});
