import { Codec } from './codec';
import { GroupDelivery, GroupSubscription, JoinGroup } from './consumer-groups';
import { SubscriptionDropped } from './failures';
import { DEFAULT_BATCH_EVENTS } from './limits';
import { MemoryConsumer, MemoryConsumerOptions } from './memory-consumer';
import { GroupMember, GroupMessage } from './memory-group';
import { MemoryStore } from './memory-store';

export interface MemoryGroupSubscriptionOptions extends JoinGroup, MemoryConsumerOptions {
  readonly store: MemoryStore;
  readonly codec: Codec;
  readonly onClosed: (subscription: MemoryGroupSubscription) => void;
}

/** A consumer of a group on the memory store. */
export class MemoryGroupSubscription
  extends MemoryConsumer<readonly GroupDelivery[]>
  implements GroupSubscription, GroupMember
{
  readonly slots: number;
  private inbox: GroupMessage[] = [];
  /** The end of the log after the group had let this consumer in; undefined until it is known. */
  private end: number | undefined;
  private entered = false;

  constructor(private readonly options: MemoryGroupSubscriptionOptions) {
    super(options);
    this.slots = options.maxUnacknowledged;
    void this.enter();
  }

  acknowledge({ id }: GroupDelivery): void {
    if (this.closed || this.failure !== undefined) return;
    if (this.options.faults.acknowledge?.() === 'lost') return;
    this.options.schedule(() => {
      this.group.acknowledge(id);
    });
  }

  close(): Promise<void> {
    this.closed = true;
    this.options.onClosed(this);
    this.options.schedule(() => {
      this.group.leave(this);
    });
    this.signal();
    return Promise.resolve();
  }

  receive(message: GroupMessage): void {
    this.inbox.push(message);
    this.signal();
  }

  dropped(reason: string): void {
    this.failure ??= new SubscriptionDropped(reason);
    this.signal();
  }

  /** The connection is lost: the server gives what was on it to others. */
  drop(reason: string): void {
    this.dropped(reason);
    this.group.leave(this);
  }

  private get group() {
    const { store, group, prefixes } = this.options;
    return store.group(group, prefixes);
  }

  private async enter(): Promise<void> {
    await this.options.turn();
    if (this.closed) return;
    this.group.enter(this);
    await this.options.turn();
    this.end = this.options.store.size;
    this.signal();
  }

  protected take(): readonly GroupDelivery[] | undefined {
    const { store, codec } = this.options;
    const { end } = this;
    if (end === undefined || this.failure !== undefined) return undefined;
    const deliveries: GroupDelivery[] = [];
    for (const { id, index, replayed, retryCount } of this.inbox.splice(0, DEFAULT_BATCH_EVENTS)) {
      const first = index >= end && retryCount === 0 && !replayed;
      try {
        deliveries.push({ id, event: codec.decode(store.at(index)), first });
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.group.leave(this);
        break;
      }
    }
    if (deliveries.length === 0 && (this.entered || this.failure !== undefined)) return undefined;
    this.entered = true;
    return deliveries;
  }
}
