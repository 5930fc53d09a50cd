import {
  capturedPayment,
  disputeTold,
  given,
  recordedBy,
  refundStands,
  reserveRefund,
  sampleRefundId,
  sampleStart,
  secondsLater,
  SAMPLE_ATTEMPT_ID,
  SOME_TIME,
} from '@tender/testing';
import fc from 'fast-check';
import type { Payment } from './payment';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { reactToPayment } from './payment.process';
import {
  MAX_REFUNDS_PER_PAYMENT,
  overdrawnMinor,
  refundedMinor,
  refundPendingMinor,
  spokenForMinor,
} from './refund-reservation';

const captured = capturedPayment();

/** What commands in this order make of a captured payment, event by event. */
function stepsOf(commands: readonly PaymentCommand[], past: readonly PaymentEvent[] = captured) {
  const steps: { event: PaymentEvent; payment: Payment }[] = [];
  let { state } = given(paymentDecider, past);
  for (const command of commands) {
    for (const event of recordedBy(paymentDecider.decide(command, state))) {
      state = paymentDecider.evolve(state, event, SOME_TIME);
      steps.push({ event, payment: state! });
    }
  }
  return { steps, payment: state! };
}

const reserved = (amountMinor: bigint, key = 'refund-1'): PaymentEvent => ({
  type: 'RefundReserved',
  data: {
    refundId: sampleRefundId(key),
    fingerprint: 'body',
    amountMinor,
    currency: 'USD',
    psp: 'stripe',
    attemptId: SAMPLE_ATTEMPT_ID,
    pspReference: 'pi_1',
    captureReference: null,
    requestVersion: 1,
    representation: 1,
    freeText: { reason: null, metadata: [] },
  },
});

describe('a refund', () => {
  it('is reserved on the payment, for the PSP that captured', () => {
    given(paymentDecider, captured)
      .when(reserveRefund(400n))
      .thenRecords([reserved(400n)]);
  });

  it('is of all that is left, unless it says of how much', () => {
    given(paymentDecider, captured)
      .when(reserveRefund(null))
      .thenRecords([reserved(1099n)]);
    given(paymentDecider, [...captured, reserved(400n)])
      .when(reserveRefund(null, 'refund-2'))
      .thenRecords([reserved(699n, 'refund-2')]);
  });

  it('takes no more than is left, to the last minor unit', () => {
    const spec = given(paymentDecider, [...captured, reserved(1000n)]);
    spec.when(reserveRefund(100n, 'refund-2')).thenRefuses({ code: 'amount_exceeds_captured' });
    spec.when(reserveRefund(99n, 'refund-2')).thenRecords([reserved(99n, 'refund-2')]);
  });

  it('finds nothing where nothing is left, or nothing was captured', () => {
    given(paymentDecider, [...captured, reserved(1099n)])
      .when(reserveRefund(null, 'refund-2'))
      .thenRefuses({ code: 'amount_exceeds_captured' });
    given(paymentDecider, sampleStart())
      .when(reserveRefund(1n))
      .thenRefuses({ code: 'amount_exceeds_captured' });
  });

  it('under the same key is the same refund, and never one of another body', () => {
    const spec = given(paymentDecider, [...captured, reserved(400n)]);
    spec.when(reserveRefund(400n)).thenNothing();
    spec
      .when(reserveRefund(400n, 'refund-1', 'another body'))
      .thenRefuses({ code: 'idempotency_key_reused' });
  });

  it('is not made while the buyer’s bank has the money, and again once that is decided', () => {
    const out = [disputeTold('opened', 1, 500n), disputeTold('funds_withdrawn', 2, 500n)];
    const withdrawn = stepsOf(out).steps.map(({ event }) => event);
    given(paymentDecider, [...captured, ...withdrawn])
      .when(reserveRefund(1n))
      .thenRefuses({ code: 'payment_disputed' });
    const lost = stepsOf([...out, disputeTold('lost', 3, 500n)]).steps.map(({ event }) => event);
    const spec = given(paymentDecider, [...captured, ...lost]);
    spec.when(reserveRefund(600n)).thenRefuses({ code: 'amount_exceeds_captured' });
    spec.when(reserveRefund(599n)).thenRecords([reserved(599n)]);
    const won = stepsOf([...out, disputeTold('won', 3, 500n)]).steps.map(({ event }) => event);
    given(paymentDecider, [...captured, ...won])
      .when(reserveRefund(null))
      .thenRecords([reserved(1099n)]);
  });

  it('of another merchant’s payment is of none', () => {
    const { type, data } = reserveRefund(400n) as Extract<PaymentCommand, { type: 'ReserveRefund' }>;
    given(paymentDecider, captured)
      .when({ type, data: { ...data, merchant: 'other' } })
      .thenRefuses({ code: 'payment_not_found' });
  });

  it('of 200 at once that want 1 each, exactly those get it that there is money for', () => {
    const wanted = Array.from({ length: 200 }, (_, at) => reserveRefund(1n, `key-${at}`));
    const { steps, payment } = stepsOf(wanted, capturedPayment(100n));
    expect(steps.length).toBe(100);
    expect(refundPendingMinor(payment)).toBe(100n);
  });

  it(`is one of at most ${MAX_REFUNDS_PER_PAYMENT} of a payment`, () => {
    const wanted = Array.from({ length: MAX_REFUNDS_PER_PAYMENT }, (_, at) => reserveRefund(1n, `key-${at}`));
    const { steps } = stepsOf(wanted);
    expect(steps.length).toBe(MAX_REFUNDS_PER_PAYMENT);
    given(paymentDecider, [...captured, ...steps.map(({ event }) => event)])
      .when(reserveRefund(1n, 'one more'))
      .thenRefuses({ code: 'too_many_refunds' });
  });
});

