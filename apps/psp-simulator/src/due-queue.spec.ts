import fc from 'fast-check';
import { DueQueue } from './due-queue';

type Item = readonly [atMs: number, order: number];
const inOrder = (one: Item, other: Item): number => one[0] - other[0] || one[1] - other[1];

it('gives back whatever was added, by time and then by number, whenever it is asked', () => {
  const step = fc.oneof(fc.nat(20), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DueQueue<Item>();
      const model: Item[] = [];
      const given: (Item | undefined)[] = [];
      const expected: (Item | undefined)[] = [];
      for (const [order, one] of steps.entries()) {
        if (one === 'take') {
          model.sort(inOrder);
          given.push(queue.first, queue.take());
          expected.push(model[0], model.shift());
        } else {
          queue.add(one, order, [one, order]);
          model.push([one, order]);
        }
      }
      expect(given).toEqual(expected);
    }),
  );
});
