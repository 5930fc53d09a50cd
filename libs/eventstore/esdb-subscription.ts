import {
  AllStreamResolvedEvent,
  AllStreamSubscription,
  EventStoreDBClient,
  START,
  STREAM_NAME,
} from '@eventstore/db-client';
import { Codec } from './codec';
import { reasonOf } from './esdb-errors';
import { EsdbReader, toStored } from './esdb-reader';
import { SubscriptionDropped } from './failures';
import { comparePositions, Position, RecordedEvent, Subscription, SubscriptionBatch } from './log';
import { ReaderSignal } from './reader-signal';

/**
 * Messages held for a slow consumer, on each of the two sides of the client's transform; beyond them it stops reading, and
 * HTTP/2 flow control stops the server.
 */
export const SUBSCRIPTION_BUFFER_MESSAGES = 512;

/** The server looks at this many events before it reports how far it came, and reports every few such windows. */
const FILTER_WINDOW_EVENTS = 256;
const CHECKPOINT_EVERY_WINDOWS = 4;

type ClientEvent = NonNullable<AllStreamResolvedEvent['event']>;

/**
 * The client tells checkpoints and `caughtUp` by callbacks that overtake events still buffered. Pushed into the same buffer
 * they keep their place, and a checkpoint never claims an event that was not yet delivered.
 */
type Message = AllStreamResolvedEvent | { readonly checkpoint: Position } | { readonly caughtUp: boolean };

export interface EsdbSubscriptionOptions {
  readonly client: EventStoreDBClient;
  readonly reader: EsdbReader;
  readonly codec: Codec;
  readonly after: Position | 'start' | 'end';
  readonly prefixes: readonly string[];
  readonly maxBatch: number;
  readonly onClosed: (subscription: EsdbSubscription) => void;
}

/** Takes whatever is buffered in one go: `for await` over single events costs a promise and two turns for each. */
export class EsdbSubscription implements Subscription, AsyncIterator<SubscriptionBatch> {
  private source: AllStreamSubscription | undefined;
  private position: Position | undefined;
  private serverCaughtUp = false;
  private closed = false;
  private failure: Error | undefined;
  private stopped = false;
  private readonly signal = new ReaderSignal();

  constructor(private readonly options: EsdbSubscriptionOptions) {
    if (options.after === 'end') void this.openAtEnd();
    else this.open(options.after);
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionBatch> {
    return this;
  }

  async next(): Promise<IteratorResult<SubscriptionBatch>> {
    for (;;) {
      if (this.closed) return { done: true, value: undefined };
      const batch = this.take();
      if (batch !== undefined) return { done: false, value: batch };
      if (this.failure !== undefined) throw this.failure;
      await this.signal.wait();
    }
  }

  async return(): Promise<IteratorResult<SubscriptionBatch>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Leaving a loop alone would keep the call open on the server, paused: it has to be cancelled. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.options.onClosed(this);
    this.signal.now();
    await this.release();
  }

  /** From a named position instead of the server's "end", so that a drop before the first event leaves no gap either. */
  private async openAtEnd(): Promise<void> {
    try {
      const last = await this.options.reader.lastPosition();
      if (!this.closed) this.open(last ?? 'start');
    } catch (error) {
      this.fail(error);
    }
  }

  private open(after: Position | 'start'): void {
    if (after !== 'start') this.position = after;
    const source = this.options.client.subscribeToAll(
      {
        fromPosition: after === 'start' ? START : after,
        filter: {
          filterOn: STREAM_NAME,
          prefixes: [...this.options.prefixes],
          maxSearchWindow: FILTER_WINDOW_EVENTS,
          checkpointInterval: CHECKPOINT_EVERY_WINDOWS,
          checkpointReached: (subscription, checkpoint) => {
            enqueue(subscription, { checkpoint });
          },
        },
      },
      { highWaterMark: SUBSCRIPTION_BUFFER_MESSAGES },
    );
    source.on('caughtUp', () => {
      enqueue(source, { caughtUp: true });
    });
    source.on('fellBehind', () => {
      enqueue(source, { caughtUp: false });
    });
    source.on('readable', () => {
      this.signal.soon();
    });
    source.on('error', (error) => {
      this.fail(error);
    });
    source.on('end', () => {
      this.fail(new Error('the server ended it'));
    });
    this.source = source;
  }

  private take(): SubscriptionBatch | undefined {
    const { source } = this;
    if (source === undefined || this.stopped) return undefined;
    const events: RecordedEvent[] = [];
    let messages = 0;
    while (events.length < this.options.maxBatch) {
      const message = source.read() as Message | null;
      if (message === null || !this.accept(message, events)) break;
      messages += 1;
    }
    if (messages === 0) return undefined;
    const live = this.serverCaughtUp && source.readableLength === 0 && this.failure === undefined;
    return { events, position: this.position, live };
  }

  private accept(message: Message, events: RecordedEvent[]): boolean {
    if ('checkpoint' in message) {
      const { checkpoint } = message;
      if (this.position === undefined || comparePositions(checkpoint, this.position) > 0)
        this.position = checkpoint;
    } else if ('caughtUp' in message) {
      this.serverCaughtUp = message.caughtUp;
    } else if (message.event !== undefined) {
      return this.acceptEvent(message.event, events);
    }
    return true;
  }

  /** An event that cannot be decoded ends the batch before it, and the subscription after that batch. */
  private acceptEvent(event: ClientEvent, events: RecordedEvent[]): boolean {
    try {
      events.push(this.options.codec.decode(toStored(event, event.position)));
    } catch (error) {
      this.stopped = true;
      this.failure = error instanceof Error ? error : new Error(String(error));
      void this.release();
      return false;
    }
    this.position = event.position;
    return true;
  }

  private fail(error: unknown): void {
    this.failure ??= new SubscriptionDropped(reasonOf(error), { cause: error });
    this.signal.now();
  }

  private async release(): Promise<void> {
    const { source } = this;
    if (source === undefined) return;
    // rejects when the call was never opened: then there is nothing to cancel
    await source.unsubscribe().catch(() => undefined);
    source.destroy();
  }
}

const enqueue = (source: AllStreamSubscription, message: Exclude<Message, AllStreamResolvedEvent>): void => {
  source.push(message);
};