describe('what became of a refund', () => {
  const past = [...captured, reserved(400n)];
  const money = { amountMinor: 400n, currency: 'USD' };
  const stood = { refundId: sampleRefundId(), number: 1, ...money };

  it('settles what was reserved', () => {
    const { state } = given(paymentDecider, past).when(refundStands('settled', 3));
    given(paymentDecider, past)
      .when(refundStands('settled', 3))
      .thenRecords([
        { type: 'RefundSettled', data: { ...stood, refundRevision: 3, occurredAt: secondsLater(3) } },
      ]);
    expect([refundedMinor(state()!), refundPendingMinor(state()!)]).toEqual([400n, 0n]);
  });

  it('keeps it where the money came back, and lets it go where nothing is owed', () => {
    const returned = stepsOf([refundStands('settled', 3), refundStands('returned', 4)], past).payment;
    expect([refundedMinor(returned), refundPendingMinor(returned)]).toEqual([0n, 400n]);
    const released = stepsOf([refundStands('settled', 3), refundStands('abandoned', 5)], past).payment;
    expect([refundedMinor(released), spokenForMinor(released)]).toEqual([0n, 0n]);
  });

  it('is what the latest word says, in whatever order words come, and however often', () => {
    const words = [
      refundStands('settled', 3),
      refundStands('returned', 4),
      refundStands('settled', 7, { number: 2 }),
      refundStands('returned', 8, { number: 2 }),
      refundStands('abandoned', 9, { number: 2 }),
    ];
    for (let upTo = 1; upTo <= words.length; upTo += 1) {
      const heard = words.slice(0, upTo);
      const inOrder = stepsOf(heard, past).payment.refunds;
      fc.assert(
        fc.property(fc.shuffledSubarray([...heard, ...heard], { minLength: 2 * upTo }), (order) => {
          expect(stepsOf(order, past).payment.refunds).toEqual(inOrder);
        }),
      );
    }
  });
});

