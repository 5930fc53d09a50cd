import type { Clock } from '@tender/engine';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. Callbacks run in the order of their times, then of their calls. */
export class VirtualClock implements Clock {
  private entries: Entry[] = [];
  private order = 0;

  constructor(private nowMs = Date.parse('2026-03-01T12:00:00.000Z')) {}

  now(): number {
    return this.nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.nowMs + ms, order: (this.order += 1), run };
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((each) => each !== entry);
    };
  }

  get pending(): number {
    return this.entries.length;
  }

  /** The processes stand still for `ms`, as a stopped or starved one does; what was due meanwhile is late. */
  standStill(ms: number): void {
    this.nowMs += ms;
  }

  /** Lets `ms` pass, and after each callback everything that follows from it without more time. */
  async advance(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    await settle();
    for (;;) {
      const [next] = this.entries
        .filter(({ atMs }) => atMs <= until)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (next === undefined) break;
      this.entries = this.entries.filter((each) => each !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.nowMs = until;
  }
}

/** The clock of one process: when the process is killed, nothing that it had scheduled happens any more. */
export class MortalClock implements Clock {
  private readonly pending = new Set<() => void>();
  private dead = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  after(ms: number, run: () => void): () => void {
    if (this.dead) return () => undefined;
    const cancel = this.clock.after(ms, () => {
      this.pending.delete(cancel);
      run();
    });
    this.pending.add(cancel);
    return () => {
      this.pending.delete(cancel);
      cancel();
    };
  }

  kill(): void {
    this.dead = true;
    for (const cancel of this.pending) cancel();
    this.pending.clear();
  }
}

/** Runs whatever needs no time: promises and what they start. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
