import type { Clock } from '@tender/engine';
import { timestampOf } from '@tender/engine';

interface Entry {
  readonly due: number;
  run: (() => void) | undefined;
}

/** When simulated time begins. */
const EPOCH_MS = Date.parse('2026-03-01T12:00:00.000Z');
const SECOND_MS = 1_000;
/** Steps between two turns of the real event loop, so that signals and output get through. */
const STEPS_A_TURN = 20_000;

/**
 * The one queue that everything waits in: messages on their way, timers, processes that continue. What is due in the
 * same millisecond runs in an order drawn from the seed. Each step runs alone, and every promise that follows from it
 * is settled before the next one: so a seed is a schedule, and the same seed is the same history.
 */
export class Scheduler implements Clock {
  private readonly heap: Entry[] = [];
  /** Milliseconds since the epoch of the simulation. */
  private nowMs = 0;
  steps = 0;
  /** Once it says so, nothing happens any more. */
  isOver: () => boolean = () => false;

  constructor(private readonly random: () => number) {}

  now(): number {
    return EPOCH_MS + this.nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry: Entry = { due: this.nowMs + Math.max(0, Math.ceil(ms)) + this.random(), run };
    this.push(entry);
    return () => {
      entry.run = undefined;
    };
  }

  /** A message between two machines: mostly at once, sometimes behind many others. */
  deliver(run: () => void): void {
    const luck = this.random();
    this.after(luck < 0.7 ? 0 : luck < 0.97 ? 1 + luck * 4 : 5 + this.random() * 60, run);
  }

  /** Runs everything that is due within `ms`, and moves time there. */
  advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    return this.run(untilMs, () => false).then(() => {
      this.nowMs = Math.max(this.nowMs, untilMs);
    });
  }

  /** Runs until nothing more is said after a step, or `ms` have passed. */
  async advanceUntil(done: () => boolean, ms: number): Promise<void> {
    await this.run(this.nowMs + ms, done);
  }

  private run(untilMs: number, done: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          const next = done() || this.isOver() ? undefined : this.next(untilMs);
          if (next === undefined) {
            resolve();
            return;
          }
          this.steps += 1;
          next();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        if (this.steps % STEPS_A_TURN === 0) setImmediate(step);
        // Node runs a tick only when no microtask is left: a full settling without a turn of the event loop
        else {
          queueMicrotask(() => {
            process.nextTick(step);
          });
        }
      };
      step();
    });
  }

  private next(untilMs: number): (() => void) | undefined {
    for (;;) {
      const entry = this.heap[0];
      if (entry === undefined || entry.due >= untilMs + 1) return undefined;
      this.pop();
      if (entry.run === undefined) continue;
      this.nowMs = Math.max(this.nowMs, Math.floor(entry.due));
      return entry.run;
    }
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.due <= entry.due) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = (heap[left + 1]?.due ?? Infinity) < (heap[left]?.due ?? Infinity) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || below.due >= last.due) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

/** A PSP's own time, which knows no parts of a second, RFC 3339. */
export const secondOf = (clock: Pick<Clock, 'now'>): string =>
  timestampOf(Math.floor(clock.now() / SECOND_MS) * SECOND_MS);
