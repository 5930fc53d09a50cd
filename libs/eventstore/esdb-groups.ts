import {
  EventStoreDBClient,
  PersistentSubscriptionToAllSettings,
  persistentSubscriptionToAllSettingsFromDefaults,
  PINNED,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { Codec } from './codec';
import { ConsumerGroups, GroupSubscription, JoinGroup } from './consumer-groups';
import { isGroupMissing, isGroupThere, reasonOf } from './esdb-errors';
import { EsdbGroupSubscription } from './esdb-group-subscription';
import { EsdbReader } from './esdb-reader';
import { EventLogUnavailable } from './failures';
import { GROUP_MESSAGE_TIMEOUT_MS, MAX_UNACKNOWLEDGED } from './limits';

/** The largest number of the protocol: giving up on an event, and parking it, would be losing a payment in silence. */
const RETRIES_UNLIMITED = 2 ** 31 - 1;
/** Above what the consumers of a small fleet can hold together, so that a full one does not hold up the others. */
const BUFFERED_EVENTS = 4 * MAX_UNACKNOWLEDGED;
const READ_AHEAD_EVENTS = 500;
/** How many acknowledged events a restart of the server delivers again, at the most and usually. */
const CHECKPOINT_EVERY_EVENTS_AT_MOST = 1_000;
const CHECKPOINT_EVERY_EVENTS = 100;
const CHECKPOINT_EVERY_MS = 2_000;

export const groupSettings = (): PersistentSubscriptionToAllSettings =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: START,
    consumerStrategyName: PINNED,
    messageTimeout: GROUP_MESSAGE_TIMEOUT_MS,
    maxRetryCount: RETRIES_UNLIMITED,
    liveBufferSize: BUFFERED_EVENTS,
    historyBufferSize: BUFFERED_EVENTS,
    readBatchSize: READ_AHEAD_EVENTS,
    checkPointAfter: CHECKPOINT_EVERY_MS,
    checkPointLowerBound: CHECKPOINT_EVERY_EVENTS,
    checkPointUpperBound: CHECKPOINT_EVERY_EVENTS_AT_MOST,
  });

/** Groups as persistent subscriptions to `$all`, which the server keeps and shares out. */
export class EsdbGroups implements ConsumerGroups {
  private readonly subscriptions = new Set<EsdbGroupSubscription>();

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly reader: EsdbReader,
    private readonly codec: Codec,
  ) {}

  join({ group, prefixes, maxUnacknowledged }: JoinGroup): GroupSubscription {
    const subscription = new EsdbGroupSubscription({
      client: this.client,
      reader: this.reader,
      codec: this.codec,
      group,
      maxUnacknowledged,
      make: () => this.make(group, prefixes),
      onClosed: (closed) => this.subscriptions.delete(closed),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  async parked(group: string): Promise<number> {
    try {
      const { stats } = await this.client.getPersistentSubscriptionToAllInfo(group);
      return Number(stats.parkedMessageCount);
    } catch (error) {
      if (isGroupMissing(error)) return 0;
      throw new EventLogUnavailable('parked', reasonOf(error), { cause: error });
    }
  }

  async driveParked(group: string): Promise<void> {
    try {
      await this.client.replayParkedMessagesToAll(group);
    } catch (error) {
      throw new EventLogUnavailable('driveParked', reasonOf(error), { cause: error });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  private async make(group: string, prefixes: readonly string[]): Promise<void> {
    try {
      const filter = streamNameFilter({ prefixes: [...prefixes] });
      await this.client.createPersistentSubscriptionToAll(group, groupSettings(), { filter });
    } catch (error) {
      // another process was quicker
      if (!isGroupThere(error)) throw error;
    }
  }
}
