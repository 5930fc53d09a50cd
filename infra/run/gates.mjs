import { run } from './child.mjs';

/** Longer than any gate takes on a slow machine; a hung one ends as a failure instead of holding the run. */
const gateTimeoutMs = 20 * 60_000;

/** What runs beside them has deadlines to meet. */
const gateNiceness = 10;

/**
 * The commands themselves live in package.json, so that they can be run alone by the same name.
 * `boundaries` is not among them: a unit test cruises the same tree by the same rules.
 */
const gates = { types: 'typecheck', lint: 'lint' };

/**
 * A gate passes or fails as a whole: it adds nothing to the tests passed, and one to the failures.
 * @returns {Promise<import('./summary.mjs').Step[]>}
 */
export const runGates = async () => {
  const steps = [];
  for (const [name, script] of Object.entries(gates)) {
    const startedAt = Date.now();
    const { exitCode, output, timedOut } = await run(['npm', 'run', '--silent', script], {
      timeoutMs: gateTimeoutMs,
      niceness: gateNiceness,
    });
    const failed = exitCode !== 0;
    if (failed) console.log(`\n${name} failed${timedOut ? ' (took too long)' : ''}:\n${output}\n`);
    else console.log(`${name}: ok`);
    steps.push({
      name,
      verdict: failed ? 'FAILED' : 'ok',
      passed: 0,
      failed: failed ? 1 : 0,
      skipped: 0,
      elapsedMs: Date.now() - startedAt,
      notRun: [],
    });
  }
  return steps;
};
