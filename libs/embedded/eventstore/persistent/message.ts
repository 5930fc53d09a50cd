import { LogRecord } from '../log/record';
import { ResolvedRecord } from '../rpc/read-messages';

/** An event on its way through a group. */
export interface GroupMessage {
  /** What the consumer acknowledges: the link's id if it came through a link. */
  readonly id: string;
  readonly resolved: ResolvedRecord;
  /** Revision in its stream, or position in `$all`. */
  readonly place: number;
  /** Place of the event considered before it; a checkpoint there repeats this one after a restart. */
  readonly placeBefore: number;
  /** Counts the events considered; meaningless for a replayed one. */
  readonly sequence: number;
  /** It was parked: its place no longer counts for the checkpoint. */
  readonly replayed: boolean;
  retryCount: number;
}

export function recordOf({ event, link }: ResolvedRecord): LogRecord {
  const record = link ?? event;
  if (record === undefined) throw new Error('a message holds neither event nor link');
  return record;
}

/** Retries go out in the order of the log, replayed ones behind them. */
export class RetryList {
  private messages: GroupMessage[] = [];

  get length(): number {
    return this.messages.length;
  }

  add(message: GroupMessage): void {
    if (message.replayed) {
      this.messages.push(message);
      return;
    }
    const index = this.messages.findIndex((other) => other.replayed || other.sequence > message.sequence);
    if (index < 0) this.messages.push(message);
    else this.messages.splice(index, 0, message);
  }

  /** Offers each in order; those not taken stay. Stops when `offer` says nobody can take any. */
  offer(offer: (message: GroupMessage) => 'taken' | 'skipped' | 'stop'): boolean {
    let index = 0;
    let stopped = false;
    const kept: GroupMessage[] = [];
    for (; index < this.messages.length && !stopped; index += 1) {
      const message = this.messages[index];
      if (message === undefined) break;
      const answer = offer(message);
      if (answer !== 'taken') kept.push(message);
      stopped = answer === 'stop';
    }
    this.messages = [...kept, ...this.messages.slice(index)];
    return !stopped;
  }

  /** The lowest message that a checkpoint must not pass. */
  lowest(): GroupMessage | undefined {
    return this.messages.find((message) => !message.replayed);
  }

  clear(): void {
    this.messages = [];
  }
}
