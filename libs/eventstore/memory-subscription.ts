import { Codec } from './codec';
import { SubscriptionDropped } from './failures';
import { Position, RecordedEvent, Subscription, SubscriptionBatch } from './log';
import { MemoryConsumer, MemoryConsumerOptions } from './memory-consumer';
import { MemoryStore } from './memory-store';

/** A server reports how far a filter has looked only now and then; so does this, or readers would come to rely on more. */
const CHECKPOINT_EVENTS = 256;

export interface MemorySubscriptionOptions extends MemoryConsumerOptions {
  readonly store: MemoryStore;
  readonly codec: Codec;
  readonly after: Position | 'start' | 'end';
  readonly prefixes: readonly string[];
  readonly maxBatch: number;
  readonly onClosed: (subscription: MemorySubscription) => void;
}

/**
 * A cursor over the store, without a buffer: gaps and duplicates have no place to come from, and a slow consumer costs
 * nothing.
 */
export class MemorySubscription extends MemoryConsumer<SubscriptionBatch> implements Subscription {
  private cursor: number;
  private position: Position | undefined;
  private live = false;
  private unreported = 0;
  private readonly stopListening: () => void;

  constructor(private readonly options: MemorySubscriptionOptions) {
    super(options);
    const { store, after } = options;
    this.cursor = after === 'start' ? 0 : after === 'end' ? store.size : store.indexAfter(after);
    if (after === 'end') this.position = store.size === 0 ? undefined : store.positionAt(store.size - 1);
    else if (after !== 'start') this.position = after;
    this.stopListening = store.onAppended(() => {
      this.signal();
    });
  }

  close(): Promise<void> {
    this.closed = true;
    this.stopListening();
    this.options.onClosed(this);
    this.signal();
    return Promise.resolve();
  }

  /** Everything already taken stays delivered. */
  drop(reason: string): void {
    this.failure ??= new SubscriptionDropped(reason);
    this.signal();
  }

  protected take(): SubscriptionBatch | undefined {
    const { store } = this.options;
    const events: RecordedEvent[] = [];
    while (this.cursor < store.size && events.length < this.options.maxBatch) {
      if (!this.consider(events)) break;
    }
    const live = this.cursor === store.size && this.failure === undefined;
    const worthTelling = events.length > 0 || live !== this.live || this.unreported >= CHECKPOINT_EVENTS;
    if (!worthTelling || (this.failure !== undefined && events.length === 0)) return undefined;
    this.live = live;
    this.unreported = 0;
    return { events, position: this.position, live };
  }

  /** An event that cannot be decoded ends the batch before it and the subscription after that batch. */
  private consider(events: RecordedEvent[]): boolean {
    const { store, codec, prefixes } = this.options;
    const stream = store.streamAt(this.cursor);
    if (prefixes.some((prefix) => stream.startsWith(prefix))) {
      try {
        events.push(codec.decode(store.at(this.cursor)));
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        return false;
      }
    }
    this.position = store.positionAt(this.cursor);
    this.cursor += 1;
    this.unreported += 1;
    return true;
  }
}
