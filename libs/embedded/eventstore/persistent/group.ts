import { EventLog } from '../log/event-log';
import { encodeReadEvent } from '../rpc/read-messages';
import { groupDropped } from '../rpc/failures';
import { Checkpoints, Progress } from './checkpoints';
import { Consumer, ConsumerConnection } from './consumer';
import { ConsumerStrategy, createStrategy } from './consumer-strategy';
import { ALL_STREAM, GroupDefinition, groupKey } from './group-settings';
import { GroupSource } from './group-source';
import { GroupMessage, RetryList } from './message';
import { ParkedMessages } from './parked-messages';

export type NackAction = 'retry' | 'park' | 'skip';

export interface GroupEnvironment {
  readonly log: EventLog;
  readonly now: () => number;
  /** Test switch: at-least-once made visible. */
  readonly deliverTwice: () => boolean;
}

interface Outstanding {
  readonly message: GroupMessage;
  readonly consumer: Consumer;
  readonly sentAtMs: number;
  readonly dueMs: number;
  /** Being parked: it leaves when that is durable, and nothing else may move it meanwhile. */
  parking: boolean;
}

/**
 * A persistent subscription: competing consumers take events, acknowledge them or give them back. Delivery is at least once;
 * order holds only for one consumer without retries. What must survive a restart is in three streams: definition, checkpoint, parked.
 */
export class PersistentGroup {
  readonly consumers = new Set<Consumer>();
  readonly retry = new RetryList();
  readonly outstanding = new Map<string, Outstanding>();
  readonly parked: ParkedMessages;
  readonly checkpoints: Checkpoints;
  readonly source: GroupSource;
  buffer: GroupMessage[] = [];
  totalItems = 0;
  live = false;
  private pushed: Progress;
  private readonly strategy: ConsumerStrategy;
  private readonly unsubscribe: () => void;
  private closed = false;

  constructor(
    readonly definition: GroupDefinition,
    private readonly environment: GroupEnvironment,
  ) {
    const { log, now } = environment;
    const { stream, settings } = definition;
    this.strategy = createStrategy(settings.strategy);
    this.parked = new ParkedMessages(log, this.key, now);
    this.checkpoints = new Checkpoints(log, stream, this.key, settings, now);
    this.source = new GroupSource(log, definition, this.checkpoints.last);
    this.pushed = { place: this.source.place, sequence: 0 };
    this.unsubscribe = log.onCommit(stream === ALL_STREAM ? undefined : stream, () => {
      this.push();
    });
    this.push();
  }

  get key(): string {
    return groupKey(this.definition.stream, this.definition.group);
  }

  get isFull(): boolean {
    const { maxSubscriberCount } = this.definition.settings;
    return maxSubscriberCount > 0 && this.consumers.size >= maxSubscriberCount;
  }

  connect(connection: ConsumerConnection): Consumer {
    const consumer = new Consumer(connection, this.environment.now());
    this.consumers.add(consumer);
    this.strategy.add(consumer);
    this.push();
    return consumer;
  }

  /** What it had in hand goes to others. Going away is no failed attempt to park for, but it counts as one tried. */
  disconnect(consumer: Consumer): void {
    if (!this.consumers.delete(consumer)) return;
    this.strategy.remove(consumer);
    for (const [id, { message, consumer: owner, parking }] of this.outstanding) {
      if (owner === consumer && !parking) this.giveBack(id, message);
    }
    this.push();
  }

  ack(ids: readonly string[]): void {
    for (const id of ids) this.settle(id);
    this.saveProgress(false);
    this.push();
  }

  nack(ids: readonly string[], action: NackAction, reason: string): void {
    for (const id of ids) {
      const held = this.outstanding.get(id);
      if (held === undefined || held.parking) continue;
      if (action === 'skip') this.settle(id);
      else if (action === 'park') this.park(id, held, `Client explicitly NAK'ed message.\n${reason}`);
      else this.retryOrPark(id, held);
    }
    this.saveProgress(false);
    // at once: a push put off to a later turn would let new events overtake the retries
    this.push();
  }

  /** Called once a second. */
  tick(): void {
    const now = this.environment.now();
    for (const [id, held] of this.outstanding) {
      if (held.dueMs <= now && !held.parking) this.retryOrPark(id, held);
    }
    this.saveProgress(true);
    this.push();
  }

