import fc from 'fast-check';
import { LowWaterMark } from './low-water-mark';

const at = (commit: number) => ({ commit: BigInt(commit), prepare: BigInt(commit) });

describe('the low-water mark', () => {
  it('never passes unfinished work, and reaches the end when all is done', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }),
        fc.infiniteStream(fc.nat()),
        (kinds, chance) => {
          const mark = new LowWaterMark();
          const open = new Map<number, () => void>();
          kinds.forEach((isWork, index) => {
            if (isWork) open.set(index + 1, mark.begin(at(index + 1)));
            else mark.passed(at(index + 1));
          });
          while (open.size > 0) {
            const oldest = Math.min(...open.keys());
            expect(mark.position?.commit ?? 0n).toBeLessThan(BigInt(oldest));
            const chosen = [...open.keys()][chance.next().value! % open.size]!;
            open.get(chosen)!();
            open.delete(chosen);
          }
          expect(mark.position).toEqual(at(kinds.length));
          expect(mark.length).toBe(0);
        },
      ),
    );
  });

  it('does not grow by what needs no work', () => {
    const mark = new LowWaterMark();
    const done = mark.begin(at(1));
    for (let index = 2; index < 10_000; index += 1) mark.passed(at(index));
    expect(mark.length).toBe(2);
    done();
    expect(mark.position).toEqual(at(9_999));
  });
});
