import type {
  DisputeStage,
  OperationKind,
  OperationOutcome,
  PaymentCommand,
  PaymentEvent,
} from '@tender/domain';
import { attemptIdOf } from '@tender/domain';
import fc from 'fast-check';
import { SOME_TIME } from './given';
import {
  done,
  operationNews,
  operationReply,
  operatorsWord,
  refused,
  requestCancel,
  requestCapture,
  returnFromAction,
  sampleOperationId,
} from './operation-samples';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleInitiated,
} from './payment-samples';
import { tell } from './story';

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
  'lost_in_part',
];

const anyAttempt = fc.integer({ min: 1, max: 2 }).map((number) => attemptIdOf(SAMPLE_PAYMENT_ID, number));
const anyOperation = fc
  .tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 3 }))
  .map(([kind, ordinal]) => sampleOperationId(kind, ordinal));
const anyOperationOutcome = fc.constantFrom(...operationOutcomes);
const atSecond = (second: number): string => `2026-03-01T12:00:0${second}.000Z`;
const anySecond = fc.integer({ min: 0, max: 9 }).map(atSecond);

const ofAttempt = (command: PaymentCommand, id: string): PaymentCommand =>
  ({ ...command, data: { ...command.data, attemptId: id } }) as PaymentCommand;

/** Of the same attempt, by a PSP that has forgotten its key. */
const secondCharge = (captured: boolean): PaymentCommand =>
  recordOutcome({ ...outcomes[captured ? 'captured' : 'authorized'], pspReference: 'pi_2' }, false);

const aboutAttempts: fc.Arbitrary<PaymentCommand> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.values(outcomes)), fc.boolean(), anyAttempt)
      .map(([outcome, surely, id]) => ofAttempt(recordOutcome(outcome, surely), id)),
    weight: 3,
  },
  {
    arbitrary: fc
      .tuple(fc.boolean(), anyAttempt)
      .map(([captured, id]) => ofAttempt(secondCharge(captured), id)),
    weight: 1,
  },
);

