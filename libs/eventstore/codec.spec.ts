import * as fc from 'fast-check';
import { createCodec, EncodedEvent, StoredEvent } from './codec';
import { MalformedEvent, UnencodableValue, UnknownEventType, UnknownSchemaVersion } from './failures';
import { MAX_DATA_DEPTH, MAX_INT64, MIN_INT64 } from './limits';
import { EventMetadata, NewEvent } from './log';

const metadata: EventMetadata = {
  schemaVersion: 1,
  correlationId: 'correlation',
  causationId: 'causation',
  commandId: 'command',
  actor: 'test',
  recordedAt: '2026-01-01T00:00:00.000Z',
};
const codec = createCodec({ Paid: { version: 1 } });
const paid = (data: Record<string, unknown>): NewEvent => ({ id: 'id', type: 'Paid', data, metadata });

/** Through text, as every store does. */
const stored = (event: EncodedEvent): StoredEvent => ({
  stream: 'payment-1',
  revision: 0n,
  position: { commit: 64n, prepare: 64n },
  id: event.id,
  type: event.type,
  data: JSON.parse(JSON.stringify(event.data)) as unknown,
  metadata: JSON.parse(JSON.stringify(event.metadata)) as unknown,
});
const roundTrip = (data: Record<string, unknown>) => codec.decode(stored(codec.encode(paid(data)))).data;

const plainKey = fc.string().filter((key) => !key.endsWith('Minor') && key !== '__proto__');
const minorKey = fc.string().map((key) => `${key}Minor`);
const minor = fc.option(fc.bigInt({ min: MIN_INT64, max: MAX_INT64 }));
const { data: anyData } = fc.letrec<{ data: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('data'),
  ),
  data: fc
    .tuple(
      fc.dictionary(plainKey, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      fc.dictionary(minorKey, minor, { maxKeys: 3, noNullPrototype: true }),
    )
    .map(([plain, amounts]) => ({ ...plain, ...amounts })),
}));

describe('codec', () => {
  it('gives back what went in, whatever the nesting and the amounts', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        expect(roundTrip(data)).toEqual(data);
      }),
    );
  });

  it('stores amounts as decimal strings', () => {
    expect(codec.encode(paid({ amountMinor: 9_007_199_254_740_993n })).data).toEqual({
      amountMinor: '9007199254740993',
    });
  });

  it.each([
    ['a bigint under another key', { amount: 1n }],
    ['a bigint in an array', { amountsMinor: [1n] }],
    ['a number as an amount', { amountMinor: 1 }],
    ['a string as an amount', { lines: [{ amountMinor: '1' }] }],
    ['more than 64 bits', { amountMinor: MAX_INT64 + 1n }],
    ['less than 64 bits', { amountMinor: MIN_INT64 - 1n }],
    ['not a number', { ratio: Number.NaN }],
    ['infinity', { ratio: Number.POSITIVE_INFINITY }],
    ['a date', { at: new Date(0) }],
    ['a function', { f: () => 1 }],
    ['undefined in an array', { list: [undefined] }],
    ['a key that would change the prototype', JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>],
  ])('refuses to encode %s', (_, data) => {
    expect(() => codec.encode(paid(data))).toThrow(UnencodableValue);
  });

  it('leaves out undefined fields as JSON does', () => {
    expect(roundTrip({ a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  it.each(['1.5', '01', '', '-0', '+1', ' 1', '1e3', 1, true, {}, (MAX_INT64 + 1n).toString()])(
    'refuses the stored amount %p',
    (amountMinor) => {
      const event = stored({ id: 'id', type: 'Paid', data: { deep: [{ amountMinor }] }, metadata });
      expect(() => codec.decode(event)).toThrow(MalformedEvent);
    },
  );

  it('allows nesting up to its limit and not beyond', () => {
    const nested = (depth: number): Record<string, unknown> => (depth === 1 ? {} : { a: nested(depth - 1) });
    expect(roundTrip(nested(MAX_DATA_DEPTH))).toEqual(nested(MAX_DATA_DEPTH));
    expect(() => codec.encode(paid(nested(MAX_DATA_DEPTH + 1)))).toThrow(UnencodableValue);
    const tooDeep = stored({ id: 'id', type: 'Paid', data: nested(MAX_DATA_DEPTH + 1), metadata });
    expect(() => codec.decode(tooDeep)).toThrow(MalformedEvent);
  });

  it.each(['Unheard', 'constructor', 'toString', '__proto__'])('does not know the event type %s', (type) => {
    expect(() => codec.encode({ ...paid({}), type })).toThrow(UnknownEventType);
    expect(() => codec.decode({ ...stored(codec.encode(paid({}))), type })).toThrow(UnknownEventType);
  });

  it.each([
    ['data that is not an object', { data: ['a'] }],
    ['data that is not JSON', { data: '{"a":' }],
    ['missing metadata', { metadata: undefined }],
    ['metadata without a version', { metadata: { ...metadata, schemaVersion: undefined } }],
    ['metadata without a command', { metadata: { ...metadata, commandId: 1 } }],
  ])('refuses to decode %s', (_, part) => {
    expect(() => codec.decode({ ...stored(codec.encode(paid({}))), ...part })).toThrow(MalformedEvent);
  });
});

describe('upcasting', () => {
  const current = createCodec({
    Paid: {
      version: 3,
      upcast: {
        1: ({ amountMinor, ...rest }) => ({ ...rest, amount: { valueMinor: amountMinor } }),
        2: (data) => ({ ...data, captured: true }),
      },
    },
  });

  it('brings an old event forward step by step, with amounts already bigints', () => {
    const old = stored(codec.encode(paid({ amountMinor: 5n, note: 'x' })));
    const read = current.decode(old);
    expect(read.data).toEqual({ note: 'x', amount: { valueMinor: 5n }, captured: true });
    expect(read.metadata).toEqual({ ...metadata, schemaVersion: 3 });
  });

  it('does not touch an event of the current version', () => {
    const event = { ...paid({ amount: { valueMinor: 5n } }), metadata: { ...metadata, schemaVersion: 3 } };
    expect(current.decode(stored(current.encode(event)))).toMatchObject(event);
  });

  it('stops at an event from a newer program', () => {
    const event = { ...paid({}), metadata: { ...metadata, schemaVersion: 3 } };
    expect(() => codec.decode(stored(current.encode(event)))).toThrow(UnknownSchemaVersion);
  });

  it('writes the current version only', () => {
    expect(() => current.encode(paid({}))).toThrow(UnknownSchemaVersion);
  });

  it.each([{ version: 0 }, { version: 1.5 }, { version: 2 }, { version: 3, upcast: { 1: () => ({}) } }])(
    'refuses a catalog with a gap: %p',
    (entry) => {
      expect(() => createCodec({ Paid: entry })).toThrow(RangeError);
    },
  );
});
