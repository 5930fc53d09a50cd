import { capturedPayment, disputeTold, given, recordedBy, SOME_TIME } from '@tender/testing';
import fc from 'fast-check';
import type { DisputeStage } from '../psp/news';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { disputedMinor } from './refund-reservation';

const captured = capturedPayment();

function tell(commands: readonly PaymentCommand[]) {
  const events: PaymentEvent[] = [];
  let { state } = given(paymentDecider, captured);
  for (const command of commands) {
    for (const event of recordedBy(paymentDecider.decide(command, state))) {
      state = paymentDecider.evolve(state, event, SOME_TIME);
      events.push(event);
    }
  }
  return { payment: state!, dispute: state!.disputes[0], events };
}

const typesOf = (commands: readonly PaymentCommand[]): readonly string[] =>
  tell(commands).events.map(({ type }) => type);

/** What the books make of these events: by account, as ledger.md has it. */
function booked(events: readonly PaymentEvent[]) {
  let [receivableMinor, feesMinor, lossesMinor] = [0n, 0n, 0n];
  for (const event of events) {
    if (!event.type.startsWith('Dispute')) continue;
    const { data } = event as Extract<PaymentEvent, { type: 'DisputeWon' }>;
    feesMinor += data.feeMinor;
    if (event.type === 'DisputeFundsWithdrawn') receivableMinor += data.amountMinor;
    if (event.type === 'DisputeWon' && data.wasLost) lossesMinor -= data.amountMinor;
    if (event.type === 'DisputeWon' && !data.wasLost) receivableMinor -= data.amountMinor;
    if (event.type === 'DisputeLost') {
      receivableMinor -= data.amountMinor;
      lossesMinor += data.amountMinor;
    }
  }
  return { receivableMinor, feesMinor, lossesMinor };
}

describe('a dispute', () => {
  it('that is an inquiry takes no money, and may come to nothing', () => {
    expect(typesOf([disputeTold('inquiry_opened', 1)])).toEqual(['DisputeOpened']);
    const { dispute, events } = tell([disputeTold('inquiry_opened', 1), disputeTold('inquiry_closed', 5)]);
    expect(dispute).toMatchObject({ status: 'closed', withdrawnMinor: 0n });
    expect(events.map(({ type }) => type)).toEqual(['DisputeOpened', 'DisputeUpdated']);
  });

  it('takes money, and gives it back when it is won', () => {
    const commands = [disputeTold('opened', 1), disputeTold('funds_withdrawn', 2), disputeTold('won', 3)];
    expect(typesOf(commands)).toEqual(['DisputeOpened', 'DisputeFundsWithdrawn', 'DisputeWon']);
    expect(tell(commands).dispute).toMatchObject({ status: 'won', withdrawnMinor: 0n });
  });

  it('that is won may be followed by a second chargeback, which is lost', () => {
    const commands = [
      disputeTold('funds_withdrawn', 1),
      disputeTold('funds_reinstated', 2),
      disputeTold('won', 2),
      disputeTold('funds_withdrawn', 5),
      disputeTold('lost', 6),
    ];
    expect(typesOf(commands)).toEqual([
      'DisputeOpened',
      'DisputeFundsWithdrawn',
      'DisputeWon',
      'DisputeUpdated',
      'DisputeFundsWithdrawn',
      'DisputeLost',
    ]);
    expect(tell(commands).dispute).toMatchObject({ status: 'lost', withdrawnMinor: 1099n });
  });

  it('that is lost in part takes the rest for good, and what came back comes back', () => {
    const commands = [
      disputeTold('funds_withdrawn', 1),
      disputeTold('lost', 2),
      disputeTold('lost_in_part', 3, 1099n, { putBackMinor: 300n }),
    ];
    const { dispute, payment, events } = tell(commands);
    expect(dispute).toMatchObject({ status: 'lost', withdrawnMinor: 799n });
    expect(events.at(-1)).toMatchObject({ type: 'DisputeWon', data: { amountMinor: 300n, wasLost: true } });
    expect(disputedMinor(payment)).toBe(799n);
  });

  it('is lost as a whole where the part is told in another currency than was taken', () => {
    const part = disputeTold('lost_in_part', 2, 1000n, { currency: 'EUR', putBackMinor: 400n });
    const { dispute, events } = tell([disputeTold('funds_withdrawn', 1), part]);
    expect(dispute).toMatchObject({ status: 'lost', withdrawnMinor: 1099n, currency: 'USD' });
    expect(events.at(-1)).toMatchObject({
      type: 'DisputeLost',
      data: { amountMinor: 1099n, currency: 'USD' },
    });
  });

  it('is of the money that was taken, whatever it was announced in', () => {
    const inEuros = (stage: DisputeStage, atS: number, amountMinor: bigint) =>
      disputeTold(stage, atS, amountMinor, { currency: 'EUR' });
    for (const words of [
      [disputeTold('opened', 1), inEuros('funds_withdrawn', 2, 950n)],
      [inEuros('funds_withdrawn', 2, 950n), disputeTold('opened', 1)],
    ]) {
      expect(tell(words).dispute).toMatchObject({ amountMinor: 950n, withdrawnMinor: 950n, currency: 'EUR' });
      const { events } = tell([...words, disputeTold('won', 3)]);
      expect(events.at(-1)).toMatchObject({
        type: 'DisputeWon',
        data: { amountMinor: 950n, currency: 'EUR' },
      });
    }
  });

  it('that was lost and is appealed against is lost once', () => {
    const commands = [
      disputeTold('funds_withdrawn', 1),
      disputeTold('lost', 2),
      disputeTold('under_review', 3),
      disputeTold('lost', 4),
    ];
    expect(typesOf(commands).filter((type) => type === 'DisputeLost')).toHaveLength(1);
    const won = tell([...commands.slice(0, 3), disputeTold('won', 4)]).events.at(-1);
    expect(won).toMatchObject({ type: 'DisputeWon', data: { amountMinor: 1099n, wasLost: true } });
  });

  it('told twice is told once', () => {
    given(paymentDecider, [...captured, ...tell([disputeTold('funds_withdrawn', 1)]).events])
      .when(disputeTold('funds_withdrawn', 1))
      .thenNothing();
  });

  it('changes nothing about the payment but what may be given back', () => {
    const before = given(paymentDecider, captured).state!;
    const { payment } = tell([disputeTold('funds_withdrawn', 1), disputeTold('lost', 2)]);
    expect({ ...payment, disputes: [] }).toEqual({ ...before, updatedAt: SOME_TIME });
  });

  it('of an attempt that nobody made is a fault', () => {
    const command = disputeTold('opened', 1) as Extract<PaymentCommand, { type: 'RecordDisputeFact' }>;
    const data = { ...command.data, attemptId: 'att_none' };
    given(paymentDecider, captured)
      .when({ ...command, data })
      .thenRefuses({ code: 'attempt_not_found', attemptId: 'att_none' });
  });
});

