import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** A data directory that belongs to this process until it is released. */
export interface DataDirectory {
  readonly path: string;
  /** The path of a folder inside, made when missing. */
  folder(name: string): string;
  /** Tells other programs what runs on this data, in `running.json`: its ports are chosen anew at every start. */
  publish(facts: object): void;
  release(): void;
}

/**
 * Takes the directory for one stack. A lock whose process is gone is taken over: a kill must not need a hand.
 *
 * @throws when another live process holds it
 */
export function takeDataDirectory(path: string): DataDirectory {
  mkdirSync(path, { recursive: true });
  const lock = join(path, 'lock');
  const running = join(path, 'running.json');
  for (let tries = 0; ; tries += 1) {
    try {
      const file = openSync(lock, 'wx', 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid }));
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 0) throw error;
      const pid = holderOf(lock);
      if (pid !== undefined && isAlive(pid)) {
        throw new Error(`another stack (process ${pid}) runs on ${path}; stop it first, or set TENDER_DATA`, {
          cause: error,
        });
      }
      rmSync(lock, { force: true });
    }
  }
  return {
    path,
    folder(name) {
      const folder = join(path, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    publish(facts) {
      const next = `${running}.next`;
      // a URL given by the operator may carry a password
      writeFileSync(next, JSON.stringify(facts, undefined, 2), { mode: 0o600 });
      renameSync(next, running);
    },
    release() {
      rmSync(running, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

function holderOf(lock: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(lock, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined; // cut off while it was written: nobody holds it
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
