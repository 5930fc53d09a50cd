/** The requests that are being executed, or wait until it is their time. */
export class InProgress {
  /** Set when the process is to look as if killed: what is not executed yet never is. */
  dead = false;
  private count = 0;
  private onDrained: (() => void) | undefined;

  /** The request is in progress until then; a process that dies meanwhile has executed nothing. */
  after(ms: number, act: () => void): void {
    if (ms < 0.5) {
      act();
      return;
    }
    this.count += 1;
    setTimeout(() => {
      if (!this.dead) act();
      this.count -= 1;
      if (this.count === 0) this.onDrained?.();
    }, ms);
  }

  /** Calls `done` when no request is being executed or waited for any more. */
  drained(done: () => void): void {
    if (this.count === 0) done();
    else this.onDrained = done;
  }
}
