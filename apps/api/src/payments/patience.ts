/**
 * Ends waits early when the process is told to stop: a caller is then answered with the present state, which is worth
 * more than a connection that breaks. A set of callbacks, since racing many promises against one that lives as long as
 * the process would keep all of them.
 */
export class Patience {
  private readonly waiting = new Set<() => void>();
  private over = false;

  /** What is waited for, or undefined when patience ends first. */
  atMost<T>(awaited: Promise<T | undefined>): Promise<T | undefined> {
    if (this.over) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        resolve(undefined);
      };
      this.waiting.add(giveUp);
      awaited.then(resolve, reject).finally(() => this.waiting.delete(giveUp));
    });
  }

  end(): void {
    this.over = true;
    for (const giveUp of this.waiting) giveUp();
    this.waiting.clear();
  }
}
