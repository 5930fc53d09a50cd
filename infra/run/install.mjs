import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './child.mjs';
import { isMain, PlainFailure, readIfThere, root, runScript, sha256 } from './workspace.mjs';

/** A slow mirror needs minutes; a dead one must not hold a build for ever. */
const installTimeoutMs = 15 * 60_000;

const stampFile = path.join(root, 'node_modules', '.tender-installed');

/** What node_modules was made from: the lock file and, as binaries differ, the platform. */
const wanted = () => {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return sha256(lock, `${process.platform}-${process.arch}`);
};

/** `npm run` names its own script; without it (a bare `node infra/run/start.mjs`) npm is looked up on the path. */
const npm = () => {
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
};

/**
 * Not `npm ci`: it refuses a lock file that lacks the optional binaries of other platforms, which some mirrors do not
 * carry. `--no-save` keeps the locked versions and leaves the lock file alone. No package's script is run: every
 * binary in use ships prebuilt.
 */
const installCommand = () => [
  ...npm(),
  'install',
  '--no-save',
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  // NODE_ENV=production or omit=dev in somebody's configuration would leave the tools out
  '--include=dev',
  '--include=optional',
];

/** Installs the packages when node_modules is missing or was made from another lock file. */
export const ensureInstalled = async () => {
  const stamp = wanted();
  if (readIfThere(stampFile) === stamp) return;
  const startedAt = Date.now();
  console.error('Installing packages (about a minute the first time) ...');
  // an install that is cut short must be seen as such by the next run
  rmSync(stampFile, { force: true });
  const { exitCode, output, timedOut } = await run(installCommand(), { timeoutMs: installTimeoutMs });
  if (exitCode !== 0) {
    const why = timedOut ? `no end after ${installTimeoutMs / 60_000} minutes` : `exit code ${exitCode}`;
    throw new PlainFailure(`${output}\nnpm install failed: ${why}.`);
  }
  writeFileSync(stampFile, stamp);
  console.error(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
};

if (isMain(import.meta.url)) await runScript(ensureInstalled);
