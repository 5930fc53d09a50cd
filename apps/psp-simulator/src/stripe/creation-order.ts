interface Created {
  readonly id: string;
  readonly createdMs: number;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

export interface PageQuery {
  readonly limit: number;
  /** Created at or after this, and before that. */
  readonly fromMs: number;
  readonly beforeMs: number;
  readonly startingAfter?: string | undefined;
  readonly endingBefore?: string | undefined;
}

/** Objects in the order of creation, whose times never decrease: what a list with cursors pages through. */
export class CreationOrder<T extends Created> {
  private readonly items: T[] = [];
  private readonly positions = new Map<string, number>();

  get size(): number {
    return this.items.length;
  }

  get(id: string): T | undefined {
    const position = this.positions.get(id);
    return position === undefined ? undefined : this.items[position];
  }

  /** Adds at the end, or replaces where it stands. */
  put(item: T): void {
    const position = this.positions.get(item.id);
    if (position === undefined) {
      this.positions.set(item.id, this.items.length);
      this.items.push(item);
    } else this.items[position] = item;
  }

  all(): readonly T[] {
    return this.items;
  }

  clear(): void {
    this.items.length = 0;
    this.positions.clear();
  }

  /** Newest first; undefined when the cursor names nothing. */
  page(query: PageQuery, matches: (item: T) => boolean): Page<T> | undefined {
    const cursor = query.startingAfter ?? query.endingBefore;
    const at = cursor === undefined ? undefined : this.positions.get(cursor);
    if (cursor !== undefined && at === undefined) return undefined;
    // positions [low, high) lie within the time bounds
    const low = this.firstCreatedAt(query.fromMs);
    const high = this.firstCreatedAt(query.beforeMs);
    if (query.endingBefore !== undefined) {
      const newer = this.collect(Math.max(low, (at ?? 0) + 1), high, 1, query.limit, matches);
      return { data: newer.data.toReversed(), hasMore: newer.hasMore };
    }
    const from = (at === undefined ? high : Math.min(high, at)) - 1;
    return this.collect(from, low, -1, query.limit, matches);
  }

  private collect(
    from: number,
    end: number,
    step: 1 | -1,
    limit: number,
    matches: (item: T) => boolean,
  ): Page<T> {
    const data: T[] = [];
    for (let n = from; step === 1 ? n < end : n >= end; n += step) {
      const item = this.items[n];
      if (item === undefined) break;
      if (!matches(item)) continue;
      if (data.length === limit) return { data, hasMore: true };
      data.push(item);
    }
    return { data, hasMore: false };
  }

  private firstCreatedAt(ms: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle]?.createdMs ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