const aboutOperations: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.tuple(anyOperation, anyOperationOutcome).map(([id, outcome]) => operationReply(id, outcome)),
  fc
    .tuple(
      fc.constantFrom(...kinds),
      anyOperationOutcome,
      fc.constantFrom(null, 'pi_1', 'ref_1'),
      fc.integer({ min: 1, max: 3 }),
      anySecond,
      fc.constantFrom(null, 'pi_1', 'pi_2'),
    )
    .map(([kind, outcome, reference, rank, occurredAt, named]) => {
      const told = 'occurredAt' in outcome ? { ...outcome, occurredAt } : outcome;
      return operationNews(kind, told, reference, rank, named);
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
  anyOperation.map((operationId): PaymentCommand => ({ type: 'StartReversal', data: { operationId } })),
  fc.tuple(anyOperation, fc.boolean()).map(([operationId, isDone]) => operatorsWord(operationId, isDone)),
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
  ...['pi_1', 'pi_2'].map((pspReference): PaymentCommand => ({
    type: 'RecordExpiry',
    data: { attemptId, pspReference, occurredAt: SOME_TIME },
  })),
);

/** What each dispute is of: a charge that may be the sale or another one, all of it or a part; one names none. */
const DISPUTED: Readonly<Record<string, { readonly charge: string | null; readonly amountMinor: bigint }>> = {
  dp_1: { charge: 'pi_1', amountMinor: 1_000n },
  dp_2: { charge: 'pi_1', amountMinor: 1_099n },
  dp_3: { charge: 'pi_2', amountMinor: 1_099n },
  dp_4: { charge: 'pi_2', amountMinor: 1_000n },
  dp_5: { charge: null, amountMinor: 1_000n },
};

function disputeFact(
  stage: DisputeStage,
  second: number,
  { rank = 1, feeMinor = 0n, disputeReference = 'dp_1' } = {},
): PaymentCommand {
  const { charge = null, amountMinor = 1_000n } = DISPUTED[disputeReference] ?? {};
  return {
    type: 'RecordDisputeFact',
    data: {
      attemptId,
      fact: {
        disputeReference,
        paymentReference: charge,
        stage,
        amountMinor,
        currency: 'USD',
        ...(stage === 'lost_in_part' && { putBackMinor: 300n }),
        fee: feeMinor === 0n ? null : { amountMinor: feeMinor, currency: 'EUR' },
        reason: null,
        networkReasonCode: null,
        evidenceDueBy: null,
        occurredAt: atSecond(second),
        rank,
      },
    },
  };
}

const aboutDisputes: fc.Arbitrary<PaymentCommand> = fc
  .tuple(
    fc.constantFrom(...stages),
    fc.integer({ min: 0, max: 9 }),
    fc.record({
      rank: fc.integer({ min: 0, max: 3 }),
      feeMinor: fc.constantFrom(0n, 1_500n, -1_500n),
      disputeReference: fc.constantFrom(...Object.keys(DISPUTED)),
    }),
  )
  .map(([stage, second, more]) => disputeFact(stage, second, more));

const lookedFor: fc.Arbitrary<PaymentCommand> = anyAttempt.map((id) => ({
  type: 'RecordLookup',
  data: {
    attemptId: id,
    answer: { kind: 'not_found' },
    askedAt: '2026-03-01T13:00:00.000Z',
    settlesAfterMs: 90_000,
  },
}));

/** How a payment may have begun that random words seldom lead to. */
const beginnings: readonly (readonly PaymentCommand[])[] = [
  [],
  [recordOutcome(outcomes.authorized)],
  [recordOutcome(outcomes.captured)],
  [recordOutcome(outcomes.unknown)],
  [
    recordOutcome(outcomes.unknown),
    { type: 'StartCancel', data: { attemptId, purpose: 'forced_end' } },
    recordOutcome(outcomes.captured),
  ],
  [recordOutcome(outcomes.unknown), requestCancel(), recordOutcome(outcomes.captured)],
  [recordOutcome(outcomes.authorized), requestCapture()],
  [
    recordOutcome(outcomes.authorized),
    requestCapture(),
    operationReply(sampleOperationId('capture'), outcomes.unknown),
  ],
  [recordOutcome(outcomes.captured), disputeFact('funds_withdrawn', 1), disputeFact('lost', 2)],
  [recordOutcome(outcomes.declined), recordOutcome(outcomes.authorized)],
  [recordOutcome(outcomes.declined), recordOutcome(outcomes.captured)],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationNews('capture', refused('refused', 'ref_2'), 'ref_2', 2),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationNews('capture', refused('refused', 'ref_2'), 'ref_2', 2),
    operationNews('capture', done(1099n, 'ref_2'), 'ref_2', 3),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationReply(sampleOperationId('reversal'), done()),
    operationNews('reversal', refused('refused', 'ref_1'), 'ref_1', 2),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationReply(sampleOperationId('reversal'), done()),
    operationNews('capture', refused('refused', 'ref_2'), 'ref_2', 2),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationReply(sampleOperationId('reversal'), done()),
    operationNews('capture', refused('refused', 'ref_2'), 'ref_2', 2),
    operationNews('capture', done(1099n, 'ref_2'), 'ref_2', 3),
  ],
  // of a charge without a sale: lost before it is known, or while it has fallen back, or before it is given back after all
  [
    recordOutcome(outcomes.declined),
    disputeFact('lost', 2, { disputeReference: 'dp_2' }),
    recordOutcome(outcomes.captured),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationNews('capture', refused('refused', 'ref_2'), 'ref_2', 2),
    disputeFact('lost', 2, { disputeReference: 'dp_2' }),
    operationNews('capture', done(1099n, 'ref_2'), 'ref_2', 3),
  ],
  [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    disputeFact('lost', 2, { disputeReference: 'dp_1' }),
    operationReply(sampleOperationId('reversal'), done()),
  ],
  ...[done(), refused('refused')].map((end) => [
    recordOutcome(outcomes.declined),
    recordOutcome(outcomes.captured),
    operationReply(sampleOperationId('reversal'), outcomes.unknown),
    operationReply(sampleOperationId('reversal'), end),
  ]),
  ...[true, false].flatMap((captured) => [
    [recordOutcome(outcomes.authorized), secondCharge(captured)],
    [recordOutcome(outcomes.captured), secondCharge(captured)],
    [recordOutcome(outcomes.authorized), secondCharge(captured), requestCapture()],
    [recordOutcome(outcomes.authorized), secondCharge(captured), requestCancel()],
  ]),
];

/** Everything that merchant, buyer, PSP and process may ever say about a payment with two PSPs to ask. */
const anyCommand = fc.oneof(
  { arbitrary: aboutAttempts, weight: 4 },
  { arbitrary: aboutOperations, weight: 4 },
  { arbitrary: lookedFor, weight: 1 },
  { arbitrary: fromOutside, weight: 3 },
  { arbitrary: aboutDisputes, weight: 2 },
);

const { candidates } = sampleInitiated();

/** The events of a payment to which everything was said, in any order; what makes no sense then is refused. */
export const anyPaymentHistory: fc.Arbitrary<readonly PaymentEvent[]> = fc
  .record({
    captureMethod: fc.constantFrom('automatic' as const, 'manual' as const),
    beginning: fc.constantFrom(...beginnings),
    commands: fc.array(anyCommand, { minLength: 1, maxLength: 30 }),
  })
  .map(({ captureMethod, beginning, commands }) => {
    const first = initiate({
      captureMethod,
      paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
      candidates: [
        ...candidates,
        { psp: 'adyen', token: 'adyen_card_ok', requestVersion: 1, reason: 'next in the order' },
      ],
    });
    return tell([...beginning, ...commands], first).events;
  });
