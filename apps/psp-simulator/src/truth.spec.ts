import fc from 'fast-check';
import { rowsAsJson, type TruthRow } from './truth';

const row = (n: number): TruthRow => ({
  reference: `pi_${n}`,
  our_reference: null,
  idempotency_key: null,
  kind: 'charge',
  amount: n,
  currency: 'USD',
  status: 'succeeded',
  at: '2026-01-01T00:00:00.000Z',
});

describe('the truth in pieces', () => {
  it('is one JSON array of all rows in order, however many there are', () => {
    const edges = [0, 1, 499, 500, 501, 1000, 1001];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...edges), fc.nat(2_000)), (count) => {
        const rows = Array.from({ length: count }, (_, n) => row(n));
        expect(JSON.parse([...rowsAsJson(rows)].join(''))).toEqual(rows);
      }),
      { numRuns: 30 },
    );
  });
});
