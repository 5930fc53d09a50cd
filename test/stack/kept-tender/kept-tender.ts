import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { EndedProgram } from '../tender-program';
import type { Call } from './main';

const MAIN = resolve(__dirname, '../../../dist/test/stack/kept-tender/main.js');

/**
 * The compiled `tender` in a process that stays for the next call: reading its modules again for each is most of what a
 * call costs. That it ends as a process should is the matter of `runTender`.
 */
export class KeptTender {
  private child: ChildProcess | undefined;

  /** @param dataPath where the stack keeps its data */
  constructor(private readonly dataPath: string) {}

  /** One at a time. */
  run(...args: readonly string[]): Promise<EndedProgram> {
    const child = (this.child ??= fork(MAIN, [], { execArgv: ['--enable-source-maps'] }));
    const { PATH } = process.env;
    const call: Call = { args, variables: { PATH, TENDER_DATA: this.dataPath } };
    return new Promise((ended, failed) => {
      const gone = (code: number | null): void => {
        failed(new Error(`the kept tender ended with ${code ?? 'a signal'}`));
      };
      child.once('exit', gone).once('message', (answer) => {
        child.off('exit', gone);
        ended(answer as EndedProgram);
      });
      child.send(call);
    });
  }

  async end(): Promise<void> {
    const { child } = this;
    if (child?.connected !== true) return;
    const gone = new Promise((ended) => child.once('exit', ended));
    child.disconnect();
    await gone;
  }
}
