import type {
  DisputeStage,
  OperationOutcome,
  PaymentCommand,
  RefundCommand,
  RefundOutcome,
} from '@tender/domain';
import { attemptIdOf, DISPUTE_RANK, FACT_RANK } from '@tender/domain';
import fc from 'fast-check';
import { operationReply, requestCapture, sampleOperationId } from './operation-samples';
import { initiate, outcomes, recordOutcome, SAMPLE_PAYMENT_ID, sampleInitiated } from './payment-samples';
import { reserveRefund, secondsLater } from './refund-samples';

type Generated<A> = A extends fc.Arbitrary<infer Value> ? Value : never;

/** One thing that a PSP says, in a reply or in a notice, to a payment or to one of its refunds. */
export type Word =
  | { readonly to: 'payment'; readonly command: PaymentCommand }
  | { readonly to: 'refund'; readonly key: string; readonly command: RefundCommand };

/** What happens, in which the order is given by its causes, and what is said of it, which may come in any order. */
export interface Chapter {
  readonly happens: readonly Word[];
  readonly said: readonly Word[];
}

/** A payment's life: each chapter begins once all of the one before was said at least once. */
export interface Script {
  readonly first: PaymentCommand;
  readonly refundKeys: readonly string[];
  readonly chapters: readonly Chapter[];
}

const AMOUNT_MINOR = 1_099n;
const REFUND_MINOR = 300n;

const toPayment = (command: PaymentCommand): Word => ({ to: 'payment', command });
const toRefund = (key: string, command: RefundCommand): Word => ({ to: 'refund', key, command });

const ofAttempt = (attemptId: string, command: PaymentCommand): PaymentCommand =>
  ({ ...command, data: { ...command.data, attemptId } }) as PaymentCommand;

/** The money is taken by the second attempt, after the first was declined by another PSP; or by the first one. */
function beginning(
  declinedFirst: boolean,
  manual: boolean,
  at: number,
): { chapters: Chapter[]; attemptId: string; reference: string } {
  const attemptId = attemptIdOf(SAMPLE_PAYMENT_ID, declinedFirst ? 2 : 1);
  const reference = declinedFirst ? 'psp_2' : 'pi_1';
  const occurredAt = secondsLater(at);
  const told = manual ? outcomes.authorized : outcomes.captured;
  const approval = ofAttempt(
    attemptId,
    recordOutcome({ ...told, pspReference: reference, occurredAt }, false),
  );
  const declined = toPayment(recordOutcome(outcomes.declined, false));
  const chapters: Chapter[] = declinedFirst ? [{ happens: [], said: [declined] }] : [];
  chapters.push({
    happens: [],
    said: declinedFirst ? [declined, toPayment(approval)] : [toPayment(approval)],
  });
  if (!manual) return { chapters, attemptId, reference };
  const operationId = sampleOperationId('capture').replace(attemptIdOf(SAMPLE_PAYMENT_ID, 1), attemptId);
  chapters.push({
    happens: [toPayment(requestCapture())],
    said: [
      toPayment(operationReply(operationId, { kind: 'pending', pspReference: 'cap_1' })),
      toPayment(captureTold(attemptId, at + 1, 'done')),
    ],
  });
  return { chapters, attemptId, reference };
}

interface NameOfCapture {
  readonly pspReference: string;
  /** The charge that it is of, where the PSP says so. */
  readonly paymentReference: string | null;
}

function captureTold(
  attemptId: string,
  atS: number,
  what: 'done' | 'failed' | 'done_again',
  { pspReference, paymentReference }: NameOfCapture = { pspReference: 'cap_1', paymentReference: null },
): PaymentCommand {
  const occurredAt = secondsLater(atS);
  const outcome: OperationOutcome =
    what === 'failed'
      ? { kind: 'failed', why: 'refused', detail: '', pspReference, occurredAt }
      : { kind: 'succeeded', pspReference, amountMinor: AMOUNT_MINOR, occurredAt };
  return {
    type: 'RecordOperationNews',
    data: {
      ...{ attemptId, operation: 'capture', pspReference, paymentReference },
      ...{ outcome, rank: FACT_RANK[what] },
      heardAt: secondsLater(500),
      settlesAfterMs: 90_000,
    },
  };
}

interface DisputeOf {
  readonly attemptId: string;
  readonly reference: string;
  readonly charge: string | null;
  readonly amountMinor: bigint;
}

const disputeTold = (
  { attemptId, reference, charge, amountMinor }: DisputeOf,
  stage: DisputeStage,
  atS: number,
): Word =>
  toPayment({
    type: 'RecordDisputeFact',
    data: {
      attemptId,
      fact: {
        disputeReference: reference,
        paymentReference: charge,
        stage,
        amountMinor,
        currency: 'USD',
        ...(stage === 'lost_in_part' && { putBackMinor: 200n }),
        fee: stage === 'funds_withdrawn' ? { amountMinor: 1_500n, currency: 'USD' } : null,
        reason: null,
        networkReasonCode: null,
        evidenceDueBy: null,
        occurredAt: secondsLater(atS),
        rank: DISPUTE_RANK[stage],
      },
    },
  });

