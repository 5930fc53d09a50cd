import type { Clock } from './timers/clock';

/** Wakes whoever waits for something to change; each looks by itself whether it was what it waits for. */
export class Changes {
  private waiting = new Set<() => void>();

  /** How many wait. */
  get size(): number {
    return this.waiting.size;
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add(resolve);
    });
  }

  /**
   * The next change, or the end of the time if nothing changes before. Whichever it is, nothing of the wait is left:
   * racing against `next` would keep every wait for as long as nothing changes.
   */
  nextWithin(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        resolve();
      };
      const cancel = clock.after(ms, () => {
        this.waiting.delete(wake);
        resolve();
      });
      this.waiting.add(wake);
    });
  }

  tell(): void {
    const { waiting } = this;
    this.waiting = new Set();
    for (const wake of waiting) wake();
  }
}
