/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} verdict
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} elapsedMs
 * @property {{ file: string, tests: number, reason: string }[]} notRun
 * @property {{ file: string, test: string, why: string }[]} [failures]
 */

const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

const line = ({ name, verdict, passed, failed, skipped, elapsedMs }) => {
  const counts =
    passed + failed + skipped > 0 ? `${passed} passed, ${failed} failed, ${skipped} skipped` : '';
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  return `  ${name.padEnd(12)}${seconds.padStart(8)}  ${verdict.padEnd(10)} ${counts}`.trimEnd();
};

const notRunLines = (steps) =>
  steps.flatMap(({ name, notRun }) =>
    notRun.map(
      ({ file, tests, reason }) => `  NOT RUN (${name}): ${file}, ${plural(tests, 'test')}: ${reason}`,
    ),
  );

const failureLines = (steps) =>
  steps.flatMap(({ name, failures = [] }) =>
    failures.map(({ file, test, why }) => `  FAILED (${name}): ${file}, ${test}: ${why}`),
  );

/**
 * The text that ends a run. Its last line is for machines: sums over every step and nothing else.
 * @param {Step[]} steps
 */
export const summaryOf = (steps) => {
  const sum = (key) => steps.reduce((total, step) => total + step[key], 0);
  const block = (lines) => (lines.length > 0 ? ['', ...lines] : []);
  return [
    '',
    ...steps.map(line),
    ...block(notRunLines(steps)),
    ...block(failureLines(steps)),
    '',
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
  ].join('\n');
};

/**
 * Prints the summary as the run's last words.
 * @param {Step[]} steps
 * @returns {number} the exit code
 */
export const conclude = (steps) => {
  console.log(summaryOf(steps));
  return steps.some(({ failed }) => failed > 0) ? 1 : 0;
};
