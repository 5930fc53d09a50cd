import type { RecordedEvent } from './log';

/**
 * The port to consumer groups: several processes share the events of some streams, and each event stays somebody's
 * until it is acknowledged. EventStoreDB calls it a persistent subscription. Two implementations keep one contract
 * (test/contract/eventstore).
 */

export interface GroupDelivery {
  /** What it is acknowledged by. */
  readonly id: string;
  readonly event: RecordedEvent;
  /**
   * Proven: nobody, in no process, was given this event before. False wherever that cannot be known, never true by a
   * clock or a lease: see docs/adr/0011. An event whose delivery says true is said so of once.
   */
  readonly first: boolean;
}

/**
 * One consumer's place in a group. At least once: what is not acknowledged comes again, here or elsewhere. The events of a
 * stream go to one consumer while that one stays (the group is pinned by stream), and in order as long as nothing comes
 * again. The first batch comes when the group has let this consumer in, and may be empty.
 *
 * Throws `SubscriptionDropped` out of the iterator when the server ends it; what was delivered and not acknowledged then
 * belongs to others. Leaving a `for await` loop closes it.
 */
export interface GroupSubscription extends AsyncIterable<readonly GroupDelivery[]> {
  /** Its effects are done. Sent together with others a moment later; if that is lost, the event comes again. */
  acknowledge(delivery: GroupDelivery): void;
  /** Leaves the group, after what was acknowledged is sent: what is left goes to the others at once. */
  close(): Promise<void>;
}

export interface JoinGroup {
  /** The first to join it makes the group, from the start of the log. Its filter is that of whoever made it. */
  readonly group: string;
  readonly prefixes: readonly string[];
  /** Deliveries that this consumer may have without having acknowledged one. */
  readonly maxUnacknowledged: number;
}

export interface ConsumerGroups {
  join(options: JoinGroup): GroupSubscription;
  /** Events that the group has laid aside and delivers to nobody; 0 also when there is no such group. */
  parked(group: string): Promise<number>;
  /** Delivers what was laid aside again. */
  driveParked(group: string): Promise<void>;
}
