/** Keys that are remembered; of more, the oldest are forgotten, and come again as if they were new. */
export const MAX_UNRESOLVED_KEYS = 10_000;

/**
 * Keys whose last call left a question, so that the same key again is known as a search. It decides about fairness only:
 * a process that has just started knows none, and its first re-sends stand in the line of the new charges.
 */
export class UnresolvedKeys {
  private readonly keys = new Set<string>();

  has(key: string): boolean {
    return this.keys.has(key);
  }

  ended(key: string | undefined, isUnresolved: boolean): void {
    if (key === undefined) return;
    this.keys.delete(key);
    if (!isUnresolved) return;
    this.keys.add(key);
    const [oldest = key] = this.keys;
    if (this.keys.size > MAX_UNRESOLVED_KEYS) this.keys.delete(oldest);
  }
}
