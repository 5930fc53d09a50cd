import {
  bookedSteps,
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
  sampleInitiated,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
  type BookedStep,
} from '@tender/testing';
import fc from 'fast-check';
import { attemptIdOf } from '../kernel/ids';
import type { Payment } from '../payment/payment';
import { isEnded, isOpenOperation } from '../payment/payment';
import type { PaymentCommand } from '../payment/payment.commands';
import { evolvePayment } from '../payment/payment.state';
import type { PaymentEvent } from '../payment/payment.events';
import type { DisputeStage } from '../psp/news';
import type { OperationKind, OperationOutcome } from '../psp/outcome';
import { BOOKINGS } from './book';
import { accountOf } from './chart';
import type { Journal } from './journal';
import { templateId } from './template';
import { balancesOf, netOf, totalsOf } from './trial-balance';

const RUNS = 2_000;
const attemptId = SAMPLE_ATTEMPT_ID;
const kinds: readonly OperationKind[] = ['capture', 'cancel', 'reversal'];
const operationOutcomes: readonly OperationOutcome[] = [
  done(),
  done(null),
  done(5n),
  outcomes.pending,
  outcomes.notSent,
  outcomes.unknown,
  outcomes.burnt,
  ...(
    ['not_found', 'already_captured', 'already_canceled', 'expired', 'never_received', 'refused'] as const
  ).map((why) => refused(why)),
];
const stages: readonly DisputeStage[] = [
  'inquiry_opened',
  'opened',
  'funds_withdrawn',
  'funds_reinstated',
  'won',
  'lost',
];

const anyAttempt = fc.integer({ min: 1, max: 2 }).map((number) => attemptIdOf(SAMPLE_PAYMENT_ID, number));
const anyOperation = fc
  .tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 3 }))
  .map(([kind, ordinal]) => sampleOperationId(kind, ordinal));
const anyOperationOutcome = fc.constantFrom(...operationOutcomes);
const anySecond = fc.integer({ min: 0, max: 9 }).map((second) => `2026-03-01T12:00:0${second}.000Z`);

const ofAttempt = (command: PaymentCommand, id: string): PaymentCommand =>
  ({ ...command, data: { ...command.data, attemptId: id } }) as PaymentCommand;

const aboutAttempts: fc.Arbitrary<PaymentCommand> = fc
  .tuple(fc.constantFrom(...Object.values(outcomes)), fc.boolean(), anyAttempt)
  .map(([outcome, surely, id]) => ofAttempt(recordOutcome(outcome, surely), id));

const aboutOperations: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.tuple(anyOperation, anyOperationOutcome).map(([id, outcome]) => operationReply(id, outcome)),
  fc
    .tuple(
      fc.constantFrom(...kinds),
      anyOperationOutcome,
      fc.constantFrom(null, 'pi_1', 'ref_1'),
      fc.integer({ min: 1, max: 3 }),
      anySecond,
    )
    .map(([kind, outcome, reference, rank, occurredAt]) => {
      const told = 'occurredAt' in outcome ? { ...outcome, occurredAt } : outcome;
      return operationNews(kind, told, reference, rank);
    }),
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

const fromOutside: fc.Arbitrary<PaymentCommand> = fc.constantFrom<PaymentCommand>(
  requestCapture(),
  requestCapture(5n, 'another'),
  requestCancel(),
  returnFromAction,
  ...(['requested', 'abandoned', 'expired', 'forced_end'] as const).map((purpose): PaymentCommand => ({
    type: 'StartCancel',
    data: { attemptId, purpose },
  })),
  { type: 'RecordExpiry', data: { attemptId, pspReference: 'pi_1', occurredAt: SOME_TIME } },
);

