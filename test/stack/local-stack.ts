import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(__dirname, '../../dist/apps/local/src/main.js');
const START_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 20;

/** Starts and stops of whole stacks take this long at the most on a machine that does much else, ms. */
export const STACK_HOOK_TIMEOUT_MS = START_WITHIN_MS + 30_000;

const FREE_PORTS = { PORT: '0', STRIPE_SIM_PORT: '0', ADYEN_SIM_PORT: '0' };

export type ProcessName =
  | 'api'
  | 'worker'
  | `worker-${number}`
  | 'psp-simulator'
  | 'redis'
  | 'read-store'
  | 'event-store';

/** What the stack tells of itself in its data directory. */
export interface Running {
  readonly pid: number;
  readonly apiUrl: string;
  readonly stripeUrl: string;
  readonly adyenUrl: string;
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  readonly processes: Readonly<Partial<Record<ProcessName, number>>>;
}

export interface Stopped {
  readonly exitCode: number | null;
  readonly tookMs: number;
}

export type Variables = Readonly<Record<string, string>>;

/** A new, empty data directory under the system's folder for such things. */
export const newDataDirectory = (): string => mkdtempSync(join(tmpdir(), 'tender-stack-'));

/** What `npm start` runs, as a process of its own with its children: the compiled programs on free ports. */
export class LocalStack {
  private constructor(
    readonly dataPath: string,
    /** Until it was ready, ms. */
    readonly readyAfterMs: number,
    private readonly main: ChildProcess,
    private readonly printed: string[],
    private readonly exited: Promise<number | null>,
  ) {}

  /**
   * @param variables for every process of the stack
   * @throws when nothing is compiled, or when the stack does not become ready
   */
  static async start(dataPath: string, variables: Variables = {}): Promise<LocalStack> {
    if (!existsSync(MAIN)) {
      throw new Error(
        'The programs are not compiled: run `npm run build` first (`npm test` does it by itself).',
      );
    }
    const startedAt = performance.now();
    const { PATH, HOME, TMPDIR } = process.env;
    const main = fork(MAIN, [], {
      execArgv: ['--enable-source-maps'],
      env: { PATH, HOME, TMPDIR, ...FREE_PORTS, TENDER_DATA: dataPath, ...variables },
      // a process group of its own, as a terminal gives to every program: a signal can reach all of it
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const printed: string[] = [];
    for (const stream of [main.stdout, main.stderr]) {
      stream?.on('data', (text: Buffer) => printed.push(text.toString('utf8')));
    }
    const exited = new Promise<number | null>((ended) => main.once('exit', ended));
    while (runningOn(dataPath)?.pid !== main.pid) {
      const lateness = performance.now() - startedAt;
      if (main.exitCode !== null || main.signalCode !== null || lateness > START_WITHIN_MS) {
        main.kill('SIGKILL');
        throw new Error(`the stack did not become ready:\n${printed.join('')}\n${logsOf(dataPath)}`);
      }
      await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    }
    return new LocalStack(dataPath, performance.now() - startedAt, main, printed, exited);
  }

  get running(): Running {
    const running = runningOn(this.dataPath);
    if (running === undefined) throw new Error('the stack does not run');
    return running;
  }

  /** Everything that it has printed so far. */
  get output(): string {
    return this.printed.join('');
  }

  pidOf(name: ProcessName): number {
    const pid = this.running.processes[name];
    if (pid === undefined) throw new Error(`${name} does not run now`);
    return pid;
  }

  /** As an operating system that needs the memory, or a machine that fails, would end it. */
  kill(name: ProcessName): void {
    process.kill(this.pidOf(name), 'SIGKILL');
  }

  /** SIGTERM to the stack alone, as a service manager sends it. */
  stop(): Promise<Stopped> {
    return this.endBy(() => this.main.kill('SIGTERM'));
  }

  /** Ctrl-C: the terminal sends SIGINT to every process of the group. */
  interrupt(): Promise<Stopped> {
    return this.endBy(() => process.kill(-(this.main.pid ?? 0), 'SIGINT'));
  }

  /** For clean-up: whatever state it is in, nothing of it is left. */
  async destroy(): Promise<void> {
    await this.stop();
    rmSync(this.dataPath, { recursive: true, force: true });
  }

  private async endBy(signal: () => void): Promise<Stopped> {
    const askedAt = performance.now();
    if (this.main.exitCode === null && this.main.signalCode === null) signal();
    const exitCode = await this.exited;
    return { exitCode, tookMs: performance.now() - askedAt };
  }
}

function runningOn(dataPath: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(join(dataPath, 'running.json'), 'utf8')) as Running;
  } catch {
    return undefined; // not there yet, or not any more
  }
}

const LAST_CHARACTERS = 1_000;

function logsOf(dataPath: string): string {
  return ['api', 'worker', 'event-store', 'read-store', 'psp-simulator']
    .map((name) => join(dataPath, 'logs', `${name}.log`))
    .filter((file) => existsSync(file))
    .map((file) => `--- ${file}\n${readFileSync(file, 'utf8').slice(-LAST_CHARACTERS)}`)
    .join('\n');
}
