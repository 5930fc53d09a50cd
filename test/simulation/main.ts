import { parseArgs } from 'node:util';
import { COUNTED_KINDS, noFaults, SCENARIOS, type FaultCounts, type ScenarioName } from './faults';
import { PAYMENTS_A_WORLD, simulate, type SimulationResult } from './simulate';

const USAGE = `npm run sim -- [--seed N] [--payments M] [--seeds K] [--scenario NAME]

Simulates payments on virtual time, with faults drawn from the seed, and checks every invariant.
  --seed N       the first seed (1)
  --payments M   payments a seed (10000), in worlds of ${PAYMENTS_A_WORLD}; each world uses up one seed
  --seeds K      how often M payments are simulated, with fresh seeds (1)
  --scenario     ${Object.keys(SCENARIOS).join(', ')} (everything)
Exit code 1 on a violation, with the seed of its world and the history of the payment.`;

/** From here on a kind of fault that never happened means that the run tested less than it says. */
const EVERY_FAULT_FROM_PAYMENTS = 100_000;
const PROGRESS_EVERY_MS = 5_000;

interface Campaign {
  readonly seed: number;
  readonly payments: number;
  readonly scenario: ScenarioName;
}

const whole = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`--${name} is a whole number from 1, not ${text}`);
  return number;
};

function campaignOf(args: readonly string[]): Campaign | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      payments: { type: 'string', default: '10000' },
      seeds: { type: 'string', default: '1' },
      scenario: { type: 'string', default: 'everything' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const scenario = Object.keys(SCENARIOS).find((name) => name === values.scenario) as
    | ScenarioName
    | undefined;
  if (scenario === undefined) throw new RangeError(`no scenario is called ${values.scenario}`);
  const payments = whole('payments', values.payments) * whole('seeds', values.seeds);
  return { seed: whole('seed', values.seed), payments, scenario };
}

async function run({ seed, payments, scenario }: Campaign): Promise<number> {
  const counts = noFaults();
  const startedAtMs = performance.now();
  const rate = (done: number): number => Math.round((done * 1_000) / (performance.now() - startedAtMs));
  let saidAtMs = startedAtMs;
  let events = 0;
  const endings = new Map<string, number>();
  const books = new Map<string, { debitMinor: bigint; creditMinor: bigint }>();
  for (let done = 0, world = seed; done < payments; world += 1) {
    const here = Math.min(PAYMENTS_A_WORLD, payments - done);
    const result = await simulate({ seed: world, payments: here, scenario, counts });
    done += here;
    events += result.events;
    for (const [what, count] of result.endings) endings.set(what, (endings.get(what) ?? 0) + count);
    for (const [name, sums] of Object.entries(result.totals)) books.set(name, added(books.get(name), sums));
    if (result.violations.length > 0) {
      printViolation(result, { seed: world, payments: here, scenario });
      return 1;
    }
    if (performance.now() - saidAtMs > PROGRESS_EVERY_MS) {
      saidAtMs = performance.now();
      console.log(`${done} of ${payments} payments, ${rate(done)} a second`);
    }
  }
  printFaults(counts);
  printEndings(endings, books);
  console.log(`${payments} payments, ${events} events, ${rate(payments)} payments a second, 0 violations`);
  const never = COUNTED_KINDS.filter((kind) => counts[kind] === 0);
  if (scenario !== 'everything' || payments < EVERY_FAULT_FROM_PAYMENTS || never.length === 0) return 0;
  console.error(`Never happened: ${never.join(', ')}`);
  return 1;
}

type Sums = SimulationResult['totals'][string];

const added = (sums: Sums | undefined, more: Sums): Sums => ({
  debitMinor: (sums?.debitMinor ?? 0n) + more.debitMinor,
  creditMinor: (sums?.creditMinor ?? 0n) + more.creditMinor,
});

/** Every world has compared its books with its PSPs; these are their sums. */
function printEndings(endings: ReadonlyMap<string, number>, books: ReadonlyMap<string, Sums>): void {
  console.log('Ended as');
  for (const [what, count] of [...endings].sort())
    console.log(`  ${what.padEnd(28)}${String(count).padStart(10)}`);
  console.log('\nBooks, in minor units: debits, credits, and what is left of them');
  for (const [name, { debitMinor, creditMinor }] of books) {
    const columns = [debitMinor, creditMinor, debitMinor - creditMinor];
    console.log(`  ${name.padEnd(12)}${columns.map((minor) => String(minor).padStart(20)).join('')}`);
  }
  console.log('');
}

function printFaults(counts: FaultCounts): void {
  console.log('\nFaults');
  for (const kind of COUNTED_KINDS) console.log(`  ${kind.padEnd(28)}${String(counts[kind]).padStart(10)}`);
  console.log('');
}

function printViolation(
  { violations, historyOf }: SimulationResult,
  { seed, payments, scenario }: Campaign,
): void {
  // the payment with the shortest history is the one that is understood first
  const [shortest] = violations
    .map((violation) => ({ violation, history: historyOf(violation.paymentId) }))
    .filter(({ history }) => history.length > 1)
    .sort((a, b) => a.history.length - b.history.length);
  for (const line of shortest?.history ?? []) console.error(line);
  for (const { rule, paymentId, detail } of violations)
    console.error(`VIOLATED ${rule} (${paymentId}): ${detail}`);
  console.error(`\nAgain: npm run sim -- --seed ${seed} --payments ${payments} --scenario ${scenario}`);
}

async function main(): Promise<void> {
  try {
    const campaign = campaignOf(process.argv.slice(2));
    if (campaign === undefined) console.log(USAGE);
    else process.exitCode = await run(campaign);
  } catch (error) {
    console.error(
      error instanceof RangeError || error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error,
    );
    process.exitCode = 2;
  }
}

void main();