const aboutDisputes: fc.Arbitrary<PaymentCommand> = fc
  .tuple(
    fc.constantFrom(...stages),
    anySecond,
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom(null, 1_500n, -1_500n),
    fc.constantFrom('dp_1', 'dp_2'),
  )
  .map(([stage, occurredAt, rank, fee, disputeReference]): PaymentCommand => ({
    type: 'RecordDisputeFact',
    data: {
      attemptId,
      fact: {
        disputeReference,
        stage,
        amountMinor: 1_000n,
        currency: 'USD',
        fee: fee === null ? null : { amountMinor: fee, currency: 'EUR' },
        reason: null,
        networkReasonCode: null,
        evidenceDueBy: null,
        occurredAt,
        rank,
      },
    },
  }));

/** Everything that merchant, buyer, PSP and process may ever say about a payment with two PSPs to ask. */
const anyCommand = fc.oneof(
  { arbitrary: aboutAttempts, weight: 4 },
  { arbitrary: aboutOperations, weight: 4 },
  { arbitrary: fromOutside, weight: 3 },
  { arbitrary: aboutDisputes, weight: 2 },
);

const { candidates } = sampleInitiated();
const anyStory = fc.record({
  captureMethod: fc.constantFrom('automatic' as const, 'manual' as const),
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 30 }),
});

interface Step extends BookedStep {
  readonly payment: Payment;
  /** All journals so far. */
  readonly posted: readonly Journal[];
}

function stepsOf({
  captureMethod,
  commands,
}: {
  captureMethod: 'automatic' | 'manual';
  commands: PaymentCommand[];
}): readonly Step[] {
  const first = initiate({
    captureMethod,
    paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
    candidates: [
      ...candidates,
      { psp: 'adyen', token: 'adyen_card_ok', requestVersion: 1, reason: 'next in the order' },
    ],
  });
  const events: readonly PaymentEvent[] = tell(commands, first).events;
  const posted: Journal[] = [];
  let payment: Payment | null = null;
  return bookedSteps(events).map((step, at) => {
    payment = evolvePayment(payment, events[at]!, SOME_TIME);
    posted.push(...step.journals);
    return { ...step, payment: payment!, posted: [...posted] };
  });
}

const seen = new Map<string, Set<string>>();

const holds = (rule: (step: Step) => void): void => {
  fc.assert(
    fc.property(anyStory, (story) => {
      for (const step of stepsOf(story)) rule(step);
    }),
    { numRuns: RUNS },
  );
};

const amounts = (journals: readonly Journal[], account: string): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    balancesOf(journals, 'key')
      .filter((row) => row.account === account && netOf(row) !== 0n)
      .map((row) => [row.key, netOf(row)]),
  );

const sumOf = (values: Iterable<bigint>): bigint => [...values].reduce((sum, value) => sum + value, 0n);

