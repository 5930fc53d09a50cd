import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const FORMAT = '1';

/** The directory cannot be used; the message says why, for a human. */
export class DirectoryRefused extends Error {}

/**
 * Takes a data directory for this process. LMDB itself would let a second server in, but its intents and catalogue
 * would know nothing of ours.
 * @returns what gives the directory back.
 */
export function takeDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = join(directory, 'lock');
  takeLock(lock, directory);
  try {
    checkFormat(directory);
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
  return () => {
    rmSync(lock, { force: true });
  };
}

function takeLock(lock: string, directory: string): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(lock, 'wx', 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(lock);
    if (owner !== undefined && isAlive(owner)) {
      throw new DirectoryRefused(`${directory} is in use by process ${owner.pid}; stop it first`);
    }
    rmSync(lock, { force: true });
  }
  throw new DirectoryRefused(`${directory} is being taken by another process`);
}

interface Owner {
  readonly pid: number;
  readonly start: string;
}

function readOwner(lock: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(lock, 'utf8')) as Partial<Owner>;
    return typeof owner.pid === 'number' ? { pid: owner.pid, start: owner.start ?? '' } : undefined;
  } catch {
    // cut off by a crash while it was written
    return undefined;
  }
}

/** A pid is used again sooner or later; together with its start time it is unique. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return start === '' || startOf(pid) === start;
}

function checkFormat(directory: string): void {
  const file = join(directory, 'format');
  if (!existsSync(file)) writeFileSync(file, FORMAT, { mode: 0o600 });
  const found = readFileSync(file, 'utf8').trim();
  if (found !== FORMAT) {
    throw new DirectoryRefused(`${directory} has format ${found}; this version reads format ${FORMAT}`);
  }
}
