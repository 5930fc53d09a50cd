import {
  EventStoreDBClient,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToAllResolvedEvent,
} from '@eventstore/db-client';
import { Codec } from './codec';
import { GroupDelivery, GroupSubscription } from './consumer-groups';
import { isGroupMissing, reasonOf } from './esdb-errors';
import { EsdbReader, toStored } from './esdb-reader';
import { SubscriptionDropped } from './failures';
import { DEFAULT_BATCH_EVENTS } from './limits';
import { comparePositions, Position } from './log';
import { ReaderSignal } from './reader-signal';

/** One message acknowledges this many events; a message an event would cost both sides more than the event does. */
const MAX_IDS_PER_ACK = 500;
/** How long an acknowledgement waits for others, ms. */
const ACK_WITHIN_MS = 20;

export interface EsdbGroupSubscriptionOptions {
  readonly client: EventStoreDBClient;
  readonly reader: EsdbReader;
  readonly codec: Codec;
  readonly group: string;
  readonly maxUnacknowledged: number;
  /** Makes the group; it may be there already. */
  readonly make: () => Promise<void>;
  readonly onClosed: (subscription: EsdbGroupSubscription) => void;
}

/** A consumer of a persistent subscription. Takes whatever has arrived in one go, and acknowledges in bulk. */
export class EsdbGroupSubscription implements GroupSubscription, AsyncIterator<readonly GroupDelivery[]> {
  private source: PersistentSubscriptionToAll | undefined;
  /**
   * The end of the log as it was after the group had let this consumer in; undefined until it is known. What lies up to
   * it may have been given to others by an earlier life of the server, whose deliveries nobody counts any more.
   */
  private end: Position | 'empty_log' | undefined;
  private entered = false;
  private closed = false;
  private stopped = false;
  private failure: Error | undefined;
  private readonly signal = new ReaderSignal();
  private acknowledged: string[] = [];
  private flushing: NodeJS.Timeout | undefined;

  constructor(private readonly options: EsdbGroupSubscriptionOptions) {
    this.open(true);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly GroupDelivery[]> {
    return this;
  }

  async next(): Promise<IteratorResult<readonly GroupDelivery[]>> {
    for (;;) {
      if (this.closed) return { done: true, value: undefined };
      const batch = this.take();
      if (batch !== undefined) return { done: false, value: batch };
      if (this.failure !== undefined) throw this.failure;
      await this.signal.wait();
    }
  }

  async return(): Promise<IteratorResult<readonly GroupDelivery[]>> {
    await this.close();
    return { done: true, value: undefined };
  }

  acknowledge({ id }: GroupDelivery): void {
    if (this.closed || this.failure !== undefined) return;
    this.acknowledged.push(id);
    if (this.acknowledged.length >= MAX_IDS_PER_ACK) this.flush();
    else
      this.flushing ??= setTimeout(() => {
        this.flush();
      }, ACK_WITHIN_MS);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.options.onClosed(this);
    this.signal.now();
    await this.release();
  }

  private open(mayBeMissing: boolean): void {
    const { client, group, maxUnacknowledged } = this.options;
    const source = client.subscribeToPersistentSubscriptionToAll(
      group,
      { bufferSize: maxUnacknowledged },
      { highWaterMark: maxUnacknowledged },
    );
    this.source = source;
    source.on('confirmation', () => void this.findEnd());
    source.on('readable', () => {
      this.signal.soon();
    });
    source.on('error', (error) => {
      if (mayBeMissing && isGroupMissing(error)) void this.makeAndOpen();
      else this.fail(error);
    });
    source.on('end', () => {
      this.fail(new Error('the server ended it'));
    });
  }

  private async makeAndOpen(): Promise<void> {
    try {
      await this.options.make();
      if (!this.closed) this.open(false);
    } catch (error) {
      this.fail(error);
    }
  }

  /** On the connection that the group confirmed: another node might not yet know what this one delivers. */
  private async findEnd(): Promise<void> {
    try {
      this.end = (await this.options.reader.lastPosition()) ?? 'empty_log';
      this.signal.now();
    } catch (error) {
      this.fail(error);
      await this.release();
    }
  }

  private take(): readonly GroupDelivery[] | undefined {
    const { source, end } = this;
    if (source === undefined || end === undefined || this.stopped || this.failure !== undefined)
      return undefined;
    const deliveries: GroupDelivery[] = [];
    while (deliveries.length < DEFAULT_BATCH_EVENTS) {
      const resolved = source.read() as PersistentSubscriptionToAllResolvedEvent | null;
      if (resolved === null || !this.accept(resolved, end, deliveries)) break;
    }
    if (deliveries.length === 0 && this.entered) return undefined;
    this.entered = true;
    return deliveries;
  }

  /** An event that cannot be decoded ends the batch before it, and the subscription after that batch. */
  private accept(
    { event, link, retryCount }: PersistentSubscriptionToAllResolvedEvent,
    end: Position | 'empty_log',
    deliveries: GroupDelivery[],
  ): boolean {
    if (event === undefined) return true; // an event that was deleted: there is nothing left to do about it
    try {
      const decoded = this.options.codec.decode(toStored(event, event.position));
      const isNew = end === 'empty_log' || comparePositions(event.position, end) > 0;
      // a parked event that is driven again comes through a link, with its retries forgotten
      const first = isNew && retryCount === 0 && link === undefined;
      deliveries.push({ id: (link ?? event).id, event: decoded, first });
      return true;
    } catch (error) {
      this.stopped = true;
      this.failure = error instanceof Error ? error : new Error(String(error));
      void this.release();
      return false;
    }
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    const ids = this.acknowledged;
    if (ids.length === 0 || this.source === undefined || this.failure !== undefined) return;
    this.acknowledged = [];
    // the client reads no more of an event than its id
    const events = ids.map((id) => ({ event: { id } }) as PersistentSubscriptionToAllResolvedEvent);
    // a message that is lost is an event that comes again; that the connection is lost is told by its own error
    this.source.ack(...events).catch(() => undefined);
  }

  private fail(error: unknown): void {
    this.failure ??= new SubscriptionDropped(reasonOf(error), { cause: error });
    this.signal.now();
  }

  private async release(): Promise<void> {
    const { source } = this;
    clearTimeout(this.flushing);
    if (source === undefined) return;
    // rejects when the call was never opened: then there is nothing to cancel
    await source.unsubscribe().catch(() => undefined);
    source.destroy();
  }
}
