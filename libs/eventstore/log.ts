/**
 * The port to the event log: the only store of truth. Two implementations, EventStoreDB and memory, keep one contract
 * (test/contract/eventstore).
 */

/** A place in the log. Positions grow but are not contiguous: nothing may count on `position + 1`. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/**
 * Always concrete. `any` and `stream_exists` are left out on purpose: EventStoreDB recognises a repeated append under them
 * only by a cache that is empty after a restart or a leader change, so a retry could be stored twice.
 */
export type ExpectedRevision = bigint | 'no_stream';

export interface EventMetadata {
  schemaVersion: number;
  correlationId: string;
  causationId: string;
  commandId: string;
  actor: string;
  /** RFC 3339 with milliseconds. */
  recordedAt: string;
}

export interface NewEvent {
  /** A uuid. Must be derived, never random: a repeated append is recognised by its ids alone. */
  readonly id: string;
  readonly type: string;
  /** Bigints are allowed under keys that end in `Minor`, and nowhere else. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: Position;
}

/**
 * `unknown` means that the events may or may not be stored, now or a little later. Sending the same append again (same ids,
 * same expected revision) is safe: if it had been stored, the answer is the original revision and position.
 * A definite refusal other than a wrong revision is a bug or a misconfiguration, and throws `AppendRefused`.
 */
export type AppendOutcome =
  | { kind: 'appended'; revision: bigint /* of the last event */; position: Position }
  | { kind: 'wrong_revision'; current: bigint | 'no_stream' }
  | { kind: 'unknown'; reason: string };

export interface SubscriptionBatch {
  readonly events: readonly RecordedEvent[];
  /**
   * Everything up to here was considered, also what the filter left out: resuming after it misses and repeats nothing.
   * Undefined only while nothing is known yet.
   */
  readonly position: Position | undefined;
  /** True when nothing more was waiting at the end of this batch. May turn false again under load. */
  readonly live: boolean;
}

/** One consumer only. Leaving a `for await` loop closes the subscription. */
export interface Subscription extends AsyncIterable<SubscriptionBatch> {
  close(): Promise<void>;
}

export interface AllPage {
  readonly events: readonly RecordedEvent[];
  /** Of the last event considered; the given `after` when there was none; undefined in an empty log. */
  readonly position: Position | undefined;
  readonly end: boolean;
}

export interface EventLog {
  /** All events of one append become visible together or not at all. */
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendOutcome>;

  /** Empty when the stream does not exist. Throws `StreamTooLong` above `MAX_STREAM_EVENTS`. */
  readStream(stream: string, from?: bigint): Promise<readonly RecordedEvent[]>;

  /** One page of the whole log: `maxCount` events are considered, those of other streams are dropped. */
  readAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<AllPage>;

  /**
   * Every event after `after` in streams whose name starts with one of the prefixes: no gaps, no duplicates, in the order of
   * the log. The first batch comes even if nothing is there to deliver; with `after: 'end'` everything that is appended
   * after that first batch is seen. Throws `SubscriptionDropped` out of the iterator when the server ends it.
   */
  subscribe(options: {
    after: Position | 'start' | 'end';
    prefixes: readonly string[];
    maxBatch?: number;
  }): Subscription;

  close(): Promise<void>;
}

export function comparePositions(a: Position, b: Position): -1 | 0 | 1 {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
}
