import type { DomainEvent } from '@tender/domain';
import { anyPaymentHistory, anyRefundHistory, bookedSteps } from '@tender/testing';
import fc from 'fast-check';
import { FIRST_LEDGER_VERSION } from './ledger-collections';

/** What the heads of this form remember. Another list asks for another name: heads that were stored lack what is new. */
const REMEMBERED = {
  form3: {
    payments: [
      ...['amountMinor', 'attempts', 'attempts.chargeReference', 'attempts.doubtMinor', 'attempts.heldMinor'],
      ...['attempts.id', 'attempts.psp', 'captureMethod', 'currency', 'disputes', 'disputes.attemptId'],
      ...['disputes.currency', 'disputes.id', 'disputes.lostMinor', 'disputes.paymentReference'],
      ...['disputes.withdrawnMinor', 'heldCharges'],
      ...['heldCharges.attemptId', 'heldCharges.heldMinor', 'heldCharges.pspReference', 'lateCharges'],
      ...['lateCharges.amountMinor', 'lateCharges.attemptId', 'lateCharges.fallen', 'lateCharges.givenBy'],
      ...['lateCharges.pspReference', 'ledger', 'operations', 'operations.amountMinor'],
      ...[
        'operations.attemptId',
        'operations.doubtMinor',
        'operations.id',
        'operations.pspReference',
        'payment',
      ],
    ],
    refunds: ['amountMinor', 'currency', 'inDoubt', 'ledger', 'payment', 'psp', 'stands'],
  },
};

describe('the heads of the ledger', () => {
  it('remember what their form says, by whose name they are stored', () => {
    const payments = fc.sample(anyPaymentHistory, { numRuns: 500, seed: 1 });
    const refunds = fc.sample(anyRefundHistory, { numRuns: 200, seed: 1 });
    const remembered = { payments: fieldsOf(payments), refunds: fieldsOf(refunds) };
    expect({ [FIRST_LEDGER_VERSION]: remembered }).toEqual(REMEMBERED);
  });
});

const fieldsOf = (histories: readonly (readonly DomainEvent[])[]): readonly string[] =>
  [
    ...new Set(
      histories.flatMap((events) => bookedSteps(events).flatMap(({ books }) => [...pathsIn(books)])),
    ),
  ].sort();

function* pathsIn(value: object, under = ''): Generator<string> {
  for (const [name, inside] of Object.entries(value) as [string, unknown][]) {
    yield `${under}${name}`;
    const items: readonly unknown[] = Array.isArray(inside) ? inside : [inside];
    for (const item of items) {
      if (typeof item === 'object' && item !== null) yield* pathsIn(item, `${under}${name}.`);
    }
  }
}
