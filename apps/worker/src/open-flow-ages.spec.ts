import { AGE_BANDS, MAX_TOLD_FLOWS, OpenFlowAges, TOLD_FROM_MS, type OldFlow } from './open-flow-ages';

const DUE = '2026-03-01T12:00:00.000Z';
const flow = (kind: 'outcome_unknown' | 'requires_action' | 'charge_not_returned', subject = 'att_1') => ({
  stream: 'payment-1',
  subject,
  kind,
  due: `${DUE} 1`,
});
const at = (ageMs: number): number => Date.parse(DUE) + ageMs;

function ages(): { told: OldFlow[]; ages: OpenFlowAges } {
  const told: OldFlow[] = [];
  return { told, ages: new OpenFlowAges((old) => told.push(old)) };
}

describe('ages of open flows', () => {
  it.each(
    AGE_BANDS.slice(1).map(({ name, fromMs }, before) => [name, fromMs, AGE_BANDS[before]!.name] as const),
  )('%s begins at its time and not a millisecond before', (name, fromMs, before) => {
    const { ages: counted } = ages();
    counted.saw(flow('requires_action'), at(fromMs));
    counted.saw(flow('requires_action'), at(fromMs - 1));
    counted.roundEnds();
    expect([counted.count('requires_action', name), counted.count('requires_action', before)]).toEqual([
      1, 1,
    ]);
  });

  it('tell an unknown once in each band, from 15 minutes on', () => {
    const { told, ages: escalated } = ages();
    for (const ageMs of [0, TOLD_FROM_MS - 1, TOLD_FROM_MS, TOLD_FROM_MS + 30_000, 3_600_000, 3_630_000]) {
      escalated.saw(flow('outcome_unknown'), at(ageMs));
      escalated.roundEnds();
    }
    expect(told.map(({ age }) => age)).toEqual(['15m', '1h']);
  });

  it('tell of money that was not given back, and not of a buyer or a merchant who is late', () => {
    const { told, ages: escalated } = ages();
    escalated.saw(flow('requires_action'), at(TOLD_FROM_MS));
    escalated.saw(flow('charge_not_returned'), at(TOLD_FROM_MS));
    expect(told.map(({ kind }) => kind)).toEqual(['charge_not_returned']);
  });

  it('forget what has ended, and what a failed round has counted', () => {
    const { ages: counted } = ages();
    counted.saw(flow('outcome_unknown'), at(0));
    counted.roundBegins();
    counted.saw(flow('outcome_unknown'), at(0));
    counted.roundEnds();
    expect(counted.count('outcome_unknown', 'fresh')).toBe(1);
    counted.roundEnds();
    expect(counted.count('outcome_unknown', 'fresh')).toBe(0);
  });

  it('tell of no more flows than they can remember', () => {
    const { told, ages: escalated } = ages();
    for (let n = 0; n <= MAX_TOLD_FLOWS; n += 1)
      escalated.saw(flow('outcome_unknown', `att_${n}`), at(TOLD_FROM_MS));
    expect(told).toHaveLength(MAX_TOLD_FLOWS);
  });
});
