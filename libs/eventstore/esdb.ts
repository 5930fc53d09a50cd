import { EventStoreDBClient } from '@eventstore/db-client';
import { Codec } from './codec';
import { ConsumerGroups, GroupSubscription, JoinGroup } from './consumer-groups';
import { EsdbAppender } from './esdb-appender';
import { DEFAULT_READ_TIMEOUT_MS, EventStoreOptions, openClient } from './esdb-connection';
import { EsdbGroups } from './esdb-groups';
import { EsdbInspector } from './esdb-inspector';
import { EsdbReader } from './esdb-reader';
import { EsdbSubscription } from './esdb-subscription';
import { AppendRefused, EventLogUnavailable } from './failures';
import { InspectedPage, LogInspection, StreamRules } from './inspection';
import { DEFAULT_BATCH_EVENTS, MAX_BATCH_EVENTS, MAX_PAGE_EVENTS, MAX_UNACKNOWLEDGED } from './limits';
import {
  AllPage,
  AppendOutcome,
  EventLog,
  ExpectedRevision,
  NewEvent,
  Position,
  RecordedEvent,
  Subscription,
} from './log';
import { assertAppendable, assertCount, assertPrefixes } from './preconditions';

/**
 * EventStoreDB 23.10 or later, KurrentDB, or a server that speaks their protocol. Connects on first use, reconnects by
 * itself after an outage. Only one connection that appends per process: see docs/adr/0001.
 */
export function connectEventStore(options: EventStoreOptions): EventLog & ConsumerGroups & LogInspection {
  return new EsdbEventLog(options);
}

class EsdbEventLog implements EventLog, ConsumerGroups, LogInspection {
  private readonly codec: Codec;
  private readonly appender: EsdbAppender | undefined;
  private readonly client: EventStoreDBClient;
  private readonly reader: EsdbReader;
  private readonly groups: EsdbGroups;
  private readonly inspector: EsdbInspector;
  private readonly subscriptions = new Set<EsdbSubscription>();
  private closed = false;

  constructor(options: EventStoreOptions) {
    this.codec = options.codec;
    this.appender = options.readOnly === true ? undefined : new EsdbAppender(options);
    this.client = openClient(options, 'read');
    this.reader = new EsdbReader(
      this.client,
      options.codec,
      options.readTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS,
    );
    this.groups = new EsdbGroups(this.client, this.reader, options.codec);
    this.inspector = new EsdbInspector(this.client, this.reader, options.codec);
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendOutcome> {
    assertAppendable(stream, expected, events.length);
    const encoded = events.map((event) => this.codec.encode(event));
    this.assertOpen('append');
    if (this.appender === undefined) throw new AppendRefused(stream, 'this connection is read-only');
    return this.appender.append(stream, expected, encoded);
  }

  async readStream(stream: string, from = 0n): Promise<readonly RecordedEvent[]> {
    this.assertOpen('readStream');
    return this.reader.readStream(stream, from);
  }

  async readAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<AllPage> {
    assertPrefixes(options.prefixes);
    assertCount('maxCount', options.maxCount, MAX_PAGE_EVENTS);
    this.assertOpen('readAll');
    return this.reader.readAll(options.after, options.prefixes, options.maxCount);
  }

  async inspectAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<InspectedPage> {
    assertPrefixes(options.prefixes);
    assertCount('maxCount', options.maxCount, MAX_PAGE_EVENTS);
    this.assertOpen('inspectAll');
    return this.inspector.inspectAll(options.after, options.prefixes, options.maxCount);
  }

  async streamRules(stream: string): Promise<StreamRules> {
    this.assertOpen('streamRules');
    return this.inspector.streamRules(stream);
  }

  subscribe(options: {
    after: Position | 'start' | 'end';
    prefixes: readonly string[];
    maxBatch?: number;
  }): Subscription {
    const maxBatch = options.maxBatch ?? DEFAULT_BATCH_EVENTS;
    assertPrefixes(options.prefixes);
    assertCount('maxBatch', maxBatch, MAX_BATCH_EVENTS);
    this.assertOpen('subscribe');
    const subscription = new EsdbSubscription({
      client: this.client,
      reader: this.reader,
      codec: this.codec,
      after: options.after,
      prefixes: options.prefixes,
      maxBatch,
      onClosed: (closed) => this.subscriptions.delete(closed),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  join(options: JoinGroup): GroupSubscription {
    assertPrefixes(options.prefixes);
    assertCount('maxUnacknowledged', options.maxUnacknowledged, MAX_UNACKNOWLEDGED);
    this.assertOpen('join');
    return this.groups.join(options);
  }

  async parked(group: string): Promise<number> {
    this.assertOpen('parked');
    return this.groups.parked(group);
  }

  async driveParked(group: string): Promise<void> {
    this.assertOpen('driveParked');
    await this.groups.driveParked(group);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([
      this.groups.close(),
      ...[...this.subscriptions].map((subscription) => subscription.close()),
    ]);
    await Promise.all([this.appender?.close(), this.client.dispose()]);
  }

  private assertOpen(operation: string): void {
    if (this.closed) throw new EventLogUnavailable(operation, 'the log is closed');
  }
}