const DISPUTES: readonly (readonly DisputeStage[])[] = [
  [],
  [],
  ['inquiry_opened', 'inquiry_closed'],
  ['inquiry_opened', 'opened', 'funds_withdrawn', 'under_review', 'funds_reinstated', 'won'],
  ['opened', 'funds_withdrawn', 'lost'],
  ['opened', 'funds_withdrawn', 'funds_reinstated', 'lost'],
  ['opened', 'funds_withdrawn', 'lost', 'lost_in_part'],
  ['funds_withdrawn', 'lost_in_part', 'under_review', 'won'],
  ['funds_withdrawn', 'lost', 'under_review', 'lost'],
  ['opened', 'funds_withdrawn', 'under_review', 'funds_reinstated', 'funds_withdrawn', 'lost'],
  ['funds_withdrawn', 'lost', 'won', 'funds_withdrawn'],
];

const CAPTURES: readonly (readonly ('failed' | 'done_again')[])[] = [
  [],
  [],
  ['failed'],
  ['failed', 'done_again'],
];

/** How a request to give a second charge back ends: refused, since a bank has it; done; or done, and it came back. */
const REVERSALS = ['disputed', 'given', 'came back'] as const;

const anySecond = fc.record({
  reversal: fc.constantFrom(...REVERSALS),
  disputes: fc.array(
    fc.record({
      stages: fc.constantFrom(...DISPUTES),
      amountMinor: fc.constantFrom(AMOUNT_MINOR, 700n),
    }),
    { maxLength: 2 },
  ),
  scheme: fc.constantFrom(...CAPTURES),
});

/**
 * The PSP has charged the attempt once more, beside its sale. A request to give that back may only end well where no bank
 * had the money when it was found, since it is not asked for then: so what banks and schemes do comes in a chapter of its own.
 */
function secondCharge(
  attemptId: string,
  { reversal, disputes, scheme }: Generated<typeof anySecond>,
  apartS: number,
): readonly Chapter[] {
  const charge = 'psp_9';
  const operationId = `${attemptId}-reversal-1`;
  const occurredAt = secondsLater(3);
  const approval = recordOutcome({ ...outcomes.captured, pspReference: charge, occurredAt }, false);
  const found = toPayment(ofAttempt(attemptId, approval));
  const reference = 'rev_1';
  const failed = { kind: 'failed', detail: '', pspReference: reference } as const;
  const refused = { ...failed, why: 'disputed', occurredAt: secondsLater(300) } as const;
  const done = { kind: 'succeeded', pspReference: reference, amountMinor: AMOUNT_MINOR } as const;
  const cameBack: PaymentCommand = {
    type: 'RecordOperationNews',
    data: {
      ...{ attemptId, operation: 'reversal', pspReference: reference, paymentReference: charge },
      ...{ outcome: { ...failed, why: 'refused', occurredAt: secondsLater(301) }, rank: FACT_RANK.failed },
      heardAt: secondsLater(500),
      settlesAfterMs: 90_000,
    },
  };
  const ends = {
    disputed: [operationReply(operationId, refused)],
    given: [operationReply(operationId, { ...done, occurredAt: secondsLater(300) })],
    'came back': [operationReply(operationId, { ...done, occurredAt: secondsLater(300) }), cameBack],
  }[reversal];
  const taken = disputes.flatMap(({ stages, amountMinor }, index) =>
    stages.map((stage, at) =>
      disputeTold(
        { attemptId, reference: `dp_other_${index}`, charge, amountMinor },
        stage,
        15 + at * apartS,
      ),
    ),
  );
  const capture = { pspReference: 'cap_9', paymentReference: charge };
  const fallen = scheme.map((what, at) => toPayment(captureTold(attemptId, 10 + at * apartS, what, capture)));
  const ended = ends.map(toPayment);
  return reversal === 'disputed'
    ? [
        { happens: [], said: [found, ...taken, ...ended] },
        { happens: [], said: fallen },
      ]
    : [
        { happens: [], said: [found] },
        { happens: [], said: [...taken, ...fallen, ...ended] },
      ];
}

type RefundTold = 'pending' | 'unknown' | 'given' | 'refused' | 'came back' | 'returned';

/** Of one try, in the order in which it was so. */
const REFUND_TRIES = {
  given: [
    ['pending', 'given'],
    ['given'],
    ['unknown', 'given'],
    ['pending', 'given', 'came back'],
    ['given', 'came back'],
  ],
  fails: [
    ['pending', 'refused'],
    ['pending', 'given', 'came back'],
    ['unknown', 'given', 'came back'],
  ],
} as const satisfies Record<string, readonly (readonly RefundTold[])[]>;

