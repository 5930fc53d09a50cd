import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What one request of the plan came to. */
export interface Answer {
  readonly index: number;
  readonly duplicate: boolean;
  /** The time at which the plan wanted it sent, from the start of the run, ms. */
  readonly intendedMs: number;
  /** From the intended time to the last byte of the answer: a send that was late is slow, not forgiven, ms. */
  readonly latencyMs: number;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly replayed: boolean;
  readonly error: string | undefined;
  readonly body: string;
}

const FLUSH_AT_CHARACTERS = 64 * 1024;

/**
 * Answers go to a file while the load runs: parsing them then would cost the CPU that is measured, and keeping them
 * would bound the length of a run by memory. JSON has no raw tab or line break, so a body is the rest of its line.
 */
export class AnswersWriter {
  private readonly file: WriteStream;
  private pending = '';

  constructor(path: string) {
    this.file = createWriteStream(path);
  }

  write(answer: Answer): void {
    const { index, duplicate, intendedMs, latencyMs, status, replayed, error, body } = answer;
    const fields = [index, Number(duplicate), intendedMs.toFixed(3), latencyMs.toFixed(3), status];
    this.pending += `${fields.join('\t')}\t${Number(replayed)}\t${oneLine(error ?? '')}\t${oneLine(body)}\n`;
    if (this.pending.length >= FLUSH_AT_CHARACTERS) this.flush();
  }

  async close(): Promise<void> {
    this.flush();
    this.file.end();
    await once(this.file, 'close');
  }

  private flush(): void {
    this.file.write(this.pending);
    this.pending = '';
  }
}

/** Only an answer that is not ours could hold one. */
const oneLine = (text: string): string => text.replace(/[\t\r\n]/g, ' ');

export async function* readAnswers(path: string): AsyncGenerator<Answer> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const [index, duplicate, intendedMs, latencyMs, status, replayed, error, ...body] = line.split('\t');
    yield {
      index: Number(index),
      duplicate: duplicate === '1',
      intendedMs: Number(intendedMs),
      latencyMs: Number(latencyMs),
      status: Number(status),
      replayed: replayed === '1',
      error: error === '' ? undefined : error,
      body: body.join('\t'),
    };
  }
}