const nonZero = (entries: readonly (readonly [string, bigint])[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(entries.filter(([, amount]) => amount !== 0n));

describe('after every event of every history', () => {
  it('each layer is in balance in each currency', () => {
    holds(({ posted }) => {
      for (const { debitMinor, creditMinor } of totalsOf(balancesOf(posted, 'account'))) {
        expect(debitMinor).toBe(creditMinor);
      }
    });
  });

  it('no account that has one side only stands on the other, for any key', () => {
    holds(({ posted }) => {
      for (const row of balancesOf(posted, 'key')) {
        const { neverOnOtherSide, normal } = accountOf(row.account)!;
        const onNormal = normal === 'debit' ? netOf(row) : -netOf(row);
        expect([row, !neverOnOtherSide || onNormal >= 0n]).toEqual([row, true]);
      }
    });
  });

  it('sales and the PSP’s debt are what the payment says was captured', () => {
    holds(({ posted, payment }) => {
      expect(-sumOf(Object.values(amounts(posted, '2100')))).toBe(payment.capturedMinor);
      const withoutSale = -sumOf(Object.values(amounts(posted, '2190')));
      const onItsWayBack = -sumOf(Object.values(amounts(posted, '2010')));
      expect(sumOf(Object.values(amounts(posted, '1110')))).toBe(
        payment.capturedMinor + withoutSale + onItsWayBack,
      );
    });
  });

  it('money without a sale is what is being given back', () => {
    holds(({ posted, payment }) => {
      const reversals = payment.operations.filter(({ kind, captured }) => kind === 'reversal' && captured);
      const given = reversals.filter(({ status }) => status === 'succeeded');
      expect(amounts(posted, '2010')).toEqual(
        nonZero(given.map(({ id, amountMinor }) => [id, -amountMinor])),
      );
      const isBeing = reversals.some((one) => isOpenOperation(one));
      expect(!isBeing || Object.keys(amounts(posted, '2190')).length > 0).toBe(true);
    });
  });

  it('what is in doubt stands in the memo, by its attempt or operation, and nothing else does', () => {
    holds(({ posted, payment }) => {
      const { amountMinor } = payment;
      const doubts = [
        ...payment.attempts.filter(({ status }) => status === 'outcome_unknown').map(({ id }) => id),
        ...payment.operations
          .filter(({ kind, status }) => kind !== 'cancel' && status === 'outcome_unknown')
          .map(({ id }) => id),
      ];
      const open = amounts(posted, '9030');
      for (const subject of doubts) expect(open[subject]).toBeGreaterThan(0n);
      // approved while it is being ended, with automatic capture: whether it was taken is told by the end of that
      const untold = payment.attempts.filter(
        ({ status }) => status === 'authorized' && payment.captureMethod === 'automatic',
      );
      for (const [subject, amount] of Object.entries(open)) {
        expect([...doubts, ...untold.map(({ id }) => id)]).toContain(subject);
        expect(amount).toBeLessThanOrEqual(amountMinor);
      }
    });
  });

  it('what issuers hold stands in the memo: an authorisation that waits, or a late one that is being let go', () => {
    holds(({ posted, payment }) => {
      const waits =
        payment.captureMethod === 'manual' &&
        payment.attempts.filter(({ status }) => status === 'authorized');
      const held = amounts(posted, '9010');
      for (const { id } of waits || []) {
        const reversed = payment.operations.some(
          ({ kind, attemptId: of, captured }) => kind === 'reversal' && captured && of === id,
        );
        expect(held[id] ?? 0n).toBe(reversed ? 0n : payment.authorizedMinor);
      }
      const letGo = payment.operations.filter(({ kind, captured }) => kind === 'reversal' && !captured);
      const known = [...(waits || []).map(({ id }) => id), ...letGo.map(({ attemptId: id }) => id)];
      for (const id of Object.keys(held)) expect(known).toContain(id);
    });
  });

  it('the memo is empty once all has ended', () => {
    holds(({ posted, payment }) => {
      const reversalFailed = payment.operations.some(
        ({ kind, status }) => kind === 'reversal' && status === 'failed',
      );
      if (!isEnded(payment) || payment.operations.some(isOpenOperation) || reversalFailed) return;
      const memo = balancesOf(posted, 'key').filter(({ layer }) => layer === 'memo');
      expect(memo.filter((row) => netOf(row) !== 0n)).toEqual([]);
    });
  });

  it('what disputes have taken is a claim while it is undecided, and a loss once it is lost', () => {
    holds(({ posted, payment }) => {
      const claims = payment.disputes.filter(({ status }) => status !== 'lost');
      expect(amounts(posted, '1150')).toEqual(
        nonZero(claims.map(({ id, withdrawnMinor }) => [id, withdrawnMinor])),
      );
      const lost = payment.disputes.filter(({ status }) => status === 'lost');
      expect(sumOf(Object.values(amounts(posted, '5200')))).toBe(
        sumOf(lost.map(({ withdrawnMinor }) => withdrawnMinor)),
      );
    });
  });

  it('only the templates post that the event names', () => {
    holds(({ event, journals }) => {
      const { by } = BOOKINGS[event.type as PaymentEvent['type']];
      const used = seen.get(event.type) ?? new Set();
      seen.set(event.type, used);
      for (const { template } of journals) {
        used.add(template);
        expect(by.map(templateId)).toContain(template);
      }
    });
  });
});
