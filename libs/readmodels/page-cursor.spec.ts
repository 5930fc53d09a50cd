import fc from 'fast-check';
import { InvalidCursor } from './failures';
import { decodeCursor, encodeCursor } from './page-cursor';

const places = fc.record({
  createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
  id: fc.uuid(),
});

const cursorOf = (text: string): string => Buffer.from(text, 'latin1').toString('base64url');
const id = '0b1c2d3e-4f50-5162-8374-95a6b7c8d9e0';

describe('a page cursor', () => {
  it('names the place it was made from', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(decodeCursor(encodeCursor(place))).toEqual(place);
      }),
    );
  });

  it('can stand in a query string as it is', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(encodeCursor(place)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['a foreign text', cursorOf('hello')],
    ['another version', cursorOf(`2:1:${id}`)],
    ['no id', cursorOf('1:1:')],
    ['an operator for an id', cursorOf('1:1:{"$gt":""}')],
    ['a time beyond time', cursorOf(`1:9999999999999999:${id}`)],
    ['a time before the epoch', cursorOf(`1:-1:${id}`)],
    ['a zero too many', cursorOf(`1:01:${id}`)],
    ['padding', `${cursorOf(`1:1:${id}`)}=`],
    ['blanks that decoders skip', ` ${cursorOf(`1:1:${id}`)}`],
  ])('is refused when it is %s', (_, cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(InvalidCursor);
  });

  it('is refused or left as it was after any one change', () => {
    fc.assert(
      fc.property(places, fc.nat(), fc.constantFrom('A', 'z', '0', '-', '.'), (place, at, letter) => {
        const cursor = encodeCursor(place);
        const index = at % cursor.length;
        const changed = cursor.slice(0, index) + letter + cursor.slice(index + 1);
        expect([undefined, changed]).toContain(readAgain(changed));
      }),
    );
  });
});

function readAgain(cursor: string): string | undefined {
  try {
    return encodeCursor(decodeCursor(cursor));
  } catch (failure) {
    if (failure instanceof InvalidCursor) return undefined;
    throw failure;
  }
}
