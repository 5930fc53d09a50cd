import type { Decider, Decision, DomainEvent, NothingRecorded } from '@tender/domain';
import type { EventLog, NewEvent } from '@tender/eventstore';
import { eventId } from '@tender/eventstore';
import { FoldedStreams, type Folded } from './folded-streams';
import { StreamQueues } from './stream-queues';
import type { Chance } from './timers/chance';
import { jittered } from './timers/chance';
import type { Clock } from './timers/clock';
import { sleep, timestampOf } from './timers/clock';

/** Who wants it and why: goes into the metadata of every event that the command records. */
export interface CommandContext {
  /**
   * Of this very sending of the command. Two different requests must never share one, or the store would take the
   * second for a repetition of the first and record nothing; so it is never derived from an idempotency key.
   */
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: string;
}

export interface HandleOptions {
  /** Nobody has written to the stream, as far as the caller knows: saves the read when that is true. */
  readonly expectNew?: boolean;
  /** The same sending of the command was left `unconfirmed` before: it may be in the stream by now. */
  readonly again?: boolean;
  /** How long the caller waits for other processes' writes and an unsure store, ms. */
  readonly waitMs?: number;
}

export type Handled<State, Refusal> =
  | { readonly kind: 'recorded'; readonly state: State; readonly revision: bigint }
  | (NothingRecorded & { readonly state: State; readonly revision: bigint })
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The store did not confirm in time: recorded or not, the same command may be sent again. */
  | { readonly kind: 'unconfirmed'; readonly reason: string }
  /** Other processes kept writing to the stream until the wait was over; nothing was recorded. */
  | { readonly kind: 'conflict' };

/** Commands waiting on one stream in this process; the next one is turned away unheard. */
export const MAX_COMMANDS_WAITING_PER_STREAM = 1_000;
/** Commands on one stream that share an append. */
export const MAX_COMMANDS_PER_APPEND = 50;
export const DEFAULT_COMMAND_WAIT_MS = 10_000;
const FIRST_RETRY_AFTER_MS = 5;
const RETRY_EVERY_AT_MOST_MS = 500;

export interface StreamCommandsDeps<State, Command, Event extends DomainEvent, Refusal> {
  readonly log: EventLog;
  readonly decider: Decider<State, Command, Event, Refusal>;
  readonly schemaVersionOf: (type: string) => number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly folded?: FoldedStreams<State>;
}

interface Waiting<Command, State, Refusal> {
  readonly command: Command;
  readonly context: CommandContext;
  readonly expectNew: boolean;
  readonly again: boolean;
  readonly deadlineMs: number;
  answer(handled: Handled<State, Refusal>): void;
}

/** Where a fold came from: only a read or a confirmed append makes it a fact to answer from. */
type Basis<State> = Folded<State> & {
  readonly certain: boolean;
  /** Of the events that were read: an append whose answer was lost may be among them. */
  readonly eventIds: ReadonlySet<string>;
};

const NO_IDS: ReadonlySet<string> = new Set();

/**
 * Reads, folds, decides and appends with the revision it decided on. Commands on one stream run one after another
 * on the folded state, and those that wait together share an append: 200 refunds on one payment cost a handful of
 * appends instead of 200 conflicts.
 */
export class StreamCommands<State, Command, Event extends DomainEvent, Refusal> {
  readonly folded: FoldedStreams<State>;
  private readonly queues: StreamQueues<Waiting<Command, State, Refusal>>;

  constructor(private readonly deps: StreamCommandsDeps<State, Command, Event, Refusal>) {
    this.folded = deps.folded ?? new FoldedStreams();
    this.queues = new StreamQueues(
      { maxWaiting: MAX_COMMANDS_WAITING_PER_STREAM, maxTogether: MAX_COMMANDS_PER_APPEND },
      (stream, together) => this.handleTogether(stream, together),
    );
  }

  handle(
    stream: string,
    command: Command,
    context: CommandContext,
    options: HandleOptions = {},
  ): Promise<Handled<State, Refusal>> {
    return new Promise((answer, reject) => {
      const deadlineMs = this.deps.clock.now() + (options.waitMs ?? DEFAULT_COMMAND_WAIT_MS);
      const { expectNew = false, again = false } = options;
      const waiting = { command, context, expectNew, again, deadlineMs, answer };
      if (!this.queues.add(stream, waiting, reject)) {
        answer({ kind: 'unconfirmed', reason: 'too many commands are waiting on this stream' });
      }
    });
  }

