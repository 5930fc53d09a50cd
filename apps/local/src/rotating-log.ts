import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';

/** A process's log grows to this and is then moved aside, so that a long run fills two of these at the most. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Appends to a file that never grows beyond its limit; the previous one is kept as `<path>.1`. */
export class RotatingLog {
  private stream: WriteStream;
  private bytes: number;
  private closed = false;

  constructor(
    private readonly path: string,
    private readonly maxBytes = MAX_LOG_BYTES,
  ) {
    this.bytes = existsSync(path) ? statSync(path).size : 0;
    this.stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  }

  /** What a process still had in its pipe when it ended may come after the close, and is dropped. */
  write(text: Buffer | string): void {
    if (this.closed) return;
    this.bytes += text.length;
    if (this.bytes > this.maxBytes) this.rotate(text.length);
    this.stream.write(text);
  }

  close(): Promise<void> {
    this.closed = true;
    return new Promise((resolve) => {
      this.stream.end(resolve);
    });
  }

  private rotate(bytes: number): void {
    this.stream.end();
    if (existsSync(this.path)) renameSync(this.path, `${this.path}.1`);
    this.stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    this.bytes = bytes;
  }
}
