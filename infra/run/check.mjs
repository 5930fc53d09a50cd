import { runGates } from './gates.mjs';
import { ensureInstalled } from './install.mjs';
import { computedSuites, runSuite } from './suites.mjs';
import { conclude } from './summary.mjs';
import { runScript } from './workspace.mjs';

const unit = computedSuites.find(({ name }) => name === 'unit');

await runScript(async () => {
  await ensureInstalled();
  return conclude([...(await runGates()), await runSuite(unit)]);
});
