import * as fc from 'fast-check';
import type { LogRecord } from './record';
import { TailRing } from './tail-ring';

const recordAt = (position: number, bytes = 1): LogRecord =>
  ({ position, stored: Buffer.alloc(bytes) }) as unknown as LogRecord;

describe('the tail of the log in memory', () => {
  it('holds everything above its floor and nothing else, whatever its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 10 }) }), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 10, max: 50 }),
        (pushes, maxRecords, maxBytes) => {
          const evicted: number[] = [];
          const ring = new TailRing(0, ({ position }) => evicted.push(position), maxRecords, maxBytes);
          const all: number[] = [];
          for (const { gap, bytes } of pushes) {
            all.push((all.at(-1) ?? 0) + gap);
            ring.push(recordAt(all.at(-1)!, bytes));
            const kept = ring.after(ring.floor, 1_000).map(({ position }) => position);
            expect(kept).toEqual(all.filter((position) => position > ring.floor));
            expect(kept.length).toBeLessThanOrEqual(maxRecords);
          }
          expect(evicted).toEqual(all.filter((position) => position <= ring.floor));
        },
      ),
    );
  });

  it('gives the records after a position, at most as many as asked for', () => {
    const ring = new TailRing(0, () => undefined, 100, 1_000);
    for (const position of [10, 20, 30]) ring.push(recordAt(position));
    expect(ring.after(10, 1).map(({ position }) => position)).toEqual([20]);
    expect(ring.after(15, 9).map(({ position }) => position)).toEqual([20, 30]);
    expect(ring.after(30, 9)).toEqual([]);
  });
});
