import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { DirectoryLockedError, lockDirectory } from './directory-lock';

describe('directory lock', () => {
  let directory: string;
  const lockFile = (): string => join(directory, 'server.lock');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tender-lock-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is held once and can be taken again after its release', () => {
    const release = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLockedError);
    release();
    expect(existsSync(lockFile())).toBe(false);
    lockDirectory(directory)();
  });

  it('is taken over from a process that died', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(lockFile(), `${pid} 1`);
    expect(() => {
      lockDirectory(directory)();
    }).not.toThrow();
  });

  it('is taken over from an earlier process that had the number of a living one', () => {
    writeFileSync(lockFile(), `${process.ppid} 1`);
    expect(() => {
      lockDirectory(directory)();
    }).not.toThrow();
  });

  it('is taken over from an earlier process that had our own number', () => {
    writeFileSync(lockFile(), `${process.pid} 1`);
    expect(() => {
      lockDirectory(directory)();
    }).not.toThrow();
  });
});
