import { Codec } from './codec';
import { GroupDelivery, GroupSubscription, JoinGroup } from './consumer-groups';
import { SubscriptionDropped } from './failures';
import { DEFAULT_BATCH_EVENTS } from './limits';
import { MemoryFaults } from './memory-faults';
import { GroupMember, GroupMessage } from './memory-group';
import { MemoryStore } from './memory-store';

export interface MemoryGroupSubscriptionOptions extends JoinGroup {
  readonly store: MemoryStore;
  readonly codec: Codec;
  readonly faults: MemoryFaults;
  readonly turn: () => Promise<void>;
  readonly schedule: (task: () => void) => void;
  readonly onClosed: (subscription: MemoryGroupSubscription) => void;
}

/** A consumer of a group on the memory store. */
export class MemoryGroupSubscription
  implements GroupSubscription, AsyncIterator<readonly GroupDelivery[]>, GroupMember
{
  readonly slots: number;
  private inbox: GroupMessage[] = [];
  /** The end of the log after the group had let this consumer in; undefined until it is known. */
  private end: number | undefined;
  private entered = false;
  private closed = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly options: MemoryGroupSubscriptionOptions) {
    this.slots = options.maxUnacknowledged;
    void this.enter();
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly GroupDelivery[]> {
    return this;
  }

  async next(): Promise<IteratorResult<readonly GroupDelivery[]>> {
    await this.options.turn();
    for (;;) {
      if (this.closed) return { done: true, value: undefined };
      if (this.failure !== undefined) throw this.failure;
      const fault = this.options.faults.deliver?.();
      if (fault === 'dropped') this.drop('fault');
      else if (fault === 'delayed') await this.options.turn();
      else {
        const batch = this.take();
        if (batch !== undefined) return { done: false, value: batch };
        await this.signalled();
      }
    }
  }

  async return(): Promise<IteratorResult<readonly GroupDelivery[]>> {
    await this.close();
    return { done: true, value: undefined };
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

  private take(): readonly GroupDelivery[] | undefined {
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

  private async signalled(): Promise<void> {
    if (this.failure !== undefined) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  private signal(): void {
    const { wake } = this;
    if (wake === undefined) return;
    this.wake = undefined;
    this.options.schedule(wake);
  }
}
