import { fork, type ChildProcess } from 'node:child_process';
import { RotatingLog } from './rotating-log';

export interface ChildOptions {
  readonly name: string;
  /** Compiled entry file. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Told when the process ended by itself and is started again. */
  readonly onRestart: (code: number | null, signal: NodeJS.Signals | null) => void;
  /** Told when a restarted process has its new id. */
  readonly onRestarted: () => void;
}

/** What a child prints on stdout as its first line when it can be used. */
export type Ready = Readonly<Record<string, unknown>> & { readonly ready: true };

const READY_WITHIN_MS = 60_000;
const RESTART_AFTER_MS = 250;
const RESTART_AT_MOST_AFTER_MS = 10_000;
/** A run this long counts as healthy: the next restart is quick again. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * One process of the stack, kept running: Tender's processes are crash-only, so whoever starts them has to start
 * them again. The environment of a restart may be changed, so that a server comes back on its port.
 */
export class Child {
  private process: ChildProcess | undefined;
  private stopping = false;
  private restarts = 0;
  private readonly log: RotatingLog;

  constructor(private readonly options: ChildOptions) {
    this.log = new RotatingLog(options.logFile);
  }

  /** Undefined while no process runs: the id of a dead one may belong to somebody else by now. */
  get pid(): number | undefined {
    return this.isRunning(this.process) ? this.process.pid : undefined;
  }

  /** Resolves with the ready line of the first start; rejects when the process ends before it. */
  start(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.spawn(resolve, reject);
    });
  }

  /** SIGTERM, and SIGKILL to whoever does not end within the time. Answers whether that was needed. */
  async stop(withinMs: number): Promise<'stopped' | 'killed'> {
    this.stopping = true;
    const child = this.process;
    let how: 'stopped' | 'killed' = 'stopped';
    if (this.isRunning(child)) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const cut = setTimeout(() => {
        how = 'killed';
        child.kill('SIGKILL');
      }, withinMs);
      await gone;
      clearTimeout(cut);
    }
    await this.log.close();
    return how;
  }

  private isRunning(child: ChildProcess | undefined): child is ChildProcess {
    return child?.exitCode === null && child.signalCode === null;
  }

  private spawn(onReady: (ready: Ready) => void, onFailure: (error: Error) => void): void {
    const { name, entry, environment } = this.options;
    const startedAt = Date.now();
    const child = fork(entry, [], {
      env: { ...process.env, ...environment, TENDER_SUPERVISED: '1' },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.process = child;
    let ready = false;
    let firstLines = '';
    const late = setTimeout(() => {
      onFailure(
        new Error(
          `${name} did not become ready within ${READY_WITHIN_MS / 1000} s; see ${this.options.logFile}`,
        ),
      );
    }, READY_WITHIN_MS);
    late.unref();
    child.stderr?.on('data', (text: Buffer) => {
      this.log.write(text);
    });
    child.stdout?.on('data', (text: Buffer) => {
      this.log.write(text);
      if (ready) return;
      firstLines += text.toString('utf8');
      const line = readyLine(firstLines);
      if (line === undefined) return;
      ready = true;
      clearTimeout(late);
      onReady(line);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      if (this.stopping) return;
      if (!ready && this.restarts === 0) {
        onFailure(
          new Error(`${name} ended with ${signal ?? code ?? 'nothing'}; see ${this.options.logFile}`),
        );
        return;
      }
      this.restarts = Date.now() - startedAt > HEALTHY_AFTER_MS ? 1 : this.restarts + 1;
      this.options.onRestart(code, signal);
      const afterMs = Math.min(RESTART_AFTER_MS * 2 ** (this.restarts - 1), RESTART_AT_MOST_AFTER_MS);
      setTimeout(() => {
        if (this.stopping) return;
        this.spawn(ignore, ignore);
        this.options.onRestarted();
      }, afterMs);
    });
  }
}

const ignore = (): void => undefined;

function readyLine(text: string): Ready | undefined {
  for (const line of text.split('\n').slice(0, -1)) {
    if (!line.startsWith('{"ready":true')) continue;
    return JSON.parse(line) as Ready;
  }
  return undefined;
}
