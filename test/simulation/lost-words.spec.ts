import { simulate, type SimulationResult } from './simulate';

const WORLDS = 30;
const PAYMENTS = 10;

async function told(scenario: 'replies_lost' | 'webhooks_lost'): Promise<readonly SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    results.push(await simulate({ seed, payments: PAYMENTS, scenario }));
  }
  return results;
}

const countOf = (results: readonly SimulationResult[], what: string): number =>
  results.reduce((sum, { endings }) => sum + (endings.get(what) ?? 0), 0);

const violationsIn = (results: readonly SimulationResult[]): readonly unknown[] =>
  results.flatMap(({ violations }) => violations);

/** Who still waits for a PSP's word, of payments and of refunds. */
const inDoubt = (results: readonly SimulationResult[]): number =>
  [
    'payment outcome_unknown',
    'payment processing',
    'refund started',
    'refund pending',
    'refund outcome_unknown',
  ]
    .map((what) => countOf(results, what))
    .reduce((sum, count) => sum + count);

describe.each([
  ['replies_lost', 'every reply of every PSP is lost, and look-ups with them: only notices come'],
  ['webhooks_lost', 'no notice comes: not one of Stripe’s, and Adyen’s after all else has healed'],
] as const)('%s', (scenario, meaning) => {
  it(`ends right: ${meaning}`, async () => {
    const results = await told(scenario);
    expect(violationsIn(results)).toEqual([]);
    expect(inDoubt(results)).toBe(0);
    // and not because nothing was done
    expect(countOf(results, 'payment succeeded')).toBeGreaterThan(WORLDS);
    expect(countOf(results, 'refund succeeded')).toBeGreaterThan(WORLDS / 4);
  }, 120_000);
});

it('replies_lost loses every reply', async () => {
  const { historyOf, violations, paymentIds } = await simulate({
    seed: 1,
    payments: 5,
    scenario: 'replies_lost',
  });
  const answers = paymentIds
    .flatMap((id) => historyOf(id))
    .filter((line) => / (stripe|adyen) answers /.test(line));
  expect(violations).toEqual([]);
  expect(answers.length).toBeGreaterThan(0);
  for (const answer of answers) expect(answer).toContain('"why":"timeout"');
});
