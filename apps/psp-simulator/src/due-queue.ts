interface Due<T> {
  readonly atMs: number;
  readonly order: number;
  readonly item: T;
}

const isBefore = (one: Due<unknown>, other: Due<unknown>): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/**
 * What is to be done later, the earliest first, equals in the order of their numbers. A binary heap: a receiver that is
 * away for a minute leaves thousands waiting, and a sorted list would be sorted again for each.
 */
export class DueQueue<T> {
  private readonly heap: Due<T>[] = [];

  get first(): T | undefined {
    return this.heap[0]?.item;
  }

  add(atMs: number, order: number, item: T): void {
    const added: Due<T> = { atMs, order, item };
    let at = this.heap.length;
    this.heap.push(added);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.heap[parent];
      if (above === undefined || !isBefore(added, above)) break;
      this.heap[at] = above;
      at = parent;
    }
    this.heap[at] = added;
  }

  take(): T | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (top === undefined || last === undefined || this.heap.length === 0) return top?.item;
    let at = 0;
    for (;;) {
      const left = this.heap[2 * at + 1];
      const right = this.heap[2 * at + 2];
      if (left === undefined) break;
      const [child, next] =
        right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (!isBefore(child, last)) break;
      this.heap[at] = child;
      at = next;
    }
    this.heap[at] = last;
    return top.item;
  }

  clear(): void {
    this.heap.length = 0;
  }
}
