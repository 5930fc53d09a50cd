import { Codec, EncodedEvent, StoredEvent } from './codec';
import { ConsumerGroups, GroupSubscription, JoinGroup } from './consumer-groups';
import { AppendRefused, EventLogUnavailable, StreamTooLong } from './failures';
import {
  DEFAULT_BATCH_EVENTS,
  MAX_BATCH_EVENTS,
  MAX_PAGE_EVENTS,
  MAX_STREAM_EVENTS,
  MAX_UNACKNOWLEDGED,
} from './limits';
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
import { InspectedPage, InspectedRecord, LogInspection, NO_RULES, StreamRules } from './inspection';
import { MemoryFaults } from './memory-faults';
import { MemoryGroupSubscription } from './memory-group-subscription';
import { MemoryStore } from './memory-store';
import { MemorySubscription } from './memory-subscription';
import { assertAppendable, assertCount, assertPrefixes } from './preconditions';

export interface MemoryEventLogOptions {
  readonly codec: Codec;
  /** Shared between logs to have several processes, or a process before and after its crash, on one store. */
  readonly store?: MemoryStore;
  readonly faults?: MemoryFaults;
  /** When work continues: microtasks by default; a simulation passes its seeded scheduler. */
  readonly schedule?: (task: () => void) => void;
}

export interface MemoryEventLog extends EventLog, ConsumerGroups, LogInspection {
  readonly store: MemoryStore;
  dropSubscriptions(reason: string): void;
}

/** A store in its own right with the semantics of EventStoreDB, not a stand-in: no timers, no clock, no chance of its own. */
export function createMemoryEventLog(options: MemoryEventLogOptions): MemoryEventLog {
  return new Memory(options);
}

class Memory implements MemoryEventLog {
  readonly store: MemoryStore;
  private readonly codec: Codec;
  private readonly faults: MemoryFaults;
  private readonly schedule: (task: () => void) => void;
  private readonly subscriptions = new Set<MemorySubscription | MemoryGroupSubscription>();
  private closed = false;

  constructor(options: MemoryEventLogOptions) {
    this.codec = options.codec;
    this.store = options.store ?? new MemoryStore();
    this.faults = options.faults ?? {};
    this.schedule = options.schedule ?? queueMicrotask;
  }

  // the two turns stand for the way to the server and back: others may come between, as on a network
  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendOutcome> {
    assertAppendable(stream, expected, events.length);
    const encoded = events.map((event) => this.codec.encode(event));
    this.assertOpen('append');
    const fault = this.faults.append?.(stream);
    await this.turn();
    if (fault === 'lost') return { kind: 'unknown', reason: 'the append was lost on the way' };
    if (fault === 'late') {
      this.schedule(() => {
        this.applyLate(stream, expected, encoded);
      });
      return { kind: 'unknown', reason: 'no answer in time' };
    }
    const answer = this.store.append(stream, expected, encoded);
    await this.turn();
    return fault === 'reply_lost' ? { kind: 'unknown', reason: 'the reply was lost' } : answer;
  }

  async readStream(stream: string, from = 0n): Promise<readonly RecordedEvent[]> {
    this.assertOpen('readStream');
    const fault = this.faults.read?.(stream);
    await this.turn();
    if (fault !== undefined) throw new EventLogUnavailable('readStream', 'fault');
    const stored = this.store.stream(stream, Number(from), MAX_STREAM_EVENTS + 1);
    if (stored.length > MAX_STREAM_EVENTS) throw new StreamTooLong(stream, MAX_STREAM_EVENTS);
    const events = stored.map((event) => this.codec.decode(event));
    await this.turn();
    return events;
  }

  async readAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<AllPage> {
    this.assertOpen('readAll');
    const events: RecordedEvent[] = [];
    const page = await this.pageOfAll(options, (stored) => events.push(this.codec.decode(stored)));
    return { events, ...page };
  }

  async inspectAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<InspectedPage> {
    this.assertOpen('inspectAll');
    const records: InspectedRecord[] = [];
    const page = await this.pageOfAll(options, (stored) => records.push(this.inspected(stored)));
    return { records, ...page };
  }

  /** Streams in memory have no metadata: nobody but the program works on them. */
  async streamRules(): Promise<StreamRules> {
    await this.turn();
    return NO_RULES;
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
    const subscription = new MemorySubscription({
      store: this.store,
      codec: this.codec,
      faults: this.faults,
      schedule: this.schedule,
      turn: () => this.turn(),
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
    const subscription = new MemoryGroupSubscription({
      ...options,
      store: this.store,
      codec: this.codec,
      faults: this.faults,
      schedule: this.schedule,
      turn: () => this.turn(),
      onClosed: (closed) => this.subscriptions.delete(closed),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  async parked(group: string): Promise<number> {
    this.assertOpen('parked');
    await this.turn();
    return this.store.groupIfThere(group)?.parked ?? 0;
  }

  async driveParked(group: string): Promise<void> {
    this.assertOpen('driveParked');
    await this.turn();
    this.store.groupIfThere(group)?.driveParked();
  }

  dropSubscriptions(reason: string): void {
    for (const subscription of this.subscriptions) subscription.drop(reason);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  private async pageOfAll(
    options: { after: Position | 'start'; prefixes: readonly string[]; maxCount: number },
    take: (stored: StoredEvent) => void,
  ): Promise<Omit<AllPage, 'events'>> {
    const { after, prefixes, maxCount } = options;
    assertPrefixes(prefixes);
    assertCount('maxCount', maxCount, MAX_PAGE_EVENTS);
    await this.turn();
    const first = after === 'start' ? 0 : this.store.indexAfter(after);
    const beyond = Math.min(first + maxCount, this.store.size);
    for (let index = first; index < beyond; index += 1) {
      const stream = this.store.streamAt(index);
      if (prefixes.some((prefix) => stream.startsWith(prefix))) take(this.store.at(index));
    }
    const reached = beyond > first ? this.store.positionAt(beyond - 1) : after;
    return { position: reached === 'start' ? undefined : reached, end: beyond === this.store.size };
  }

  private inspected(stored: StoredEvent): InspectedRecord {
    try {
      return { kind: 'event', event: this.codec.decode(stored) };
    } catch (error) {
      const { stream, revision, position } = stored;
      return { kind: 'unreadable', stream, revision, position, reason: String(error) };
    }
  }

  private applyLate(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): void {
    try {
      this.store.append(stream, expected, events);
    } catch (error) {
      // nobody waits for the answer any more, as with a server
      if (!(error instanceof AppendRefused)) throw error;
    }
  }

  private assertOpen(operation: string): void {
    if (this.closed) throw new EventLogUnavailable(operation, 'the log is closed');
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(resolve);
    });
  }
}
