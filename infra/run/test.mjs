import { ensureBuilt } from './build.mjs';
import { runGates } from './gates.mjs';
import { ensureInstalled } from './install.mjs';
import { computedSuites, runSuite, waitingSuites } from './suites.mjs';
import { conclude } from './summary.mjs';
import { runScript } from './workspace.mjs';

/** The compiled programs are what e2e and chaos start: without them they would only repeat this failure. */
const buildStep = async () => {
  const startedAt = Date.now();
  const step = { name: 'build', passed: 0, skipped: 0, notRun: [] };
  try {
    await ensureBuilt();
    return { ...step, verdict: 'ok', failed: 0, elapsedMs: Date.now() - startedAt };
  } catch (error) {
    console.error(error.message);
    return { ...step, verdict: 'FAILED', failed: 1, elapsedMs: Date.now() - startedAt };
  }
};

/** One after another. @returns {Promise<import('./summary.mjs').Step[]>} */
const inTurn = async (suites) => {
  const steps = [];
  for (const suite of suites) steps.push(await runSuite(suite));
  return steps;
};

await runScript(async () => {
  await ensureInstalled();
  const built = await buildStep();
  // side by side, as one half needs the cores and the other half mostly the clock
  const [computed, waited] = await Promise.all([
    runGates().then(async (gates) => [...gates, ...(await inTurn(computedSuites))]),
    inTurn(waitingSuites),
  ]);
  return conclude([built, ...computed, ...waited]);
});
