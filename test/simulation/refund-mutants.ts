import type { Book, Journal, PaymentCommand, PaymentState, RefundEvent, RefundState } from '@tender/domain';
import { book, refundReferenceOf } from '@tender/domain';
import { asPaymentEvent } from '@tender/engine';
import type { Patches } from './patches';
import type { Mutant } from './planting';
import { deciding, MADE_UP_AT, refunding, refundRecording } from './planting';

/** Books in which the journals of one event are others. */
const booking =
  (change: (journals: readonly Journal[]) => readonly Journal[]): Book =>
  (event, books) => {
    const booked = book(event, books);
    return { ...booked, journals: change(booked.journals) };
  };

const swapped = (journal: Journal): Journal => ({
  ...journal,
  lines: journal.lines.map((line) => ({ ...line, side: line.side === 'debit' ? 'credit' : 'debit' })),
});

/** The same try once more, under another key. */
function anotherTry(state: RefundState, events: readonly RefundEvent[]): readonly RefundEvent[] {
  const [first] = events;
  if (state === null || first?.type !== 'RefundOutcomeUnknown' || first.data.why === 'not_sent')
    return events;
  const number = first.data.number + 1;
  const { id: refundId, amountMinor, currency, psp, attemptId, paymentReference, captureReference } = state;
  return [
    ...events,
    {
      type: 'RefundAttemptStarted',
      data: {
        ...{ refundId, amountMinor, currency, psp, attemptId, captureReference },
        number,
        operationId: refundReferenceOf(refundId, number),
        pspReference: paymentReference,
        requestVersion: state.requestVersion,
        reason: null,
      },
    },
  ];
}

/** The payment as somebody sees it who has forgotten what was said of its disputes. */
const forgetful = (command: PaymentCommand, state: PaymentState): PaymentState =>
  command.type === 'RecordDisputeFact' && state !== null
    ? {
        ...state,
        disputes: state.disputes.map((dispute) => ({ ...dispute, facts: dispute.facts.slice(0, 1) })),
      }
    : state;

