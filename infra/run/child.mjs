import { spawn } from 'node:child_process';
import { constants, getPriority, setPriority } from 'node:os';

/** A shell reports a death by signal as 128 + its number; so do we. */
export const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** npm prints one line per setting it does not know (an editor's or a distribution's): noise here. */
const noise = /^npm (warn|WARN) Unknown .*config/;

const withoutNoise = (text) =>
  text
    .split('\n')
    .filter((line) => !noise.test(line))
    .join('\n')
    .trim();

/**
 * Runs a command and keeps what it says, so that the caller shows it only on failure.
 * @param {string[]} command
 * @param {{ timeoutMs: number, niceness?: number, env?: Record<string, string> }} options `niceness`: from 0 to 19, the more the later it gets a core
 * @returns {Promise<{ exitCode: number, output: string, timedOut: boolean }>}
 */
export const run = ([file, ...args], { timeoutMs, niceness = 0, env = {} }) =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    // who is nice already may not take that back
    if (child.pid !== undefined && niceness > getPriority()) setPriority(child.pid, niceness);
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const finish = (exitCode, more = '') => {
      clearTimeout(limit);
      resolve({ exitCode, output: withoutNoise(Buffer.concat(chunks).toString('utf8') + more), timedOut });
    };
    child.once('error', (error) => finish(127, `${file}: ${error.message}`));
    child.once('close', (code, signal) => finish(exitCodeOf(code, signal)));
  });

/**
 * Hands the terminal to a program until it ends, and passes our signals on.
 * A terminal sends Ctrl-C to the whole process group, so there the program has had its SIGINT already.
 * @returns {Promise<number>} its exit code
 */
export const become = (args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (signal === 'SIGINT' && process.stdin.isTTY) return;
        child.kill(signal);
      });
    }
    child.once('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
