/**
 * One read of a thing at a time: whoever asks while one is under way shares the next one with all others who do. So an
 * answer is never older than its question, and many who ask at once cost two reads. A read that fails fails those who
 * share it.
 */
export class SharedReads<Value> {
  private readonly underWay = new Map<string, Promise<Value>>();
  private readonly next = new Map<string, Promise<Value>>();

  constructor(private readonly read: (key: string) => Promise<Value>) {}

  get(key: string): Promise<Value> {
    const current = this.underWay.get(key);
    if (current === undefined) return this.begin(key);
    const known = this.next.get(key);
    if (known !== undefined) return known;
    const begin = (): Promise<Value> => {
      this.next.delete(key);
      return this.begin(key);
    };
    const next = current.then(begin, begin);
    this.next.set(key, next);
    return next;
  }

  /** Keys that somebody waits for. */
  get size(): number {
    return this.underWay.size;
  }

  private begin(key: string): Promise<Value> {
    const reading = this.read(key);
    this.underWay.set(key, reading);
    const end = (): void => {
      if (!this.next.has(key)) this.underWay.delete(key);
    };
    reading.then(end, end);
    return reading;
  }
}
