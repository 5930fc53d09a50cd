import type { DomainEvent } from '@tender/domain';
import type { StreamCommands } from './handle-command';
import type { Chance } from './timers/chance';
import { jittered } from './timers/chance';
import type { Clock } from './timers/clock';
import { sleep } from './timers/clock';

/** Why a command is sent: the event that asked for it, and the story that this belongs to. */
export interface Cause {
  readonly stream: string;
  readonly eventId: string;
  readonly correlationId: string;
}

export interface RecordAnswerDeps<State, Command, Event extends DomainEvent, Refusal> {
  readonly commands: Pick<StreamCommands<State, Command, Event, Refusal>, 'handle'>;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly actor: string;
  readonly isStopping: () => boolean;
  readonly notRecorded: (stream: string, why: 'unconfirmed' | 'conflict') => void;
}

const RECORD_AGAIN_FIRST_AFTER_MS = 50;
const RECORD_AGAIN_AT_MOST_EVERY_MS = 5_000;

/**
 * What a PSP said is worth keeping: it is sent until the store has it, or the process ends. False where it told nothing
 * new.
 *
 * @param stream that is told; the cause may stand in another one
 */
export async function recordAnswer<
  State,
  Command extends { readonly type: string },
  Event extends DomainEvent,
  Refusal extends { readonly code: string },
>(
  deps: RecordAnswerDeps<State, Command, Event, Refusal>,
  stream: string,
  command: Command,
  { eventId, correlationId }: Pick<Cause, 'eventId' | 'correlationId'>,
): Promise<boolean> {
  const { commands, chance, clock, actor } = deps;
  const context = { commandId: chance.uuid(), correlationId, causationId: eventId, actor };
  for (let retry = 0; ; retry += 1) {
    const handled = await commands.handle(stream, command, context, { again: retry > 0 });
    if (handled.kind === 'recorded' || handled.kind === 'nothing') return handled.kind === 'recorded';
    if (handled.kind === 'refused') throw new Error(`${command.type} was refused: ${handled.refusal.code}`);
    deps.notRecorded(stream, handled.kind);
    if (deps.isStopping()) throw new Error(`${command.type} was not recorded before the stop`);
    const ms = Math.min(
      RECORD_AGAIN_FIRST_AFTER_MS * 2 ** Math.min(retry, 10),
      RECORD_AGAIN_AT_MOST_EVERY_MS,
    );
    await sleep(clock, jittered(chance, ms));
  }
}