  private async handleTogether(
    stream: string,
    together: readonly Waiting<Command, State, Refusal>[],
  ): Promise<void> {
    const giveUpAtMs = Math.min(...together.map((waiting) => waiting.deadlineMs));
    let basis = this.assumedBasis(stream, together) ?? (await this.read(stream));
    for (let retry = 0; ; retry += 1) {
      const plan = this.decideAll(stream, together, basis);
      const settled =
        plan.events.length === 0 ? 'nothing_to_append' : await this.append(stream, basis, plan, giveUpAtMs);
      if (settled === 'unconfirmed') {
        this.folded.forget(stream);
        answerAll(together, { kind: 'unconfirmed', reason: 'the event store did not confirm in time' });
        return;
      }
      if (settled === 'appended' || (settled === 'nothing_to_append' && basis.certain)) {
        this.folded.put(stream, { state: plan.state, revision: plan.revision });
        together.forEach((waiting, index) => {
          waiting.answer(this.answerOf(plan.answers[index], plan));
        });
        return;
      }
      this.folded.forget(stream);
      // losing the first race is normal; from the second on, somebody else is busy here
      if (settled === 'wrong_revision' && retry > 0 && !(await this.pause(retry, giveUpAtMs))) {
        answerAll(together, { kind: 'conflict' });
        return;
      }
      basis = await this.read(stream);
    }
  }

  private assumedBasis(
    stream: string,
    together: readonly Waiting<Command, State, Refusal>[],
  ): Basis<State> | undefined {
    if (together.some((waiting) => waiting.again)) return undefined;
    const known = this.folded.get(stream);
    if (known !== undefined) return { ...known, certain: false, eventIds: NO_IDS };
    if (!together.every((waiting) => waiting.expectNew)) return undefined;
    return { state: this.deps.decider.initial, revision: -1n, certain: false, eventIds: NO_IDS };
  }

  private async read(stream: string): Promise<Basis<State>> {
    const { decider, log } = this.deps;
    let state = decider.initial;
    let revision = -1n;
    const eventIds = new Set<string>();
    for (const event of await log.readStream(stream)) {
      state = decider.evolve(state, event as unknown as Event, event.metadata.recordedAt);
      revision = event.revision;
      eventIds.add(event.id);
    }
    return { state, revision, certain: true, eventIds };
  }

  private decideAll(
    stream: string,
    together: readonly Waiting<Command, State, Refusal>[],
    basis: Basis<State>,
  ): Plan<State, Event, Refusal> {
    const { decider, clock, schemaVersionOf } = this.deps;
    const recordedAt = timestampOf(clock.now());
    const events: NewEvent[] = [];
    const answers: Decision<Event, Refusal>[] = [];
    let state = basis.state;
    for (const { command, context } of together) {
      if (basis.eventIds.has(eventId(stream, context.commandId, 0))) {
        answers.push(RECORDED_BEFORE);
        continue;
      }
      const decision = decider.decide(command, state);
      answers.push(decision);
      if (decision.kind !== 'record') continue;
      decision.events.forEach((event, index) => {
        state = decider.evolve(state, event, recordedAt);
        events.push({
          id: eventId(stream, context.commandId, index),
          type: event.type,
          data: event.data as Readonly<Record<string, unknown>>,
          metadata: { schemaVersion: schemaVersionOf(event.type), ...context, recordedAt },
        });
      });
    }
    return { events, answers, state, revision: basis.revision + BigInt(events.length) };
  }

  /** Sends the same append again while its outcome is unknown: same ids, same revision, so it is the same append. */
  private async append(
    stream: string,
    basis: Basis<State>,
    plan: Plan<State, Event, Refusal>,
    giveUpAtMs: number,
  ): Promise<'appended' | 'wrong_revision' | 'unconfirmed'> {
    const expected = basis.revision === -1n ? 'no_stream' : basis.revision;
    for (let retry = 0; ; retry += 1) {
      const outcome = await this.deps.log.append(stream, expected, plan.events);
      if (outcome.kind !== 'unknown') return outcome.kind;
      if (!(await this.pause(retry, giveUpAtMs))) return 'unconfirmed';
    }
  }

  /** False when the wait would end after the caller's patience, or has: whoever stood still in it is not waited for. */
  private async pause(retry: number, giveUpAtMs: number): Promise<boolean> {
    const { clock, chance } = this.deps;
    const ms = jittered(
      chance,
      Math.min(FIRST_RETRY_AFTER_MS * 2 ** Math.min(retry, 20), RETRY_EVERY_AT_MOST_MS),
    );
    if (clock.now() + ms > giveUpAtMs) return false;
    await sleep(clock, ms);
    return clock.now() <= giveUpAtMs;
  }

  private answerOf(
    decision: Decision<Event, Refusal> | undefined,
    { state, revision }: Plan<State, Event, Refusal>,
  ): Handled<State, Refusal> {
    switch (decision?.kind) {
      case 'record':
        return { kind: 'recorded', state, revision };
      case 'nothing':
        return { ...decision, state, revision };
      case 'refuse':
        return { kind: 'refused', refusal: decision.refusal };
      case undefined:
        throw new Error('a command without a decision');
    }
  }
}

/** By an append that was not answered: deciding again would record the command twice, under the same ids. */
const RECORDED_BEFORE = { kind: 'record', events: [] } as const;

/** What a group of commands decided, and the state after all of it. */
interface Plan<State, Event, Refusal> {
  readonly events: readonly NewEvent[];
  readonly answers: readonly Decision<Event, Refusal>[];
  readonly state: State;
  readonly revision: bigint;
}

function answerAll<Command, State, Refusal>(
  together: readonly Waiting<Command, State, Refusal>[],
  handled: Handled<State, Refusal>,
): void {
  for (const waiting of together) waiting.answer(handled);
}
