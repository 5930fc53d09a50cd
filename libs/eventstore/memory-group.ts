/** What a group reads of the store: places are indexes, which never change. */
export interface GroupSource {
  readonly size: number;
  streamAt(index: number): string;
  onAppended(listener: () => void): () => void;
}

export interface GroupMessage {
  readonly id: string;
  readonly index: number;
  readonly stream: string;
  /** It was parked: its retries are forgotten, and its place no longer counts for the checkpoint. */
  readonly replayed: boolean;
  readonly retryCount: number;
}

/** One consumer as the group sees it. */
export interface GroupMember {
  readonly slots: number;
  receive(message: GroupMessage): void;
  /** The group has let go of it. */
  dropped(reason: string): void;
}

/** As EventStoreDB's Pinned strategy: a stream falls in a bucket, and a bucket sticks to a consumer while that one stays. */
const BUCKETS = 1_024;
/** A restart delivers so many acknowledged events again, at the most. */
const CHECKPOINT_EVERY_EVENTS = 16;

interface Held {
  readonly message: GroupMessage;
  readonly member: GroupMember;
}

/**
 * The server's half of a consumer group, with the semantics of EventStoreDB's persistent subscriptions: what a consumer
 * gives back counts as tried once more; what a restart delivers again counts as never tried.
 */
export class MemoryGroup {
  private members = new Map<GroupMember, { held: number; buckets: number }>();
  private owners = new Map<number, GroupMember>();
  private held = new Map<string, Held>();
  private waiting: GroupMessage[] = [];
  private laidAside: GroupMessage[] = [];
  private cursor = 0;
  private checkpoint = 0;
  private replays = 0;

  constructor(
    private readonly source: GroupSource,
    private readonly prefixes: readonly string[],
  ) {
    source.onAppended(() => {
      this.push();
    });
  }

  get parked(): number {
    return this.laidAside.length;
  }

  enter(member: GroupMember): void {
    this.members.set(member, { held: 0, buckets: 0 });
    this.push();
  }

  /** What it held goes to the others at once. */
  leave(member: GroupMember): void {
    if (!this.members.delete(member)) return;
    for (const [bucket, owner] of this.owners) if (owner === member) this.owners.delete(bucket);
    for (const { message, member: holder } of [...this.held.values()])
      if (holder === member) this.giveBack(message);
    this.push();
  }

  acknowledge(id: string): void {
    this.release(id);
    const lowest = Math.min(this.cursor, ...this.unfinished());
    if (lowest - this.checkpoint >= CHECKPOINT_EVERY_EVENTS) this.checkpoint = lowest;
    this.push();
  }

  /** Time has passed: nobody who holds an event has acknowledged it in time. */
  expire(): void {
    for (const { message } of [...this.held.values()]) this.giveBack(message);
    this.push();
  }

  /** A consumer or an operator lays aside what is held under these ids. */
  park(ids: readonly string[]): void {
    for (const id of ids) {
      const held = this.held.get(id);
      if (held === undefined) continue;
      this.release(id);
      this.laidAside.push(held.message);
    }
    this.push();
  }

  driveParked(): void {
    for (const message of this.laidAside.splice(0)) {
      const id = `replay-${(this.replays += 1)}`;
      this.waiting.push({ ...message, id, replayed: true, retryCount: 0 });
    }
    this.push();
  }

  /** The server starts again, from what it had written down. */
  restart(reason: string): void {
    const { members } = this;
    this.members = new Map();
    this.owners = new Map();
    this.held = new Map();
    this.waiting = [];
    this.cursor = this.checkpoint;
    for (const member of members.keys()) member.dropped(reason);
  }

  private push(): void {
    if (this.members.size === 0) return;
    this.waiting = this.waiting.filter((message) => !this.offer(message));
    while (this.cursor < this.source.size) {
      const index = this.cursor;
      const stream = this.source.streamAt(index);
      this.cursor += 1;
      if (!this.prefixes.some((prefix) => stream.startsWith(prefix))) continue;
      const message = { id: `event-${index}`, index, stream, replayed: false, retryCount: 0 };
      // its consumer is full: it must not hold up the events of others
      if (!this.offer(message)) this.waiting.push(message);
    }
  }

  private offer(message: GroupMessage): boolean {
    const member = this.ownerOf(message.stream);
    const state = member === undefined ? undefined : this.members.get(member);
    if (member === undefined || state === undefined || state.held >= member.slots) return false;
    state.held += 1;
    this.held.set(message.id, { message, member });
    member.receive(message);
    return true;
  }

  private ownerOf(stream: string): GroupMember | undefined {
    const bucket = bucketOf(stream);
    const owner = this.owners.get(bucket);
    if (owner !== undefined) return owner;
    const [least] = [...this.members].sort(([, a], [, b]) => a.buckets - b.buckets);
    if (least === undefined) return undefined;
    const [member, state] = least;
    state.buckets += 1;
    this.owners.set(bucket, member);
    return member;
  }

  private giveBack(message: GroupMessage): void {
    this.release(message.id);
    this.waiting.push({ ...message, retryCount: message.retryCount + 1 });
    // in the order of the log, those driven again last
    this.waiting.sort((a, b) => Number(a.replayed) - Number(b.replayed) || a.index - b.index);
  }

  private release(id: string): void {
    const held = this.held.get(id);
    if (held === undefined) return;
    this.held.delete(id);
    const state = this.members.get(held.member);
    if (state !== undefined) state.held -= 1;
  }

  private unfinished(): number[] {
    const messages = [...this.waiting, ...[...this.held.values()].map(({ message }) => message)];
    return messages.filter(({ replayed }) => !replayed).map(({ index }) => index);
  }
}

function bucketOf(stream: string): number {
  let value = 7;
  for (let index = 0; index < stream.length; index += 1)
    value = Math.imul(value, 31) + stream.charCodeAt(index);
  return (value >>> 0) % BUCKETS;
}
