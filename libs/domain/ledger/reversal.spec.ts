import { ledgerExamples } from '@tender/testing';
import type { Circumstances } from './journals';
import { reversalOf } from './reversal';
import { balancesOf, netOf } from './trial-balance';

const journals = ledgerExamples().flatMap(({ steps }) => steps.flatMap((step) => step.journals));

const ordered = (ledger = 'demo'): Circumstances => ({
  event: {
    id: 'event-9',
    type: 'CorrectionApproved',
    stream: 'reconCase-1',
    revision: 4n,
    recordedAt: '2026-04-01T00:00:00.000Z',
  },
  ledger,
  payment: null,
  effectiveAt: '2026-04-01T00:00:00.000Z',
});

describe('a reversal', () => {
  it.each(journals.map((one) => [one.id, one] as const))('of %s leaves nothing of it', (_, one) => {
    const taken = reversalOf(one, ordered(), 1);
    expect(balancesOf([one, taken], 'key').filter((row) => netOf(row) !== 0n)).toEqual([]);
    expect(taken).toMatchObject({
      id: 'event-9:1',
      reverses: one.id,
      template: one.template,
      layer: one.layer,
    });
  });

  it('takes no reversal back, and nothing out of other books', () => {
    const [one] = journals;
    expect(() => reversalOf(reversalOf(one!, ordered(), 1), ordered(), 2)).toThrow(
      'takes a journal back itself',
    );
    expect(() => reversalOf(one!, ordered('another'), 1)).toThrow('in the books of demo');
  });
});