describe('words about a dispute, in whatever order and however often they are heard', () => {
  const stages: readonly DisputeStage[] = [
    'opened',
    'funds_withdrawn',
    'under_review',
    'funds_reinstated',
    'won',
  ];
  const stories: readonly (readonly [string, readonly PaymentCommand[]])[] = [
    ['won', stages.map((stage, at) => disputeTold(stage, at, 700n, { feeMinor: at === 1 ? 1500n : null }))],
    [
      'lost',
      [
        disputeTold('opened', 1, 700n),
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n, rank: 2 }),
        disputeTold('lost', 1, 700n, { rank: 3 }),
      ],
    ],
    [
      'won, and lost in the second round',
      [
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n }),
        disputeTold('funds_reinstated', 2, 700n),
        disputeTold('funds_withdrawn', 3, 700n),
        disputeTold('lost', 4, 700n),
      ],
    ],
    [
      'won, and lost for good',
      [
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n }),
        disputeTold('funds_reinstated', 2, 700n),
        disputeTold('lost', 4, 700n, { feeMinor: 500n }),
      ],
    ],
    [
      'lost, and won after all',
      [
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n }),
        disputeTold('lost', 2, 700n),
        disputeTold('won', 4, 700n, { feeMinor: -1500n }),
      ],
    ],
    [
      'lost in part',
      [
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n }),
        disputeTold('lost', 2, 700n),
        disputeTold('lost_in_part', 2, 700n, { rank: 3, putBackMinor: 200n, feeMinor: -100n }),
      ],
    ],
    [
      'lost in part, and won after all',
      [
        disputeTold('funds_withdrawn', 1, 700n, { feeMinor: 1500n }),
        disputeTold('lost_in_part', 2, 700n, { putBackMinor: 200n }),
        disputeTold('under_review', 3, 700n),
        disputeTold('won', 4, 700n),
      ],
    ],
    [
      'lost in part, and the rest with it',
      [
        disputeTold('funds_withdrawn', 1, 700n),
        disputeTold('lost_in_part', 2, 700n, { putBackMinor: 200n }),
        disputeTold('lost', 4, 700n),
      ],
    ],
    [
      'an inquiry that became a chargeback',
      [
        disputeTold('inquiry_opened', 1, 700n),
        disputeTold('opened', 2, 700n),
        disputeTold('funds_withdrawn', 2, 700n, { rank: 2 }),
        disputeTold('won', 4, 700n),
      ],
    ],
  ];

  it.each(stories)('end the same, in the state and in the books: %s', (_, words) => {
    const ended = (order: readonly PaymentCommand[]): unknown => {
      const { dispute, events } = tell(order);
      const { status, withdrawnMinor } = dispute!;
      return { status, withdrawnMinor, ...booked(events) };
    };
    const inOrder = ended(words);
    fc.assert(
      fc.property(fc.shuffledSubarray([...words, ...words], { minLength: 2 * words.length }), (order) => {
        expect(ended(order)).toEqual(inOrder);
      }),
      { numRuns: 500 },
    );
  });
});
