import fc from 'fast-check';
import { v5 } from 'uuid';
import { eventId } from './event-ids';

/** Storage format: ids of events that were stored long ago must come out the same again. */
const NAMESPACE = '6f3f6d4c-2f0e-5b7b-9a54-3a7d0f1c8e21';

describe('an event id', () => {
  it('is the name-based uuid of stream, command and place, whatever the names hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(),
        (stream, commandId, index) => {
          expect(eventId(stream, commandId, index)).toBe(v5(`${stream}|${commandId}|${index}`, NAMESPACE));
        },
      ),
    );
  });

  it('stays what it was', () => {
    expect(eventId('payment-1', 'command-1', 0)).toBe(v5('payment-1|command-1|0', NAMESPACE));
    expect(eventId('payment-1', 'command-1', 1)).not.toBe(eventId('payment-1', 'command-1', 0));
  });
});
