import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CURRENT_REPRESENTATION,
  evolvePayment,
  representPayment,
  type Payment,
  type PaymentEvent,
  type PaymentState,
} from '@tender/domain';
import { outcomes, recordedBy, recordOutcome, sampleStart, SOME_TIME } from '@tender/testing';
import { paymentDecider } from '@tender/domain';

const fileOf = (version: number): string => join(__dirname, `payment-representation.v${version}.jsonl`);

/** Attempts that began before ids led to their payment keep the ids that they have. */
const asOnThatDay = <Named extends { readonly data: object }>(named: Named): Named =>
  'attemptId' in named.data
    ? { ...named, data: { ...named.data, attemptId: 'att_a79d65c9469e5468838592645995d513' } }
    : named;

/** One payment for each way to answer, by outcome. */
function payments(): readonly Payment[] {
  const freeText = {
    customerId: 'cus-9',
    description: 'Zwei Kärtchen',
    metadata: [
      { key: '10', value: 'b' },
      { key: '2', value: 'a' },
      { key: '__proto__', value: 'p' },
      { key: 'amountMinor', value: '$1' },
    ],
  };
  return [
    outcomes.captured,
    outcomes.declined,
    outcomes.unknown,
    outcomes.actionRequired,
    outcomes.notSent,
  ].map((outcome) => {
    const start = sampleStart({ freeText }).map(asOnThatDay);
    const fold = (events: readonly PaymentEvent[], from: PaymentState): PaymentState =>
      events.reduce<PaymentState>((state, event) => evolvePayment(state, event, SOME_TIME), from);
    const before = fold(start, null);
    const command = recordOutcome(outcome);
    return fold(recordedBy(paymentDecider.decide(asOnThatDay(command), before)), before)!;
  });
}

describe('the public representation', () => {
  it('of every version gives the same bytes as on the day it was introduced', () => {
    const file = fileOf(CURRENT_REPRESENTATION);
    const text = payments()
      .map((payment) => JSON.stringify(representPayment(payment, 3n)))
      .join('\n');
    if (!existsSync(file) && process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
    // never edit the file: an idempotent replay of years ago is answered in these bytes; add a version instead
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('of a version that this release does not know is not guessed', () => {
    const [payment] = payments();
    expect(() => representPayment({ ...payment!, representation: 2 }, 3n)).toThrow(
      'unknown payment representation 2',
    );
  });
});
