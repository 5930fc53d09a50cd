import type { RefundCommand, RefundEvent, RefundOutcome, RefundState } from '@tender/domain';
import { refundDecider } from '@tender/domain';
import fc from 'fast-check';
import { SOME_TIME } from './given';
import { outcomes } from './payment-samples';
import { initiateRefund, wordAboutRefund } from './refund-samples';

const atSecond = (second: number): string => `2026-03-01T12:00:0${second}.000Z`;

const anyOutcome: fc.Arbitrary<RefundOutcome> = fc
  .tuple(
    fc.constantFrom<RefundOutcome>(
      { kind: 'succeeded', pspReference: 'ref_1', amountMinor: 300n, occurredAt: SOME_TIME },
      { kind: 'succeeded', pspReference: 'ref_1', amountMinor: 299n, occurredAt: SOME_TIME },
      { kind: 'pending', pspReference: 'ref_1' },
      outcomes.notSent,
      outcomes.unknown,
      outcomes.burnt,
      ...[null, 'ref_1'].flatMap((pspReference) =>
        [true, false].map((debited) => ({
          kind: 'failed' as const,
          why: 'refused' as const,
          debited,
          detail: '',
          pspReference,
          occurredAt: SOME_TIME,
        })),
      ),
    ),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([outcome, second]) =>
    'occurredAt' in outcome ? { ...outcome, occurredAt: atSecond(second) } : outcome,
  );

const anyTry = fc.integer({ min: 1, max: 3 });
const heardAt = '2026-03-01T13:00:00.000Z';

const anyCommand: fc.Arbitrary<RefundCommand> = fc.oneof(
  fc.tuple(anyTry, anyOutcome).map(([number, outcome]): RefundCommand => ({
    type: 'RecordRefundOutcome',
    data: { number, outcome, heardAt },
  })),
  fc
    .tuple(anyTry, anyOutcome, fc.integer({ min: 1, max: 3 }))
    .map(([number, outcome, rank]): RefundCommand => ({
      type: 'RecordRefundNews',
      data: { number, outcome, heardAt, rank },
    })),
  anyTry.map((number): RefundCommand => ({
    type: 'RecordRefundLookup',
    data: {
      number,
      answer: { kind: 'not_found' },
      askedAt: heardAt,
      settlesAfterMs: 90_000,
      keySafeForMs: 0,
    },
  })),
  fc.constantFrom<RefundCommand>(
    { type: 'RetryRefund', data: { requestId: 'again', number: 2 } },
    { type: 'RetryRefund', data: { requestId: 'once more', number: 3 } },
    { type: 'AbandonRefund', data: { reason: null } },
    wordAboutRefund(1, 'done'),
    wordAboutRefund(1, 'not_done'),
    wordAboutRefund(1, 'returned'),
    wordAboutRefund(2, 'not_done'),
    wordAboutRefund(2, 'returned'),
  ),
);

const succeededAt = (second: number): RefundOutcome => ({
  kind: 'succeeded',
  pspReference: 'ref_1',
  amountMinor: 300n,
  occurredAt: atSecond(second),
});

const failedAt = (second: number): RefundOutcome => ({
  kind: 'failed',
  why: 'refused',
  debited: false,
  detail: '',
  pspReference: 'ref_1',
  occurredAt: atSecond(second),
});

const news = (outcome: RefundOutcome): RefundCommand => ({
  type: 'RecordRefundNews',
  data: { number: 1, outcome, heardAt, rank: 1 },
});

/** How a refund may have begun that random words seldom lead to. */
const beginnings: readonly (readonly RefundCommand[])[] = [
  [],
  [news(succeededAt(1))],
  [news(failedAt(1)), { type: 'AbandonRefund', data: { reason: null } }, news(succeededAt(2))],
];

/** The events of a refund to which everything was said, in any order; what makes no sense then is refused. */
export const anyRefundHistory: fc.Arbitrary<readonly RefundEvent[]> = fc
  .tuple(fc.constantFrom(...beginnings), fc.array(anyCommand, { minLength: 1, maxLength: 20 }))
  .map(([beginning, commands]) => {
    const events: RefundEvent[] = [];
    let state: RefundState = null;
    const first: RefundCommand = initiateRefund({ amountMinor: 300n });
    for (const command of [first, ...beginning, ...commands]) {
      const decision = refundDecider.decide(command, state);
      if (decision.kind !== 'record') continue;
      for (const event of decision.events) state = refundDecider.evolve(state, event, SOME_TIME);
      events.push(...decision.events);
    }
    return events;
  });