function refundTold(key: string, number: number, told: RefundTold, atS: number): Word {
  const pspReference = `${key}_${number}`;
  const occurredAt = secondsLater(atS);
  const failed = { kind: 'failed', why: 'returned', detail: '', pspReference, occurredAt } as const;
  const said: Readonly<Record<RefundTold, readonly [RefundOutcome, number]>> = {
    pending: [{ kind: 'pending', pspReference }, FACT_RANK.pending],
    unknown: [
      { kind: 'unknown', why: 'timeout', detail: '', pspReference: null, keyBurnt: false },
      FACT_RANK.pending,
    ],
    given: [{ kind: 'succeeded', pspReference, amountMinor: REFUND_MINOR, occurredAt }, FACT_RANK.done],
    refused: [{ ...failed, debited: false }, FACT_RANK.refused],
    'came back': [{ ...failed, debited: true }, FACT_RANK.failed],
    returned: [{ ...failed, debited: true }, FACT_RANK.failed],
  };
  const [outcome, rank] = said[told];
  const heardAt = secondsLater(500);
  return toRefund(
    key,
    told === 'pending' || told === 'unknown'
      ? { type: 'RecordRefundOutcome', data: { number, outcome, heardAt } }
      : { type: 'RecordRefundNews', data: { number, outcome, rank, heardAt } },
  );
}

const anyRefund = fc.record({
  fails: fc.constantFrom(...REFUND_TRIES.fails),
  isTriedAgain: fc.boolean(),
  then: fc.constantFrom(...REFUND_TRIES.given, ...REFUND_TRIES.fails),
});

/**
 * A payment with everything that PSPs, schemes and banks may tell of it: by which attempt it was charged, captures that
 * fall back, disputes, a second charge beside the sale, refunds with another try after one that failed. Facts are apart, or fall into one second.
 */
export const anyScript: fc.Arbitrary<Script> = fc
  .record({
    declinedFirst: fc.boolean(),
    manual: fc.boolean(),
    apartS: fc.constantFrom(0, 1, 7),
    captures: fc.constantFrom(...CAPTURES),
    disputes: fc.array(fc.constantFrom(...DISPUTES), { maxLength: 2 }),
    /** Whether the PSP says which charge a dispute of the sale is of. */
    isNamed: fc.boolean(),
    /** Whether what happens to the charge may be heard before the charge itself. */
    early: fc.boolean(),
    refunds: fc.array(anyRefund, { maxLength: 3 }),
    second: fc.option(anySecond, { nil: undefined }),
  })
  .map(({ declinedFirst, manual, apartS, captures, disputes, isNamed, early, refunds, second }) => {
    const { chapters, attemptId, reference: sale } = beginning(declinedFirst, manual, 1);
    const spaced = <Told, W>(
      told: readonly Told[],
      beginS: number,
      word: (told: Told, atS: number) => W,
    ): W[] => told.map((one, index) => word(one, beginS + index * apartS));
    const keys = refunds.map((_, index) => `refund-${index}`);
    const tries = refunds.map(({ fails, then, isTriedAgain }) => (isTriedAgain ? [fails, then] : [then]));
    const ofTry = (number: number): Word[] =>
      tries.flatMap((told, index) =>
        spaced<RefundTold, Word>(told[number - 1] ?? [], 20 + 100 * number, (one, atS) =>
          refundTold(keys[index] ?? '', number, one, atS),
        ),
      );
    const ofCharge = [
      // a capture that came with its authorisation cannot fall back in the second of that
      ...spaced(captures, 10, (what, atS) => toPayment(captureTold(attemptId, atS, what))),
      ...disputes.flatMap((stages, index) =>
        spaced(stages, 15, (stage, atS) =>
          disputeTold(
            { attemptId, reference: `dp_${index}`, charge: isNamed ? sale : null, amountMinor: 700n },
            stage,
            atS,
          ),
        ),
      ),
    ];
    if (early) {
      const last = chapters.pop();
      chapters.push({ happens: last?.happens ?? [], said: [...(last?.said ?? []), ...ofCharge] });
    }
    if (second !== undefined) chapters.push(...secondCharge(attemptId, second, apartS));
    chapters.push({
      happens: keys.map((key) => toPayment(reserveRefund(REFUND_MINOR, key))),
      said: [...(early ? [] : ofCharge), ...ofTry(1)],
    });
    const again = keys.filter((_, index) => tries[index]?.length === 2);
    if (again.length > 0) {
      chapters.push({
        happens: again.map((key) =>
          toRefund(key, { type: 'RetryRefund', data: { requestId: 'again', number: 2 } }),
        ),
        said: ofTry(2),
      });
    }
    const first = initiate({
      captureMethod: manual ? 'manual' : 'automatic',
      paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
      candidates: [
        ...sampleInitiated().candidates,
        { psp: 'adyen', token: 'adyen_card_ok', requestVersion: 1, reason: 'next in the order' },
      ],
    });
    return { first, refundKeys: keys, chapters };
  });
