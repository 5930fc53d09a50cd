import * as fc from 'fast-check';
import { eventId } from './event-ids';
import { categoryOf, categoryPrefix, idOf, MAX_STREAM_NAME_BYTES, streamName } from './streams';

const category = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/);

describe('stream names', () => {
  it('come apart into what they were made of, also when the id has dashes', () => {
    fc.assert(
      fc.property(category, fc.string({ minLength: 1 }), (name, id) => {
        const stream = streamName(name, id);
        expect([categoryOf(stream), idOf(stream)]).toEqual([name, id]);
        expect(stream.startsWith(categoryPrefix(name))).toBe(true);
      }),
    );
  });

  it.each(['', 'a-b', '$system', '1st', 'with space'])('refuse the category %p', (name) => {
    expect(() => streamName(name, 'id')).toThrow(RangeError);
    expect(() => categoryPrefix(name)).toThrow(RangeError);
  });

  it.each(['', 'payment', 'payment-', '-id'])('refuse to take apart %p', (name) => {
    expect(() => idOf(name)).toThrow(RangeError);
    expect(() => categoryOf(name)).toThrow(RangeError);
  });

  it('end at a length counted in bytes', () => {
    const room = MAX_STREAM_NAME_BYTES - 'payment-'.length;
    expect(streamName('payment', 'x'.repeat(room))).toHaveLength(MAX_STREAM_NAME_BYTES);
    expect(() => streamName('payment', 'x'.repeat(room + 1))).toThrow(RangeError);
    expect(() => streamName('payment', 'é'.repeat(room / 2 + 1))).toThrow(RangeError);
  });
});

describe('event ids', () => {
  it('are the same for the same place and differ for another', () => {
    expect(eventId('payment-1', 'command', 0)).toBe(eventId('payment-1', 'command', 0));
    const others = [
      eventId('payment-1', 'command', 0),
      eventId('payment-1', 'command', 1),
      eventId('payment-1', 'other', 0),
      eventId('payment-2', 'command', 0),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  // part of the storage format: events stored before a deploy must be recognised after it; the value
  // comes from another implementation of RFC 9562 version 5
  it('never change', () => {
    expect(eventId('payment-1', 'command', 0)).toBe('a2b46674-3728-5a98-8a2c-7cb27712f562');
  });
});
