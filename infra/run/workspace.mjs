import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: every script works from there, wherever it was called from. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Nest 12 is ESM only; requiring it from CommonJS works since 20.19 (Node's changelog: require(esm) unflagged). */
export const oldestNode = [20, 19];

/**
 * @param {string} version as in `process.versions.node`
 * @returns {string | undefined} what to tell the user, or nothing when the version will do
 */
export const nodeTooOld = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Tender needs Node ${oldestNode.join('.')} or newer; this is ${version}. Install a newer one from https://nodejs.org and try again.`;
};

export const requireNode = () => {
  const complaint = nodeTooOld(process.versions.node);
  if (complaint === undefined) return;
  console.error(complaint);
  process.exit(1);
};

export const sha256 = (...chunks) => {
  const hash = createHash('sha256');
  // the length goes in front so that two neighbours cannot trade bytes unnoticed
  for (const chunk of chunks) hash.update(`${chunk.length}:`).update(chunk);
  return hash.digest('hex');
};

/** @returns {string | undefined} the file's text, or nothing when it cannot be read */
export const readIfThere = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** A failure that the user can read without a stack trace. */
export class PlainFailure extends Error {}

/** Runs a script's body; a plain failure is printed as it is, anything else with its stack. */
export const runScript = async (body) => {
  requireNode();
  process.chdir(root);
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof PlainFailure ? error.message : error);
    process.exitCode = 1;
  }
};

export const isMain = (moduleUrl) => {
  const called = process.argv[1];
  return called !== undefined && path.resolve(called) === fileURLToPath(moduleUrl);
};
