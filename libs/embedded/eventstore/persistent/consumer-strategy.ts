import { Consumer } from './consumer';

export type Choice = Consumer | 'all full' | 'its consumer is full';

/** Which consumer gets the next event; it is told who comes and goes. */
export interface ConsumerStrategy {
  choose(sourceStream: string): Choice;
  add(consumer: Consumer): void;
  remove(consumer: Consumer): void;
}

/** The first consumer gets everything until it is full. */
class DispatchToSingle implements ConsumerStrategy {
  protected readonly consumers: Consumer[] = [];

  choose(_sourceStream: string): Choice {
    const free = this.consumers.findIndex((consumer) => consumer.freeSlots > 0);
    if (free < 0) return 'all full';
    for (let passed = 0; passed < free; passed += 1) this.rotate();
    return this.consumers[0] ?? 'all full';
  }

  add(consumer: Consumer): void {
    this.consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    const index = this.consumers.indexOf(consumer);
    if (index >= 0) this.consumers.splice(index, 1);
  }

  protected rotate(): void {
    const first = this.consumers.shift();
    if (first !== undefined) this.consumers.push(first);
  }
}

/** Each in turn that has a free slot. */
class RoundRobin extends DispatchToSingle {
  override choose(sourceStream: string): Choice {
    const choice = super.choose(sourceStream);
    if (typeof choice !== 'string') this.rotate();
    return choice;
  }
}

/** As on EventStoreDB: a stream falls in one of these buckets, a bucket sticks to a consumer while that one is connected. */
export const PINNED_BUCKETS = 1_024;

class Pinned implements ConsumerStrategy {
  private readonly owners = new Array<Consumer | undefined>(PINNED_BUCKETS).fill(undefined);
  private readonly bucketCounts = new Map<Consumer, number>();

  choose(sourceStream: string): Choice {
    const bucket = hash(sourceStream) % PINNED_BUCKETS;
    const owner = this.owners[bucket] ?? this.assign(bucket);
    if (owner === undefined) return 'all full';
    return owner.freeSlots > 0 ? owner : 'its consumer is full';
  }

  add(consumer: Consumer): void {
    this.bucketCounts.set(consumer, 0);
  }

  remove(consumer: Consumer): void {
    this.bucketCounts.delete(consumer);
    for (const [bucket, owner] of this.owners.entries()) {
      if (owner === consumer) this.owners[bucket] = undefined;
    }
  }

  private assign(bucket: number): Consumer | undefined {
    let least: Consumer | undefined;
    let leastBuckets = Infinity;
    for (const [consumer, buckets] of this.bucketCounts) {
      if (buckets >= leastBuckets) continue;
      least = consumer;
      leastBuckets = buckets;
    }
    if (least === undefined) return undefined;
    this.owners[bucket] = least;
    this.bucketCounts.set(least, leastBuckets + 1);
    return least;
  }
}

const STRATEGIES: ReadonlyMap<string, () => ConsumerStrategy> = new Map([
  ['DispatchToSingle', (): ConsumerStrategy => new DispatchToSingle()],
  ['RoundRobin', (): ConsumerStrategy => new RoundRobin()],
  ['Pinned', (): ConsumerStrategy => new Pinned()],
]);

/** In the order of the numbers that older clients send. */
export const strategyNames: readonly string[] = [...STRATEGIES.keys()];

export function createStrategy(name: string): ConsumerStrategy {
  const create = STRATEGIES.get(name);
  if (create === undefined) throw new Error(`unknown consumer strategy ${name}`);
  return create();
}

/** FNV-1a: any even spread will do, it is never stored. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