/** Bugs in what is given back, in what others take back, and in what the books say of it. */
export const REFUND_MUTANTS: readonly Mutant[] = [
  {
    bug: 'a refund is granted without a look at those that are reserved',
    scenario: 'calm',
    patches: () => ({
      decider: deciding((command, state, decide) =>
        decide(
          command,
          command.type === 'ReserveRefund' && state !== null ? { ...state, refunds: [] } : state,
        ),
      ),
    }),
  },
  {
    bug: 'a refund in doubt is taken for a failed one, and its reservation is released',
    scenario: 'psp',
    patches: () => ({
      gateway: refunding(async (request, gateway) => {
        const outcome = await gateway.refund(request);
        return outcome.kind === 'unknown'
          ? {
              ...({ kind: 'failed', why: 'refused', debited: false, detail: '' } as const),
              pspReference: null,
              occurredAt: MADE_UP_AT,
            }
          : outcome;
      }),
    }),
  },
  {
    bug: 'a refund in doubt is sent again under a fresh key',
    scenario: 'psp',
    patches: () => ({ refundDecider: refundRecording((events, state) => anotherTry(state, events)) }),
  },
  {
    bug: 'a refund that comes back days later is not heard of',
    scenario: 'refunds',
    patches: () => ({
      refundDecider: (decider) => ({
        ...decider,
        decide: (command, state) =>
          command.type === 'RecordRefundNews' &&
          command.data.outcome.kind === 'failed' &&
          command.data.outcome.debited
            ? { kind: 'nothing', because: 'it has succeeded' }
            : decider.decide(command, state),
      }),
    }),
  },
  {
    bug: 'a refund that failed after a PSP had accepted it is owed no more',
    scenario: 'refunds',
    patches: () => ({
      refundDecider: refundRecording((events) =>
        events.map((event) =>
          event.type === 'RefundFailed'
            ? { ...event, data: { ...event.data, reservation: 'released' } }
            : event,
        ),
      ),
    }),
  },
  {
    bug: 'a notice of a refund that comes before the reply is dropped',
    scenario: 'replies_lost',
    patches: () => ({
      refundDecider: (decider) => ({
        ...decider,
        decide: (command, state) =>
          command.type === 'RecordRefundNews' && state?.status === 'started'
            ? { kind: 'nothing', because: 'nobody has replied yet' }
            : decider.decide(command, state),
      }),
    }),
  },
  {
    bug: 'a refund is asked of a PSP that did not capture',
    scenario: 'calm',
    patches: () => ({
      gateway: (gateway, { gateways }) => ({
        ...gateway,
        refund: (request) => gateways[gateway.psp === 'stripe' ? 'adyen' : 'stripe'].refund(request),
      }),
    }),
  },
  {
    bug: 'a payment is not told how its refund ended',
    scenario: 'calm',
    patches: () => ({
      decider: deciding((command, state, decide) =>
        command.type === 'RecordRefundStanding'
          ? { kind: 'nothing', because: 'the refund has a stream of its own' }
          : decide(command, state),
      ),
    }),
  },
  {
    bug: 'a capture that falls back is not heard of',
    scenario: 'refunds',
    patches: () => ({
      decider: deciding((command, state, decide) =>
        command.type === 'RecordOperationNews' &&
        command.data.rank > 1 &&
        command.data.outcome.kind === 'failed'
          ? { kind: 'nothing', because: 'it was captured' }
          : decide(command, state),
      ),
    }),
  },
  {
    bug: 'a notice of a dispute is applied as often as it is delivered',
    scenario: 'refunds',
    patches: () => ({
      decider: deciding((command, state, decide) => decide(command, forgetful(command, state))),
      handleNotice: (handle) => async (event, delivery) => {
        await handle(event, delivery);
        await handle(event, delivery);
      },
    }),
  },
  {
    bug: 'a dispute that is won gives nothing back',
    scenario: 'refunds',
    patches: () => ({
      decider: deciding((command, state, decide) => {
        const stage = command.type === 'RecordDisputeFact' ? command.data.fact.stage : undefined;
        return stage === 'won' || stage === 'funds_reinstated'
          ? { kind: 'nothing', because: 'it was opened' }
          : decide(command, state);
      }),
    }),
  },
  {
    bug: 'the sides of a posting are swapped',
    scenario: 'calm',
    patches: () => ({
      book: booking((journals) =>
        journals.map((journal) =>
          journal.template.startsWith('refund.accepted') ? swapped(journal) : journal,
        ),
      ),
    }),
  },
  {
    bug: 'an event that is delivered again is booked again',
    scenario: 'calm',
    patches: () => ({ book: booking((journals) => [...journals, ...journals]) }),
  },
  {
    bug: 'a doubt that has ended stays in the books',
    scenario: 'psp',
    patches: () => ({
      book: booking((journals) => journals.filter(({ template }) => !template.startsWith('unknown.closed'))),
    }),
  },
  {
    bug: 'a capture is booked for the whole that was authorised',
    scenario: 'calm',
    patches: () => {
      const authorized = new Map<string, bigint>();
      return {
        book: (event, books) => {
          const { type, data, stream } = event;
          if (type === 'AttemptAuthorized')
            authorized.set(stream, (data as { amountMinor: bigint }).amountMinor);
          const whole = authorized.get(stream);
          return type === 'PaymentCaptured' && whole !== undefined
            ? book({ ...event, data: { ...data, amountMinor: whole } }, books)
            : book(event, books);
        },
      };
    },
  },
];

/** A bug that only shows where a process dies between two calls of one request, and nobody asks again. */
export const REFUND_NEVER_BEGUN = {
  bug: 'a refund whose request died with its process is never begun',
  story: 'a refund whose merchant asks once and does not come back',
  patches: (): Patches => ({
    handle: (handle) => (event, delivery) =>
      asPaymentEvent(event).type === 'RefundReserved' ? undefined : handle(event, delivery),
  }),
};
