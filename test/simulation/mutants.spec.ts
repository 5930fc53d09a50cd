import { hunt } from './hunt';
import { MUTANTS } from './mutants';

const MAX_SEEDS = 200;
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
});
