import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './child.mjs';
import { readIfThere } from './workspace.mjs';

/** A suite that hangs is killed and counted as failed. */
const suiteTimeoutMs = 20 * 60_000;

const reportFolder = path.join('.cache', 'jest-reports');

/**
 * The projects of jest.config.cjs, from the quickest verdict to the slowest. Those of pure computation share nothing
 * and run side by side.
 */
export const computedSuites = ['unit', 'simulation'];
export const wholeSystemSuites = ['contract', 'e2e', 'chaos', 'containers'];

/** A block that cannot run here carries its reason in its title: `[not run: why] name` (see test/not-run.ts). */
const notRunTitle = /^\[not run: (.*?)\] /;

/**
 * What did not run, by file and reason.
 * @param {{ testResults: { name: string, assertionResults: { status: string, ancestorTitles: string[] }[] }[] }} report
 * @returns {{ file: string, tests: number, reason: string }[]}
 */
export const notRunIn = (report) => {
  const found = new Map();
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, ancestorTitles } of assertionResults) {
      if (status !== 'pending' && status !== 'todo') continue;
      const reasons = ancestorTitles.map((title) => notRunTitle.exec(title)?.[1]);
      const reason = reasons.find((candidate) => candidate !== undefined) ?? 'skipped in the source';
      const file = path.relative(process.cwd(), name);
      const key = `${file}\0${reason}`;
      const entry = found.get(key) ?? { file, tests: 0, reason };
      entry.tests += 1;
      found.set(key, entry);
    }
  }
  return [...found.values()];
};

/**
 * Counts a Jest report.
 * A file that failed to run has no failed test in it, and a run that died has no report: each is one failure.
 * @param {object | undefined} report Jest's --json output
 * @param {number} exitCode
 */
export const countsOf = (report, exitCode) => {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

const parseReport = (text) => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

const verdictOf = (report, counts, timedOut) => {
  if (timedOut) return 'FAILED (took too long)';
  if (counts.failed > 0) return 'FAILED';
  return report.numTotalTestSuites === 0 ? 'no suites' : 'ok';
};

/**
 * Runs one Jest project, its output shown as it comes.
 * @param {string} name
 * @returns {Promise<import('./summary.mjs').Step>}
 */
export const runSuite = async (name) => {
  const startedAt = Date.now();
  const reportFile = path.join(reportFolder, `${name}.json`);
  mkdirSync(reportFolder, { recursive: true });
  rmSync(reportFile, { force: true });
  console.log(`\n${name} tests`);
  const { exitCode, timedOut } = await run(
    [
      process.execPath,
      'node_modules/jest/bin/jest.js',
      ...['--selectProjects', name, '--passWithNoTests', '--ci'],
      ...['--json', '--outputFile', reportFile],
      // suites that start servers share ports, disks and clocks: one after another
      ...(computedSuites.includes(name) ? ['--maxWorkers=100%'] : ['--runInBand']),
      // seen once with Redis: all tests were over, no handle and no referenced timer was left, and the process stayed;
      // the cause is not known
      ...(name === 'contract' ? ['--forceExit'] : []),
    ],
    { timeoutMs: suiteTimeoutMs, live: true },
  );
  const report = parseReport(readIfThere(reportFile));
  const counts = countsOf(report, exitCode);
  return {
    name,
    verdict: verdictOf(report, counts, timedOut),
    ...counts,
    elapsedMs: Date.now() - startedAt,
    notRun: report === undefined ? [] : notRunIn(report),
  };
};
