/** What a subscription's one reader waits for while there is nothing to hand out. */
export class ReaderSignal {
  private wake: (() => void) | undefined;
  private isComing = false;

  /** Resolves at the next call of `now`, or a turn after the next of `soon`. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  now(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }

  /** The client hands on one message per turn: waiting for the end of the turns in hand makes one batch of them. */
  soon(): void {
    if (this.isComing) return;
    this.isComing = true;
    setImmediate(() => {
      this.isComing = false;
      this.now();
    });
  }
}
