import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from './child.mjs';
import { readIfThere } from './workspace.mjs';

/** A suite that hangs is killed and counted as failed. */
const suiteTimeoutMs = 20 * 60_000;

const cores = availableParallelism();

/** Of a failure's message in the summary, characters. */
const FIRST_WORDS = 300;

const reportFolder = path.join('.cache', 'jest-reports');

/**
 * How projects of jest.config.cjs are run.
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} projects
 * @property {number} workers its files at a time, each in a process of its own
 * @property {number} niceness
 */

/**
 * What these do is mostly computed: they fill the cores that the other suites leave idle, and get out of their way, as
 * those have deadlines to meet. More workers than cores, since some files wait, too.
 * @type {Suite[]}
 */
export const computedSuites = [
  { name: 'unit', projects: ['unit'], workers: cores + 1, niceness: 10 },
  { name: 'simulation', projects: ['simulation'], workers: cores, niceness: 10 },
];

/**
 * What these do is mostly waiting: for deadlines, for silence, for processes to start and end. They run one after another, as
 * the contracts have short deadlines and the others start whole stacks; these are one run, since the last files of the one
 * would leave the cores to nobody. Each file has ports, folders and servers of its own.
 * @type {Suite[]}
 */
export const waitingSuites = [
  { name: 'contract', projects: ['contract'], workers: 2 * cores, niceness: 0 },
  { name: 'stacks', projects: ['e2e', 'chaos'], workers: cores + 1, niceness: 0 },
  { name: 'containers', projects: ['containers'], workers: 1, niceness: 0 },
];

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
 * What failed, in a line each: a long run's record may lack its middle, but it has its end.
 * @param {{ testResults: { name: string, status: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[] }} report
 * @returns {{ file: string, test: string, why: string }[]}
 */
export const failedIn = (report) =>
  report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(process.cwd(), name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed')
      return [{ file, test: 'the file itself', why: firstWords(message) }];
    return failed.map(({ fullName, failureMessages }) => ({
      file,
      test: fullName,
      why: firstWords(failureMessages[0] ?? ''),
    }));
  });

/** Without the colours of a terminal, in which an assertion tells what it received. */
const firstWords = (message) =>
  stripVTControlCharacters(message).replace(/\s+/g, ' ').trim().slice(0, FIRST_WORDS);

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
 * Runs one suite. Its output is shown in one piece when it has ended: another suite may be running beside it.
 * @param {Suite} suite
 * @returns {Promise<import('./summary.mjs').Step>}
 */
export const runSuite = async ({ name, projects, workers, niceness }) => {
  const startedAt = Date.now();
  const reportFile = path.join(reportFolder, `${name}.json`);
  mkdirSync(reportFolder, { recursive: true });
  rmSync(reportFile, { force: true });
  console.log(`${name} tests: started`);
  const { exitCode, output, timedOut } = await run(
    [
      process.execPath,
      'node_modules/jest/bin/jest.js',
      ...['--selectProjects', ...projects, '--passWithNoTests', '--ci'],
      ...['--json', '--outputFile', reportFile, '--maxWorkers', String(workers)],
    ],
    { timeoutMs: suiteTimeoutMs, niceness, env: process.stdout.isTTY ? { FORCE_COLOR: '1' } : {} },
  );
  console.log(`\n${name} tests\n${output}\n`);
  const report = parseReport(readIfThere(reportFile));
  const counts = countsOf(report, exitCode);
  return {
    name,
    verdict: verdictOf(report, counts, timedOut),
    ...counts,
    elapsedMs: Date.now() - startedAt,
    notRun: report === undefined ? [] : notRunIn(report),
    failures: report === undefined ? [] : failedIn(report),
  };
};
