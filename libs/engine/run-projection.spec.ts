import { EVENT_CATALOG } from '@tender/domain';
import { createCodec, createMemoryEventLog, MemoryStore, type RecordedEvent } from '@tender/eventstore';
import { initiate, MemoryCheckpoints, seededChance, settle, VirtualClock } from '@tender/testing';
import { CHECKPOINT_EVERY_MS } from './checkpoints';
import { paymentCommands } from './payment/payment-commands';
import { GATHER_MS, runProjection } from './run-projection';

function setUp(store = new MemoryStore(), checkpoints = new MemoryCheckpoints()) {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store });
  const commands = paymentCommands({ log, clock, chance: seededChance(1) });
  const pay = async (id: string): Promise<void> => {
    const context = { commandId: id, correlationId: id, causationId: id, actor: 'test' };
    await commands.handle(`payment-${id}`, initiate({ paymentId: id }), context);
    await settle();
  };
  const start = (apply: (events: readonly RecordedEvent[]) => Promise<void>) => {
    const running = runProjection({
      name: 'projection',
      prefixes: ['payment-'],
      log,
      checkpoints,
      clock,
      report: () => undefined,
      apply,
      isTransient: (error) => !String(error).includes('gap'),
    });
    running.finished.catch(() => undefined);
    return running;
  };
  return { clock, log, pay, start, store, checkpoints };
}

const nameOf = ({ stream, revision }: RecordedEvent): string => `${stream}@${revision}`;

describe('a projection', () => {
  it('applies every event in the order of the log, and gathers what comes while it writes', async () => {
    const { clock, pay, start } = setUp();
    const batches: string[][] = [];
    start((events) => {
      batches.push(events.map(nameOf));
      return Promise.resolve();
    });
    await pay('a');
    await pay('b');
    await pay('c');
    await clock.advance(2 * GATHER_MS);
    expect(batches.flat()).toEqual(
      ['a@0', 'a@1', 'b@0', 'b@1', 'c@0', 'c@1'].map((name) => `payment-${name}`),
    );
    expect(batches.length).toBeLessThan(4);
  });

  it('applies a batch again until the store has taken it, and goes no further before', async () => {
    const { clock, pay, start } = setUp();
    const applied: string[] = [];
    let failures = 5;
    start((events) => {
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new Error('not primary'));
      }
      applied.push(...events.map(nameOf));
      return Promise.resolve();
    });
    await pay('a');
    await pay('b');
    await clock.advance(60_000);
    expect(applied).toEqual(['a@0', 'a@1', 'b@0', 'b@1'].map((name) => `payment-${name}`));
  });

  it('stops at what no repetition can mend, with its checkpoint before it', async () => {
    const { clock, pay, start, checkpoints } = setUp();
    const running = start(() => Promise.reject(new Error('gap')));
    await pay('a');
    await clock.advance(CHECKPOINT_EVERY_MS);
    await expect(running.finished).rejects.toThrow('gap');
    expect(checkpoints.saved.get('projection')?.commit ?? 0n).toBe(0n);
  });

  it('goes on where it was after a restart', async () => {
    const first = setUp();
    const running = first.start(() => Promise.resolve());
    await first.pay('a');
    await first.clock.advance(CHECKPOINT_EVERY_MS);
    await running.stop();

    const second = setUp(first.store, first.checkpoints);
    const applied: string[] = [];
    second.start((events) => {
      applied.push(...events.map(nameOf));
      return Promise.resolve();
    });
    await second.pay('b');
    await second.clock.advance(GATHER_MS);
    expect(applied).toEqual(['payment-b@0', 'payment-b@1']);
  });
});
