import { settle, VirtualClock } from '@tender/testing';
import fc from 'fast-check';
import { Bulkhead, type BulkheadLimits } from './bulkhead';
import { keptFor, LANES, type Lane } from './lanes';

const LIMITS: BulkheadLimits = { maxConcurrent: 10, maxWaiting: 10, maxWaitMs: 2_000 };

function setUp(change: Partial<BulkheadLimits> = {}) {
  const clock = new VirtualClock();
  const limits = { ...LIMITS, ...change };
  const bulkhead = new Bulkhead(limits, clock);
  const heard: string[] = [];
  const ask = (lane: Lane, times = 1): void => {
    for (let n = 0; n < times; n += 1) {
      void bulkhead.enter(lane).then((isIn) => heard.push(`${lane} ${isIn ? 'in' : 'refused'}`));
    }
  };
  return { clock, limits, bulkhead, ask, heard };
}

describe('a bulkhead', () => {
  it('gives out its permits and keeps some for searches', async () => {
    const { ask, bulkhead, heard } = setUp();
    ask('first_send', 10);
    await settle();
    expect(bulkhead.inUse).toEqual({ first_send: 9, search: 0 });
    ask('search');
    await settle();
    expect(heard.at(-1)).toBe('search in');
  });

  it('keeps half of the room for new charges, however many searches come', async () => {
    const { ask, bulkhead } = setUp();
    ask('search', 100);
    ask('first_send', 5);
    await settle();
    expect(bulkhead.inUse).toEqual({ first_send: 5, search: 5 });
  });

  it('lets a call wait for its named time and not longer', async () => {
    const { ask, clock, heard } = setUp({ maxConcurrent: 2, maxWaiting: 2 });
    ask('first_send', 2);
    await clock.advance(LIMITS.maxWaitMs - 1);
    expect(heard).toEqual(['first_send in']);
    await clock.advance(1);
    expect(heard).toEqual(['first_send in', 'first_send refused']);
    expect(clock.pending).toBe(0);
  });

  it('gives a freed permit to the one who has waited longest', async () => {
    const { ask, bulkhead, clock, heard } = setUp({ maxConcurrent: 4, maxWaiting: 8 });
    ask('search', 2);
    ask('first_send', 2);
    ask('search');
    ask('first_send');
    await settle();
    bulkhead.leave('search');
    await settle();
    expect(heard.slice(4)).toEqual(['search in']);
    bulkhead.leave('first_send');
    await settle();
    expect(heard.slice(4)).toEqual(['search in', 'first_send in']);
    expect(clock.pending).toBe(0);
  });

  it('refuses at once whoever does not fit into the queue', async () => {
    const { ask, bulkhead, heard } = setUp({ maxConcurrent: 2, maxWaiting: 0 });
    ask('first_send', 2);
    await settle();
    expect(heard).toEqual(['first_send in', 'first_send refused']);
    expect(bulkhead.waiting).toEqual({ first_send: 0, search: 0 });
  });

  it('never has more in it than permits and places, and always a place for either lane that is short of its own', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('enter' as const), lane: fc.constantFrom(...LANES) }),
      fc.record({ do: fc.constant('leave' as const), lane: fc.constantFrom(...LANES) }),
      fc.record({ do: fc.constant('wait' as const), lane: fc.constantFrom(...LANES) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { bulkhead, clock, limits } = setUp({ maxConcurrent: 4, maxWaiting: 3 });
        const sure: number[] = [];
        for (const { do: what, lane } of steps) {
          if (what === 'enter') {
            const before = bulkhead.inUse[lane];
            void bulkhead.enter(lane);
            if (before < keptFor(lane, limits.maxConcurrent)) sure.push(bulkhead.inUse[lane] - before);
          } else if (what === 'leave' && bulkhead.inUse[lane] > 0) bulkhead.leave(lane);
          else if (what === 'wait') await clock.advance(700);
          const { inUse, waiting } = bulkhead;
          expect(inUse.first_send + inUse.search).toBeLessThanOrEqual(limits.maxConcurrent);
          expect(waiting.first_send + waiting.search).toBeLessThanOrEqual(limits.maxWaiting);
        }
        expect(sure.every((entered) => entered === 1)).toBe(true);
        await clock.advance(limits.maxWaitMs);
        expect(bulkhead.waiting).toEqual({ first_send: 0, search: 0 });
      }),
    );
  });
});
