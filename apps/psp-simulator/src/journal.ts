import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

type Done = () => void;

/** Lines a snapshot is written in at a time. */
const SNAPSHOT_CHUNK_LINES = 1_000;
const READ_CHUNK_BYTES = 1 << 20;

/** Where committed state goes before it is answered. */
export interface Journal {
  /** False: a line need not even be made. */
  readonly keeps: boolean;
  /** Calls `done` when the line, and all before it, would survive a crash. */
  append(line: string, done: Done): void;
  /** Calls `done` when everything appended so far would survive a crash: a reader must not see what a crash could undo. */
  settled(done: Done): void;
  /** Forgets everything, then holds these lines alone. */
  replaceAll(lines: Iterable<string>): void;
  /** Writes what is pending and closes. */
  close(): Promise<void>;
  /** Closes without writing what is pending, as a killed process would. */
  abandon(): void;
}

/** Keeps nothing: for tests, which have no restart to survive. */
export const memoryJournal: Journal = {
  keeps: false,
  append: (_line, done) => {
    done();
  },
  settled: (done) => {
    done();
  },
  replaceAll: () => undefined,
  close: () => Promise.resolve(),
  abandon: () => undefined,
};

/**
 * An append-only file of JSON lines with group commit: while one write is on its way to the disk, lines collect and share
 * the next one. The file is opened with O_DSYNC, so that a completed write is durable without a second call.
 */
export class FileJournal implements Journal {
  readonly keeps = true;
  private lines: string[] = [];
  private waiting: Done[] = [];
  private inFlight: Done[] | undefined;
  private onIdle: Done | undefined;
  private scheduled = false;
  private abandoned = false;

  private constructor(
    private readonly path: string,
    private fd: number,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** Reads every complete line into `replay`, drops a torn last one (a crash during a write), and opens for appending. */
  static open(
    dir: string,
    name: string,
    replay: (line: string) => void,
    onFailure: (error: Error) => void,
  ): FileJournal {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, name);
    const reading = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const completeBytes = readLines(reading, replay);
    ftruncateSync(reading, completeBytes);
    closeSync(reading);
    return new FileJournal(path, openForAppend(path), onFailure);
  }

  append(line: string, done: Done): void {
    this.lines.push(line);
    this.waiting.push(done);
    if (this.inFlight === undefined && !this.scheduled) {
      // requests that the same turn of the event loop brings in share one write
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.flush();
      });
    }
  }

  settled(done: Done): void {
    if (this.lines.length > 0) this.waiting.push(done);
    else if (this.inFlight !== undefined) this.inFlight.push(done);
    else done();
  }

  replaceAll(lines: Iterable<string>): void {
    const released = [...(this.inFlight ?? []), ...this.waiting];
    this.lines = [];
    this.waiting = [];
    if (this.inFlight !== undefined) this.inFlight = [];
    const fresh = `${this.path}.new`;
    const fd = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    let chunk: string[] = [];
    for (const line of lines) {
      chunk.push(line);
      if (chunk.length === SNAPSHOT_CHUNK_LINES) {
        writeSync(fd, chunk.join('\n') + '\n');
        chunk = [];
      }
    }
    if (chunk.length > 0) writeSync(fd, chunk.join('\n') + '\n');
    fsyncSync(fd);
    closeSync(fd);
    renameSync(fresh, this.path);
    syncDirectory(dirname(this.path));
    // a write still under way goes to the old file, which nobody reads any more
    const old = this.fd;
    this.fd = openForAppend(this.path);
    if (this.inFlight === undefined) closeSync(old);
    else
      this.inFlight.push(() => {
        closeSync(old);
      });
    for (const done of released) done();
  }

  async close(): Promise<void> {
    if (this.abandoned) return;
    if (this.inFlight !== undefined || this.lines.length > 0) {
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
    }
    this.abandon();
  }

  abandon(): void {
    if (this.abandoned) return;
    this.abandoned = true;
    if (this.inFlight === undefined) closeSync(this.fd);
  }

  private flush(): void {
    if (this.abandoned || this.inFlight !== undefined || this.lines.length === 0) return;
    const bytes = Buffer.from(this.lines.join('\n') + '\n');
    this.inFlight = this.waiting;
    this.lines = [];
    this.waiting = [];
    this.writeAll(this.fd, bytes, 0);
  }

  private writeAll(fd: number, bytes: Buffer, from: number): void {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error !== null) {
        this.onFailure(error);
        return;
      }
      if (from + written < bytes.length) {
        this.writeAll(fd, bytes, from + written);
        return;
      }
      const done = this.inFlight ?? [];
      this.inFlight = undefined;
      if (this.abandoned) {
        closeSync(fd);
        if (fd !== this.fd) closeSync(this.fd);
        return;
      }
      for (const one of done) one();
      if (this.lines.length > 0) this.flush();
      else this.onIdle?.();
    });
  }
}

function openForAppend(path: string): number {
  return openSync(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_DSYNC,
    0o600,
  );
}

/** A rename is durable only with its directory. */
function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  fsyncSync(fd);
  closeSync(fd);
}

/** Returns the number of bytes up to the end of the last complete line. */
function readLines(fd: number, take: (line: string) => void): number {
  const chunk = Buffer.allocUnsafe(READ_CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  let completeBytes = 0;
  for (;;) {
    const read = readSync(fd, chunk, 0, chunk.length, null);
    if (read === 0) return completeBytes;
    const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      take(bytes.toString('utf8', from, end));
      from = end + 1;
    }
    completeBytes += from;
    rest = Buffer.from(bytes.subarray(from));
  }
}
