import {
  done,
  initiate,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  returnFromAction,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import fc from 'fast-check';
import type { OperationKind, OperationOutcome } from '../psp/outcome';
import { findOperation, hasOutcome, isEnded, isOpen, isOpenOperation, type Payment } from './payment';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { climb, reactToPayment } from './payment.process';

const RUNS = 2_000;
const attemptId = SAMPLE_ATTEMPT_ID;
const start = Date.parse(SOME_TIME);
const looks = { keySafeForMs: 23 * 3_600_000, canLookUp: true, cancelsByOwnReference: false };
const ends = { keySafeForMs: 23 * 3_600_000, canLookUp: false, cancelsByOwnReference: true };
const kinds: readonly OperationKind[] = ['capture', 'cancel', 'reversal'];
const operationOutcomes: readonly OperationOutcome[] = [
  done(),
  done(null),
  outcomes.pending,
  outcomes.notSent,
  outcomes.unknown,
  outcomes.burnt,
  ...(
    ['not_found', 'already_captured', 'already_canceled', 'expired', 'never_received', 'refused'] as const
  ).map((why) => refused(why)),
];

const anyOperation = fc
  .tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 2 }))
  .map(([kind, ordinal]) => sampleOperationId(kind, ordinal));
const anyOutcome = fc.constantFrom(...Object.values(outcomes));

/** Everything that merchant, buyer, PSP and process may ever say about one attempt. */
const anyCommand: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.tuple(anyOutcome, fc.boolean()).map(([outcome, surely]) => recordOutcome(outcome, surely)),
  fc
    .tuple(anyOperation, fc.constantFrom(...operationOutcomes))
    .map(([id, outcome]) => operationReply(id, outcome)),
  fc
    .tuple(
      fc.constantFrom(...kinds),
      fc.constantFrom(...operationOutcomes),
      fc.constantFrom(null, 'pi_1', 'ref_1'),
    )
    .map(([kind, outcome, reference]) => operationNews(kind, outcome, reference)),
  fc.constantFrom<PaymentCommand>(
    requestCapture(),
    requestCapture(5n, 'another'),
    requestCancel(),
    returnFromAction,
    ...(['requested', 'abandoned', 'expired', 'forced_end'] as const).map((purpose): PaymentCommand => ({
      type: 'StartCancel',
      data: { attemptId, purpose },
    })),
    { type: 'RecordExpiry', data: { attemptId, pspReference: 'pi_1', occurredAt: SOME_TIME } },
  ),
  fc
    .tuple(anyOperation, fc.constantFrom('not_found' as const, 'unavailable' as const))
    .map(([operationId, kind]): PaymentCommand => ({
      type: 'RecordOperationLookup',
      data: {
        operationId,
        answer: kind === 'not_found' ? { kind } : { kind, detail: '' },
        askedAt: '2026-03-01T13:00:00.000Z',
        settlesAfterMs: 90_000,
      },
    })),
);

const anyStory = fc.record({
  captureMethod: fc.constantFrom('automatic' as const, 'manual' as const),
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 25 }),
});

interface Step {
  readonly payment: Payment;
  readonly event: PaymentEvent;
}

function stepsOf(commands: readonly PaymentCommand[], first: PaymentCommand): readonly Step[] {
  const steps: Step[] = [];
  let state: Payment | null = null;
  for (const event of tell(commands, first).events) {
    state = paymentDecider.evolve(state, event, SOME_TIME);
    if (state !== null) steps.push({ payment: state, event });
  }
  return steps;
}

/** What may follow the end: the search for what is still out, and giving back what came late. */
const AFTER_THE_END =
  /^(EvidenceRecorded|LateSuccessFound|ChargeReversed|Reversal\w+|Cancel(Failed|OutcomeUnknown)|CaptureFailed)$/;

describe('whatever is said about a payment, in whatever order', () => {
  const holds = (rule: (steps: readonly Step[]) => void): void => {
    fc.assert(
      fc.property(anyStory, ({ captureMethod, commands }) => {
        rule(stepsOf(commands, initiate({ captureMethod })));
      }),
      { numRuns: RUNS },
    );
  };

  it('an end is an end: no status and no money after it, only evidence and reversals', () => {
    holds((steps) => {
      const at = steps.findIndex(({ payment }) => isEnded(payment));
      if (at === -1) return;
      const { status, capturedMinor } = steps[at]!.payment;
      for (const { payment, event } of steps.slice(at + 1)) {
        expect(event.type).toMatch(AFTER_THE_END);
        expect(payment).toMatchObject({ status, capturedMinor });
      }
    });
  });

  it('captured is never more than authorised, and authorised never more than asked', () => {
    holds((steps) => {
      for (const { payment } of steps) {
        expect(payment.capturedMinor).toBeLessThanOrEqual(payment.authorizedMinor);
        expect(payment.authorizedMinor).toBeLessThanOrEqual(payment.amountMinor);
      }
    });
  });

  it('one attempt is live at most, and a page is shown to the buyer only while he is awaited', () => {
    holds((steps) => {
      for (const { payment } of steps) {
        expect(payment.attempts.filter(isOpen).length).toBeLessThanOrEqual(1);
        expect(payment.nextAction === null).toBe(payment.status !== 'requires_action');
      }
    });
  });

  it('money that is held without a sale is told, or was given back', () => {
    holds((steps) => {
      const { payment } = steps.at(-1)!;
      for (const { pspReference: reference } of payment.lateSuccesses) {
        const reversals = payment.operations.filter(({ kind }) => kind === 'reversal');
        expect(reversals.map(({ paymentReference }) => paymentReference)).toContain(reference);
      }
    });
  });

  it('a payment that has not ended waits for somebody who will come', () => {
    holds((steps) => {
      const { payment } = steps.at(-1)!;
      expect(isEnded(payment) || waker(payment, steps) !== undefined).toBe(true);
    });
  });

  it('an operation, once it has ended, stays as it ended', () => {
    holds((steps) => {
      const last = steps.at(-1)!.payment;
      for (const { payment } of steps) {
        for (const ended of payment.operations.filter((one) => !isOpenOperation(one))) {
          expect(findOperation(last, ended.id)).toEqual(ended);
        }
      }
    });
  });
});

