import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LoadDone, LoadOrder, LoadProgress } from './load-generator';
import type { Summary } from './percentiles';
import type { Usage } from './process-usage';
import { UsageMeter } from './process-usage';
import { startProgress } from './progress';

export interface LoadRun {
  readonly lateness: Summary;
  /** From the first to the last moment of the load, answers included; the generator's is under its own name. */
  readonly usage: ReadonlyMap<string, Usage>;
}

export const GENERATOR = 'load generator';

type Message = LoadProgress | LoadDone | { readonly kind: 'ready' };

/**
 * Generates load in a process of its own, so that neither side's pauses are the other's.
 *
 * @param pids of the processes to be measured meanwhile
 */
export function runLoad(what: string, order: LoadOrder, pids: ReadonlyMap<string, number>): Promise<LoadRun> {
  const child = fork(join(__dirname, 'generator-process.js'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const progress = startProgress(what, order.plan.seconds * 1000);
  return new Promise<LoadRun>((resolve, reject) => {
    let meter: UsageMeter | undefined;
    child.on('message', (message: Message) => {
      switch (message.kind) {
        case 'ready':
          meter = new UsageMeter(new Map([...pids, [GENERATOR, child.pid ?? 0]]));
          child.send(order);
          break;
        case 'progress': {
          const { elapsedMs, sent, answered, failed } = message;
          const open = sent - answered;
          progress.update(elapsedMs, `${answered} answered, ${open} in flight, ${failed} errors`);
          break;
        }
        case 'done':
          try {
            resolve({ lateness: message.lateness, usage: meter?.stop() ?? new Map<string, Usage>() });
          } catch (error) {
            reject(new Error('a process ended while it was measured', { cause: error }));
          }
          break;
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the load generator ended with ${signal ?? code ?? 'nothing'}`));
    });
  }).finally(() => {
    progress.stop();
    child.kill('SIGKILL');
  });
}
