interface Entry<Item> {
  readonly item: Item;
  readonly reject: (error: unknown) => void;
}

/**
 * One bounded queue a stream: the items of a stream are worked on one group after another, those of different
 * streams side by side. A stream without waiting items takes no memory.
 */
export class StreamQueues<Item> {
  private readonly waiting = new Map<string, Entry<Item>[]>();

  /**
   * @param work gets a group that waited together, in order of arrival, and answers every item itself; when it
   * throws, the group's items are rejected and the next group is worked on
   */
  constructor(
    private readonly limits: { readonly maxWaiting: number; readonly maxTogether: number },
    private readonly work: (stream: string, together: readonly Item[]) => Promise<void>,
  ) {}

  /** @returns false when the stream's queue is full: the item was not taken */
  add(stream: string, item: Item, reject: (error: unknown) => void): boolean {
    const queue = this.waiting.get(stream);
    if (queue !== undefined) {
      if (queue.length >= this.limits.maxWaiting) return false;
      queue.push({ item, reject });
      return true;
    }
    const started: Entry<Item>[] = [{ item, reject }];
    this.waiting.set(stream, started);
    void this.drain(stream, started);
    return true;
  }

  private async drain(stream: string, queue: Entry<Item>[]): Promise<void> {
    while (queue.length > 0) {
      const together = queue.splice(0, this.limits.maxTogether);
      try {
        await this.work(
          stream,
          together.map(({ item }) => item),
        );
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    this.waiting.delete(stream);
  }
}
