import { existsSync } from 'node:fs';
import { ensureBuilt } from './build.mjs';
import { become } from './child.mjs';
import { ensureInstalled } from './install.mjs';
import { PlainFailure } from './workspace.mjs';

/**
 * Installs, builds, and runs a compiled program in the foreground.
 * @param {string} entry its file under dist
 * @param {string[]} nodeFlags
 * @returns {Promise<number>} its exit code
 */
export const runProgram = async (entry, args, nodeFlags = []) => {
  await ensureInstalled();
  await ensureBuilt();
  if (!existsSync(entry)) throw new PlainFailure(`The build made no ${entry}.`);
  return become(['--enable-source-maps', ...nodeFlags, entry, ...args]);
};
