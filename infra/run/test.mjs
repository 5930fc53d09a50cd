import { ensureBuilt } from './build.mjs';
import { runGates } from './gates.mjs';
import { ensureInstalled } from './install.mjs';
import { computedSuites, runSuite, wholeSystemSuites } from './suites.mjs';
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

await runScript(async () => {
  await ensureInstalled();
  const steps = await runGates();
  for (const suite of computedSuites) steps.push(await runSuite(suite));
  steps.push(await buildStep());
  for (const suite of wholeSystemSuites) steps.push(await runSuite(suite));
  return conclude(steps);
});
