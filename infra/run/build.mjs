import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './child.mjs';
import { ensureInstalled } from './install.mjs';
import { isMain, PlainFailure, readIfThere, root, runScript, sha256 } from './workspace.mjs';

const buildTimeoutMs = 5 * 60_000;

const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.built-from');

/** Everything that the output depends on; nest-cli.json names the same source folders. */
const sourceFolders = ['apps', 'libs', 'test/bench', 'test/chaos', 'test/simulation', 'test/stack'];
const settings = ['package-lock.json', 'nest-cli.json', '.swcrc', 'tsconfig.base.json'];

const sourcesIn = (folder) => {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`));
};

/** By content, not by time: a fresh checkout or a switched branch changes every time stamp and often no byte. */
const fingerprint = () => {
  const files = [...sourceFolders.flatMap(sourcesIn), ...settings].sort();
  return sha256(...files.flatMap((file) => [file, readFileSync(file)]));
};

/** Compiles apps, libs, the bench, chaos and the simulation into dist, unless dist was made from these very bytes. */
export const ensureBuilt = async () => {
  const stamp = fingerprint();
  if (readIfThere(stampFile) === stamp) return;
  const startedAt = Date.now();
  console.error('Building ...');
  // the outputs of deleted sources would otherwise live on
  rmSync(dist, { recursive: true, force: true });
  const nest = [process.execPath, 'node_modules/@nestjs/cli/bin/nest.js', 'build', 'api'];
  const { exitCode, output } = await run(nest, { timeoutMs: buildTimeoutMs });
  if (exitCode !== 0) throw new PlainFailure(`${output}\nThe build failed with exit code ${exitCode}.`);
  writeFileSync(stampFile, stamp);
  console.error(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
};

if (isMain(import.meta.url)) {
  await runScript(async () => {
    await ensureInstalled();
    await ensureBuilt();
  });
}
