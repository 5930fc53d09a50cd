import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isMain, PlainFailure, readIfThere, root, runScript } from './workspace.mjs';

/** @returns {string} the folder the local stack keeps its data in */
export const dataFolder = (env = process.env) => path.resolve(root, env.TENDER_DATA ?? '.data');

const contains = (outer, inner) => {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
};

/** EPERM means that the process is there and is somebody else's. */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/**
 * Why this folder must not be removed now.
 * @param {string} folder an absolute path
 * @returns {string | undefined} nothing when it may go
 */
export const reasonToKeep = (folder) => {
  if (contains(folder, root) || contains(folder, homedir())) {
    return `${folder} is no data folder: it holds more than Tender's data. Check TENDER_DATA.`;
  }
  const lockFile = path.join(folder, 'lock');
  const lock = readIfThere(lockFile);
  if (lock === undefined) return undefined;
  let pid;
  try {
    ({ pid } = JSON.parse(lock));
  } catch {
    pid = undefined;
  }
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    return `${lockFile} cannot be read, so a stack may be running on this data. If none is, delete that file and try again.`;
  }
  if (!isAlive(pid)) return undefined;
  return `A stack is running on ${folder} (process ${pid}). Stop it first; if that process is no Tender, delete ${lockFile}.`;
};

if (isMain(import.meta.url)) {
  await runScript(() => {
    const folder = dataFolder();
    const reason = reasonToKeep(folder);
    if (reason !== undefined) throw new PlainFailure(reason);
    const found = existsSync(folder);
    rmSync(folder, { recursive: true, force: true });
    console.log(found ? `Removed ${folder}.` : `Nothing to remove: ${folder} does not exist.`);
    return 0;
  });
}
