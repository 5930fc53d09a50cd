import { mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const LOCK_FILE = 'server.lock';
const heldHere = new Set<string>();

/** Another living process serves from the directory. */
export class DirectoryLockedError extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`The event data in ${directory} is in use by process ${pid}.`);
    this.name = 'DirectoryLockedError';
  }
}

/**
 * One server per data directory: LMDB would let two processes in, and each would write over what the other believes.
 * A lock whose process is gone is taken over. Returns how to release it.
 * @throws DirectoryLockedError
 */
export function lockDirectory(directory: string): () => void {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true });
  if (heldHere.has(path)) throw new DirectoryLockedError(path, process.pid);
  const file = join(path, LOCK_FILE);
  const owner = ownerText(process.pid);
  while (!create(file, owner)) removeStale(path, file);
  heldHere.add(path);
  return () => {
    if (!heldHere.delete(path)) return;
    rmSync(file, { force: true });
  };
}

function create(file: string, owner: string): boolean {
  try {
    writeFileSync(file, owner, { flag: 'wx' });
    return true;
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw reason;
  }
}

function removeStale(directory: string, file: string): void {
  const owner = readOwner(file);
  if (owner === undefined) return;
  const pid = Number(owner.split(' ')[0]);
  // a lock of this very process that it does not hold was left by an earlier process of the same number
  if (pid !== process.pid && isAlive(pid) && ownerText(pid) === owner)
    throw new DirectoryLockedError(directory, pid);
  // two that find the same stale lock: renaming lets one of them win, and shows whether it was still that lock
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const removed = readOwner(aside);
  if (removed === owner) unlinkSync(aside);
  else renameSync(aside, file);
}

function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (reason) {
    return (reason as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Process numbers are reused, soonest in containers; the start time (field 22 of /proc/PID/stat) tells them apart. */
function ownerText(pid: number): string {
  const stat = readOwner(`/proc/${pid}/stat`);
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return startedAt === undefined ? String(pid) : `${pid} ${startedAt}`;
}
