import { randomUUID } from 'node:crypto';
import { EventLog } from '../log/event-log';
import { LogRecord } from '../log/record';
import { EventFilter, isVisibleInAll } from './event-filter';
import { streamDeleted } from './failures';
import { Outgoing } from './outgoing';
import { CAUGHT_UP, checkpoint, confirmation, encodeResolved, resolveLink } from './read-messages';

/** Where a subscription reads from; `take` moves the cursor behind what it returns. */
interface Source {
  take(): { readonly records: readonly LogRecord[]; readonly atEnd: boolean };
}

export interface SubscriptionOptions {
  readonly resolveLinks: boolean;
  /** Tests raise it to send every subscription through catch-up again. */
  readonly caughtUpEpoch: () => number;
}

export interface FilterOptions {
  readonly matches: EventFilter;
  readonly checkpointInterval: number;
}

/**
 * A cursor over durable events: page, send, and park until a commit wakes it. There is no queue of live events, hence no seam
 * between catching up and living where one could be lost or sent twice, and memory stays bounded by one page.
 */
abstract class Subscription {
  private page: readonly LogRecord[] = [];
  private index = 0;
  private busy = false;
  private live = false;
  private epoch: number;

  constructor(
    protected readonly log: EventLog,
    protected readonly out: Outgoing,
    protected readonly options: SubscriptionOptions,
    private readonly source: Source,
    stream: string | undefined,
  ) {
    this.epoch = options.caughtUpEpoch();
    out.onClose(
      log.onCommit(stream, () => {
        this.pump();
      }),
    );
  }

  start(): void {
    this.out.write(confirmation(randomUUID()));
    this.pump();
  }

  /** Sends what belongs to one event; false when the client should be given time. */
  protected abstract send(record: LogRecord): boolean;
  /** The cursor reached the end; returns false when the subscription is over. */
  protected abstract reachedEnd(): boolean;

  protected event(record: LogRecord): boolean {
    return this.out.write(encodeResolved(resolveLink(this.log.reader, record, this.options.resolveLinks)));
  }

  private pump(): void {
    // runs to a wait or to the end without yielding, so a commit cannot slip in between the last page and parking
    while (!this.busy && !this.out.isClosed) {
      if (!this.sendPage()) {
        this.wait((resume) => {
          this.out.onceWritable(resume);
        });
        return;
      }
      const { records, atEnd } = this.source.take();
      this.page = records;
      this.index = 0;
      if (records.length === 0 && atEnd) {
        this.park();
        return;
      }
      if (!atEnd) this.wait(setImmediate);
    }
  }

  private sendPage(): boolean {
    while (this.index < this.page.length) {
      const record = this.page[this.index++];
      if (record !== undefined && !this.send(record)) return false;
    }
    return true;
  }

  private wait(until: (resume: () => void) => void): void {
    this.busy = true;
    until(() => {
      this.busy = false;
      this.pump();
    });
  }

  private park(): void {
    if (!this.reachedEnd()) return;
    const epoch = this.options.caughtUpEpoch();
    if (this.live && epoch === this.epoch) return;
    this.live = true;
    this.epoch = epoch;
    this.beforeCaughtUp();
    this.out.write(CAUGHT_UP);
  }

  protected beforeCaughtUp(): void {
    // only a filtered subscription has something to say here
  }
}

export class AllSubscription extends Subscription {
  private considered = 0;
  private lastConsidered = -1;
  private lastCheckpoint = -1;

  /** @param after exclusive; a position beyond the end is legal and skips what comes up to it */
  constructor(
    log: EventLog,
    out: Outgoing,
    options: SubscriptionOptions,
    after: number,
    private readonly filter: FilterOptions | undefined,
  ) {
    super(log, out, options, allSource(log, after), undefined);
  }

  protected send(record: LogRecord): boolean {
    const { filter } = this;
    if (filter === undefined) return !isVisibleInAll(record) || this.event(record);
    const matches = isVisibleInAll(record) && filter.matches(record);
    const writable = !matches || this.event(record);
    this.considered += 1;
    this.lastConsidered = record.position;
    if (this.considered % filter.checkpointInterval !== 0) return writable;
    return this.checkpoint() && writable;
  }

  protected reachedEnd(): boolean {
    return true;
  }

  protected override beforeCaughtUp(): void {
    if (this.filter !== undefined) this.checkpoint();
  }

  /** Never the same or a lower one twice. */
  private checkpoint(): boolean {
    if (this.lastConsidered <= this.lastCheckpoint) return true;
    this.lastCheckpoint = this.lastConsidered;
    return this.out.write(checkpoint(this.lastConsidered));
  }
}

export class StreamSubscription extends Subscription {
  constructor(
    log: EventLog,
    out: Outgoing,
    options: SubscriptionOptions,
    private readonly stream: string,
    from: number,
  ) {
    super(log, out, options, streamSource(log, stream, from), stream);
  }

  protected send(record: LogRecord): boolean {
    return this.event(record);
  }

  protected reachedEnd(): boolean {
    if (this.log.reader.state(this.stream) !== 'tombstoned') return true;
    const tombstone = this.log.reader.tombstone(this.stream);
    if (tombstone !== undefined) this.out.write(tombstone.response);
    this.out.fail(streamDeleted(this.stream));
    return false;
  }
}

function allSource(log: EventLog, after: number): Source {
  let cursor = after;
  return {
    take: () => {
      const page = log.reader.allAfter(cursor);
      cursor = page.records.at(-1)?.position ?? cursor;
      return page;
    },
  };
}

function streamSource(log: EventLog, stream: string, from: number): Source {
  let cursor = from;
  return {
    take: () => {
      const page = log.reader.streamFrom(stream, cursor);
      cursor = page.next;
      return page;
    },
  };
}
