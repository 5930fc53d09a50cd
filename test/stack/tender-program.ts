import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(__dirname, '../../dist/apps/cli/src/main.js');

export interface EndedProgram {
  readonly exitCode: number;
  readonly out: string;
  /** What it said beside its answer. */
  readonly aside: string;
}

/** The compiled `tender` as a process, as `npm run tender` runs it, on the stack that keeps its data there. */
export const runTender = (dataPath: string, args: readonly string[]): Promise<EndedProgram> =>
  new Promise((ended) => {
    const { PATH } = process.env;
    const child = execFile(
      process.execPath,
      ['--enable-source-maps', MAIN, ...args],
      { env: { PATH, TENDER_DATA: dataPath } },
      (_, out, aside) => {
        ended({ exitCode: child.exitCode ?? -1, out, aside });
      },
    );
  });
