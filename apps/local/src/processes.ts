import { join } from 'node:path';
import { Child, type Ready } from './child';

/** The root of the compiled tree: this file is `dist/apps/local/src/processes.js`. */
const DIST = join(__dirname, '..', '..', '..');

/** Everything is stopped within this time, ms. Whoever needs longer is killed, which costs nobody a payment. */
const STOP_WITHIN_MS = 4_500;
/** Of it, kept for each step that is still to come, ms. */
const STOP_RESERVE_MS = 250;

export interface ProcessesOptions {
  readonly logFolder: string;
  /** Adds to every process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly progress: (text: string) => void;
}

/** The processes of one stack by name, each kept running until all are stopped. */
export class Processes {
  private readonly children = new Map<string, Child>();
  /** Told when a process has a new id. */
  onRestarted = (): void => undefined;

  constructor(private readonly options: ProcessesOptions) {}

  /** @param entry file below the root of the compiled tree */
  start(name: string, entry: string, environment: Readonly<Record<string, string>>): Promise<Ready> {
    const child = new Child({
      name,
      entry: join(DIST, entry),
      environment: { ...this.options.environment, ...environment },
      logFile: join(this.options.logFolder, `${name}.log`),
      onRestart: (code, signal) => {
        this.options.progress(`${name} ended with ${signal ?? code ?? 'nothing'} and is started again`);
      },
      onRestarted: () => {
        this.onRestarted();
      },
    });
    this.children.set(name, child);
    return child.start();
  }

  /** Of those that run now. */
  pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.children].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])),
    );
  }

  /** Step by step; those of one step at once. */
  async stop(steps: readonly (readonly string[])[]): Promise<void> {
    const deadlineMs = performance.now() + STOP_WITHIN_MS;
    for (const [index, names] of steps.entries()) {
      const reserveMs = (steps.length - 1 - index) * STOP_RESERVE_MS;
      const withinMs = Math.max(0, deadlineMs - reserveMs - performance.now());
      await Promise.all(names.map((name) => this.stopOne(name, withinMs)));
    }
  }

  private async stopOne(name: string, withinMs: number): Promise<void> {
    const how = await this.children.get(name)?.stop(withinMs);
    if (how === 'killed') this.options.progress(`${name} took too long to stop and was killed`);
    else if (how === 'stopped') this.options.progress(`${name} stopped`);
  }
}
