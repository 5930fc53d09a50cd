import { readFileSync } from 'node:fs';
import { cpuMsOf, residentBytesOf } from './proc-files';

/** What one process used between the start and the end of a measurement. */
export interface Usage {
  readonly cpuMs: number;
  readonly startBytes: number;
  readonly peakBytes: number;
  readonly endBytes: number;
}

interface Watched {
  readonly pid: number;
  readonly cpuMsAtStart: number;
  readonly startBytes: number;
  peakBytes: number;
}

const LOOK_EVERY_MS = 500;

/** Watches processes of this machine through `/proc`. A process that is restarted meanwhile makes the figures void. */
export class UsageMeter {
  private readonly watched = new Map<string, Watched>();
  private readonly timer: NodeJS.Timeout;

  constructor(pids: ReadonlyMap<string, number>) {
    for (const [name, pid] of pids) {
      const startBytes = residentBytes(pid);
      this.watched.set(name, { pid, cpuMsAtStart: cpuMs(pid), startBytes, peakBytes: startBytes });
    }
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS);
  }

  /** @throws when a process has ended */
  stop(): ReadonlyMap<string, Usage> {
    clearInterval(this.timer);
    this.look();
    return new Map(
      [...this.watched].map(([name, { pid, cpuMsAtStart, startBytes, peakBytes }]) => [
        name,
        { cpuMs: cpuMs(pid) - cpuMsAtStart, startBytes, peakBytes, endBytes: residentBytes(pid) },
      ]),
    );
  }

  private look(): void {
    for (const process of this.watched.values()) {
      try {
        process.peakBytes = Math.max(process.peakBytes, residentBytes(process.pid));
      } catch {
        // gone: the end of the measurement says so
      }
    }
  }
}

const cpuMs = (pid: number): number => cpuMsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const residentBytes = (pid: number): number => residentBytesOf(readFileSync(`/proc/${pid}/status`, 'utf8'));