  async replayParked(stopAt: number): Promise<void> {
    for (const message of await this.parked.take(stopAt)) this.retry.add(message);
    this.push();
  }

  /** Ends every consumer's connection; the group is of no use afterwards. */
  close(reason: unknown = groupDropped(this.definition.stream, this.definition.group)): void {
    this.closed = true;
    this.unsubscribe();
    for (const { connection } of this.consumers) connection.drop(reason);
    this.consumers.clear();
    this.outstanding.clear();
    this.retry.clear();
    this.buffer = [];
  }

  private push(): void {
    if (this.closed) return;
    do {
      if (!this.retry.offer((message) => this.dispatch(message))) break;
    } while (this.pushBuffer() && this.fill());
    this.fill();
  }

  /** True when the buffer is empty and more may be had. */
  private pushBuffer(): boolean {
    let taken = 0;
    for (const message of this.buffer) {
      const answer = this.dispatch(message);
      if (answer === 'stop') break;
      // its consumer is busy: it must not hold up the events of others
      if (answer === 'skipped') this.retry.add(message);
      this.pushed = { place: message.place, sequence: message.sequence };
      taken += 1;
    }
    if (taken > 0) this.buffer = this.buffer.slice(taken);
    if (this.buffer.length > 0) return false;
    this.pushed = { place: this.source.place, sequence: this.source.sequence };
    return this.consumers.size > 0;
  }

  /** Reads ahead as far as the buffer allows; true when it found something to push. */
  private fill(): boolean {
    const { historyBufferSize, readBatchSize } = this.definition.settings;
    const before = this.buffer.length;
    while (this.buffer.length + this.retry.length < historyBufferSize) {
      const { messages, atEnd } = this.source.read(readBatchSize);
      this.buffer.push(...messages);
      this.live = atEnd;
      if (atEnd) break;
    }
    return this.buffer.length > before;
  }

  private dispatch(message: GroupMessage): 'taken' | 'skipped' | 'stop' {
    const record = message.resolved.event ?? message.resolved.link;
    const choice = this.strategy.choose(record?.stream ?? '');
    if (choice === 'all full') return 'stop';
    if (choice === 'its consumer is full') return 'skipped';
    this.send(choice, message);
    return 'taken';
  }

  private send(consumer: Consumer, message: GroupMessage): void {
    const sentAtMs = this.environment.now();
    const dueMs = sentAtMs + this.definition.settings.messageTimeoutMs;
    this.outstanding.set(message.id, { message, consumer, sentAtMs, dueMs, parking: false });
    consumer.sent();
    this.totalItems += 1;
    const encoded = encodeReadEvent(message.resolved, message.retryCount);
    consumer.connection.send(encoded);
    if (this.environment.deliverTwice()) consumer.connection.send(encoded);
  }

  private settle(id: string): void {
    const held = this.outstanding.get(id);
    if (held === undefined || held.parking) return;
    this.outstanding.delete(id);
    held.consumer.settled(this.environment.now() - held.sentAtMs);
  }

  private giveBack(id: string, message: GroupMessage): void {
    this.settle(id);
    message.retryCount += 1;
    this.retry.add(message);
  }

  private retryOrPark(id: string, held: Outstanding): void {
    const { maxRetryCount } = this.definition.settings;
    if (held.message.retryCount < maxRetryCount) this.giveBack(id, held.message);
    else this.park(id, held, `Reached retry count of ${maxRetryCount}`);
  }

  private park(id: string, held: Outstanding, reason: string): void {
    held.parking = true;
    void this.parked.park(held.message, reason).then((parked) => {
      held.parking = false;
      if (!parked || this.closed) return;
      this.settle(id);
      this.saveProgress(false);
      this.push();
    });
  }

  private saveProgress(onTick: boolean): void {
    if (this.closed || !this.checkpoints.mayBeDue(this.pushed.sequence, onTick)) return;
    this.checkpoints.advance(this.progress(), onTick);
  }

  /** Up to, but not including, the lowest event that somebody still has to handle. */
  private progress(): Progress {
    let lowest = this.retry.lowest();
    for (const { message } of this.outstanding.values()) {
      if (!message.replayed && message.sequence < (lowest?.sequence ?? Infinity)) lowest = message;
    }
    return lowest === undefined ? this.pushed : { place: lowest.placeBefore, sequence: lowest.sequence - 1 };
  }
}