describe('another try of a refund that is owed still', () => {
  const granting = (number = 2, requestId = 'retry-1'): PaymentCommand => ({
    type: 'GrantRefundRetry',
    data: { refundId: sampleRefundId(), number, requestId },
  });
  const grant = (number = 2, requestId = 'retry-1'): PaymentEvent => ({
    type: 'RefundRetryGranted',
    data: { refundId: sampleRefundId(), number, requestId, amountMinor: 400n, currency: 'USD' },
  });
  const past = [...captured, reserved(400n)];
  const recordsOf = (...commands: readonly PaymentCommand[]): readonly PaymentEvent[] => [
    ...past,
    ...stepsOf(commands, past).steps.map(({ event }) => event),
  ];

  it('is allowed by the payment, once for each request', () => {
    given(paymentDecider, past).when(granting()).thenRecords([grant()]);
    given(paymentDecider, recordsOf(granting()))
      .when(granting(2, 'retry-2'))
      .thenRecords([grant(2, 'retry-2')]);
  });

  it.each([
    ['the buyer’s bank has the money', [disputeTold('funds_withdrawn', 1)], 'payment_disputed'],
    [
      'it was allowed before, and the bank has the money since',
      [granting(), disputeTold('funds_withdrawn', 1)],
      'payment_disputed',
    ],
    ['the bank keeps more than would be left', [disputeTold('lost', 1, 700n)], 'amount_exceeds_captured'],
    ['it holds nothing any more', [refundStands('abandoned', 3)], 'not_retryable'],
  ] as const)('is refused where %s', (_, happened, code) => {
    given(paymentDecider, recordsOf(...happened))
      .when(granting())
      .thenRefuses({ code });
  });

  it('is allowed where the bank keeps no more than the rest', () => {
    given(paymentDecider, recordsOf(disputeTold('lost', 1, 699n)))
      .when(granting())
      .thenRecords([grant()]);
  });

  it('is not begun for a request that another one followed, nor once the bank has the money', () => {
    const asks = (commands: readonly PaymentCommand[]): string => {
      const { payment } = stepsOf([granting(), ...commands], past);
      return reactToPayment(grant(), payment, 0).kind;
    };
    expect(asks([])).toBe('retry_refund');
    expect(asks([granting(2, 'retry-2')])).toBe('ignore');
    expect(asks([disputeTold('funds_withdrawn', 1)])).toBe('ignore');
    expect(asks([disputeTold('funds_withdrawn', 1), disputeTold('won', 2)])).toBe('retry_refund');
  });
});

describe('whatever merchants, PSPs and banks do', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const anyCommand: fc.Arbitrary<PaymentCommand> = fc.oneof(
    fc.tuple(fc.bigInt({ min: 1n, max: 1200n }), key).map(([amount, of]) => reserveRefund(amount, of)),
    key.map((of) => reserveRefund(null, of)),
    fc
      .tuple(fc.constantFrom('settled', 'returned', 'failed', 'abandoned'), fc.nat(20), key)
      .map(([standing, at, of]) => refundStands(standing, at, { key: of })),
    fc
      .tuple(
        fc.constantFrom('opened', 'funds_withdrawn', 'funds_reinstated', 'won', 'lost'),
        fc.nat(9),
        fc.bigInt({ min: 1n, max: 1099n }),
      )
      .map(([stage, at, amount]) => disputeTold(stage, at, amount)),
  );

  it('no refund is reserved beyond what was captured', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
        for (const { event, payment } of stepsOf(commands).steps) {
          const isOverByUs = event.type === 'RefundReserved' && overdrawnMinor(payment) > 0n;
          expect(isOverByUs).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('without a dispute and without a late failure, never any money is spoken for twice', () => {
    const harmless = anyCommand.filter(
      ({ type, data }) =>
        type === 'ReserveRefund' ||
        (type === 'RecordRefundStanding' && (data.standing === 'settled' || data.standing === 'returned')),
    );
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 40 }), (commands) => {
        for (const { payment } of stepsOf(commands).steps) {
          expect(spokenForMinor(payment)).toBeLessThanOrEqual(payment.capturedMinor);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