/** Why the payment goes on: a request under way, a look that is due, the buyer, the merchant, or a person. */
function waker(payment: Payment, steps: readonly Step[]): string | undefined {
  const attempt = payment.attempts.at(-1);
  if (payment.status === 'requires_capture') return 'the merchant, or the end of the hold';
  const open = payment.operations.find(isOpenOperation);
  const subject = open ?? attempt;
  if (subject === undefined) return undefined;
  if (open?.status === 'started' || attempt?.status === 'started') return 'a reply';
  const failedReversal = payment.operations.some(
    ({ kind, status }) => kind === 'reversal' && status === 'failed',
  );
  if (open === undefined && failedReversal) return 'a person';
  const later = start + 40 * 24 * 3_600_000;
  const effects = [looks, ends].map((means) => climb(payment, subject.id, means, later).kind);
  if (effects.includes('ignore')) return undefined;
  const asked = steps.map(({ event }) => reactToPayment(event, payment, start));
  return asked.find((effect) => effect.kind === 'schedule' && effect.subject === subject.id)?.kind;
}

describe('a reply, a notice, the notice again and a late notice, in every order', () => {
  const stories: readonly (readonly [string, PaymentCommand, PaymentCommand[], PaymentCommand[]])[] = [
    [
      'of a capture',
      initiate({ captureMethod: 'manual' }),
      [recordOutcome(outcomes.authorized), requestCapture()],
      [
        operationReply(sampleOperationId('capture'), { kind: 'pending', pspReference: 'ref_1' }),
        operationNews('capture', done(), 'ref_1'),
        operationNews('capture', done(), 'ref_1'),
        recordOutcome(outcomes.authorized, false),
      ],
    ],
    [
      'of a cancel',
      initiate({ captureMethod: 'manual' }),
      [recordOutcome(outcomes.authorized), requestCancel()],
      [
        operationReply(sampleOperationId('cancel'), { kind: 'pending', pspReference: 'ref_1' }),
        operationNews('cancel', done(null), 'ref_1'),
        operationNews('cancel', done(null), 'ref_1'),
        recordOutcome(outcomes.authorized, false),
      ],
    ],
    [
      'of a forced end that came too late',
      initiate(),
      [recordOutcome(outcomes.unknown), { type: 'StartCancel', data: { attemptId, purpose: 'forced_end' } }],
      [
        operationReply(sampleOperationId('cancel'), { kind: 'pending', pspReference: 'ref_1' }),
        operationNews('cancel', refused('already_captured'), 'ref_1'),
        operationNews('cancel', refused('already_captured'), 'ref_1'),
        recordOutcome(outcomes.captured, false),
        recordOutcome(outcomes.captured, false),
      ],
    ],
    [
      'of a forced end that came in time',
      initiate({ captureMethod: 'manual' }),
      [recordOutcome(outcomes.unknown), { type: 'StartCancel', data: { attemptId, purpose: 'forced_end' } }],
      [
        operationReply(sampleOperationId('cancel'), { kind: 'pending', pspReference: 'ref_1' }),
        operationNews('cancel', done(null), 'ref_1'),
        operationNews('cancel', done(null), 'ref_1'),
        recordOutcome(outcomes.authorized, false),
      ],
    ],
    [
      'of a late success',
      initiate(),
      [recordOutcome(outcomes.declined), recordOutcome(outcomes.captured, false)],
      [
        operationReply(sampleOperationId('reversal'), { kind: 'pending', pspReference: 'ref_1' }),
        operationNews('reversal', done(), 'ref_1'),
        operationNews('reversal', done(), 'ref_1'),
        recordOutcome(outcomes.captured, false),
      ],
    ],
  ];

  it.each(stories)('%s end in the same state', (_what, first, past, said) => {
    const counted = (order: readonly PaymentCommand[]): unknown => {
      const { payment } = tell([...past, ...order], first);
      const { status, authorizedMinor, capturedMinor, failure, lateSuccesses, operations } = payment;
      const ended = operations.map(({ id, status: how }) => [id, how]);
      expect(hasOutcome(payment)).toBe(true);
      return { status, authorizedMinor, capturedMinor, failure, lateSuccesses, ended };
    };
    const expected = counted(said);
    const orders = fc
      .shuffledSubarray([...said, ...said], { minLength: 2 * said.length })
      .map((order) => [...order, ...said]);
    fc.assert(
      fc.property(orders, (order) => {
        expect(counted(order)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});
