import { seededChance, VirtualClock } from '@tender/testing';
import type { CommandContext, HandleOptions } from './handle-command';
import { recordAnswer } from './record-answer';

const cause = { eventId: 'event-1', correlationId: 'payment-1' };
const command = { type: 'RecordOutcome' };

function setUp(...answers: readonly ('unconfirmed' | 'conflict' | 'recorded' | 'nothing' | 'refused')[]) {
  const clock = new VirtualClock();
  const sendings: { context: CommandContext; options: HandleOptions | undefined }[] = [];
  const notRecorded: string[] = [];
  let stopping = false;
  const told = recordAnswer(
    {
      commands: {
        handle: (_stream, _command, context, options) => {
          const kind = answers[sendings.length] ?? 'recorded';
          sendings.push({ context, options });
          const why = { reason: 'no answer', because: 'known', refusal: { code: 'not_open' } };
          return Promise.resolve({ kind, state: null, revision: 0n, ...why });
        },
      },
      chance: seededChance(1),
      clock,
      actor: 'system:test',
      isStopping: () => stopping,
      notRecorded: (_stream, why) => notRecorded.push(why),
    },
    'payment-1',
    command,
    cause,
  );
  const stop = () => {
    stopping = true;
  };
  return { clock, sendings, notRecorded, told, stop };
}

describe('what a PSP said', () => {
  it('is sent until the store has it, as the same sending, which may be there from the second time on', async () => {
    const { clock, sendings, notRecorded, told } = setUp('unconfirmed', 'conflict', 'recorded');
    await clock.advance(60_000);
    expect(await told).toBe(true);
    expect(notRecorded).toEqual(['unconfirmed', 'conflict']);
    expect(new Set(sendings.map(({ context }) => context.commandId)).size).toBe(1);
    expect(sendings.map(({ options }) => options?.again)).toEqual([false, true, true]);
    expect(sendings[0]?.context).toMatchObject({ causationId: 'event-1', correlationId: 'payment-1' });
  });

  it('is no news where it is known', async () => {
    expect(await setUp('nothing').told).toBe(false);
  });

  it('that the stream refuses is an error: no repetition would end otherwise', async () => {
    await expect(setUp('refused').told).rejects.toThrow('RecordOutcome was refused: not_open');
  });

  it('is left to the redelivery of its cause when the process stops', async () => {
    const { clock, told, stop, sendings } = setUp('unconfirmed', 'unconfirmed');
    stop();
    const ended = told.catch(String);
    await clock.advance(60_000);
    expect(await ended).toContain('was not recorded before the stop');
    expect(sendings).toHaveLength(1);
  });
});
