import {
  capturedPayment,
  given,
  refunded,
  refundFailed,
  refundNews,
  refundPending,
  refundRefused,
  refundReply,
  reserveRefund,
  SOME_TIME,
  tellRefund,
} from '@tender/testing';
import fc from 'fast-check';
import { paymentDecider } from '../payment/payment.decider';
import { reactToPayment, refundOf } from '../payment/payment.process';
import type { PaymentState } from '../payment/payment';
import type { RefundOutcome } from '../psp/outcome';
import type { Refund } from './refund';
import { isOpenRefund } from './refund';
import type { RefundCommand } from './refund.commands';
import { refundDecider } from './refund.decider';
import type { RefundEvent } from './refund.events';
import { climbRefund, reactToRefund, REFUND_WITHIN_MS, standingOf } from './refund.process';

const now = Date.parse(SOME_TIME);
const looks = { keySafeForMs: 23 * 3_600_000, canLookUp: true, cancelsByOwnReference: false };
const waits = { keySafeForMs: 6 * 24 * 3_600_000, canLookUp: false, cancelsByOwnReference: true };

const reactions = (commands: readonly RefundCommand[], atMs = now) => {
  const { refund, events } = tellRefund(commands);
  return events.map((event) => reactToRefund(event, refund, atMs));
};
const lastOf = (commands: readonly RefundCommand[], atMs = now) => reactions(commands, atMs).at(-1)!;

const timeout: RefundOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: '',
  pspReference: null,
  keyBurnt: false,
};
const burnt: RefundOutcome = { ...timeout, why: 'server_error', keyBurnt: true };

describe('a reservation', () => {
  it('asks for the refund to begin, with all that was reserved', () => {
    const { decision, state } = given(paymentDecider, capturedPayment()).when(reserveRefund());
    if (decision.kind !== 'record') throw new Error('nothing was reserved');
    const [event] = decision.events;
    if (event?.type !== 'RefundReserved') throw new Error('nothing was reserved');
    const payment = state()!;
    const effect = reactToPayment(event, payment, now);
    expect(effect).toEqual({ kind: 'initiate_refund', initiated: refundOf(payment, event.data) });
    expect(refundOf(payment, event.data)).toMatchObject({ merchant: 'demo', paymentId: payment.id });
  });
});

describe('a try', () => {
  it('is sent under the key that its event recorded', () => {
    const effect = lastOf([]);
    const { tries } = tellRefund([]).refund;
    expect(effect).toMatchObject({ kind: 'refund', request: { operationId: tries[0]!.operationId } });
  });

  it('is not sent by a delivery that comes when it has an answer', () => {
    for (const outcome of [refunded(), refundPending, refundRefused, timeout]) {
      const [, again] = reactions([refundReply(outcome)]);
      expect(again).toMatchObject({ kind: 'ignore' });
    }
  });

  it('is searched for instead once its time to be sent first is over', () => {
    expect(lastOf([], now + REFUND_WITHIN_MS - 1).kind).toBe('refund');
    expect(lastOf([], now + REFUND_WITHIN_MS).kind).toBe('declare_refund_unknown');
  });
});

describe('the search', () => {
  const climbed = (commands: readonly RefundCommand[], means = looks, atMs = now) =>
    climbRefund(tellRefund(commands).refund, means, atMs);

  it('alternates between the same key and the look-up', () => {
    expect(climbed([refundReply(timeout)]).kind).toBe('refund');
    expect(climbed([refundReply(timeout), refundReply(timeout)]).kind).toBe('lookup_refund');
  });

  it('never sends a key that the PSP may have forgotten, or that is burnt', () => {
    expect(climbed([refundReply(timeout)], looks, now + looks.keySafeForMs - 1).kind).toBe('refund');
    expect(climbed([refundReply(timeout)], looks, now + looks.keySafeForMs).kind).toBe('lookup_refund');
    expect(climbed([refundReply(burnt)]).kind).toBe('lookup_refund');
  });

  it('waits for the PSP’s own word where nothing else may be done', () => {
    expect(climbed([refundReply(timeout)], waits).kind).toBe('refund');
    expect(climbed([refundReply(burnt)], waits).kind).toBe('schedule');
    expect(climbed([refundReply(refundPending)], waits).kind).toBe('schedule');
  });

  it('does not send again what was accepted', () => {
    expect(climbed([refundReply(refundPending)]).kind).toBe('lookup_refund');
  });

  it('ends with the refund', () => {
    expect(climbed([refundReply(refunded())]).kind).toBe('ignore');
  });
});

const anyOutcome = fc.constantFrom<RefundOutcome>(
  ...[1, 5, 9].flatMap((at) => [refunded(at), refundFailed(true, at), refundFailed(false, at)]),
  refundRefused,
  refundPending,
  timeout,
  burnt,
  { kind: 'not_sent', why: 'no_permit', detail: '' },
);
const number = fc.integer({ min: 1, max: 3 });
const retryAs = (requestId: string, number = 2): RefundCommand => ({
  type: 'RetryRefund',
  data: { requestId, number },
});
const anyCommand: fc.Arbitrary<RefundCommand> = fc.oneof(
  fc.tuple(anyOutcome, number).map(([outcome, of]) => refundReply(outcome, of)),
  fc
    .tuple(anyOutcome, fc.constantFrom(1, 2), number)
    .map(([outcome, rank, of]) => refundNews(outcome, rank, of)),
  fc.tuple(fc.constantFrom('retry-1', 'retry-2'), number).map(([requestId, of]) => retryAs(requestId, of)),
  fc.constant<RefundCommand>({ type: 'AbandonRefund', data: { reason: null } }),
  fc
    .tuple(
      fc.oneof(
        fc.constant({ kind: 'not_found' } as const),
        anyOutcome.map((outcome) => ({ kind: 'found', outcome }) as const),
      ),
      number,
    )
    .map(([answer, of]): RefundCommand => ({
      type: 'RecordRefundLookup',
      data: {
        number: of,
        answer,
        askedAt: '2026-03-01T13:00:00.000Z',
        settlesAfterMs: 90_000,
        keySafeForMs: 0,
      },
    })),
);

interface Step {
  readonly event: RefundEvent;
  readonly refund: Refund;
}

function stepsOf(commands: readonly RefundCommand[]): readonly Step[] {
  const { events } = tellRefund(commands);
  const steps: Step[] = [];
  let state: Refund | null = null;
  for (const event of events) {
    state = refundDecider.evolve(state, event, SOME_TIME);
    steps.push({ event, refund: state! });
  }
  return steps;
}

describe('a refund of which anything is said, in whatever order', () => {
  const holds = (rule: (steps: readonly Step[]) => void): void => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 25 }), (commands) => {
        rule(stepsOf(commands));
      }),
      { numRuns: 2_000 },
    );
  };

  it('an open refund always has something that goes on with it', () => {
    holds((steps) => {
      const { refund } = steps.at(-1)!;
      if (!isOpenRefund(refund)) return;
      const asked = steps.map(({ event }) => reactToRefund(event, refund, now).kind);
      expect(asked.some((kind) => kind === 'refund' || kind === 'schedule')).toBe(true);
    });
  });

  it('one try is live at most, and no key is used for two tries', () => {
    holds((steps) => {
      const started = steps.flatMap(({ event }) =>
        event.type === 'RefundAttemptStarted' ? [event.data] : [],
      );
      expect(started.map((one) => one.number)).toEqual(started.map((_, at) => at + 1));
      expect(new Set(started.map(({ operationId }) => operationId)).size).toBe(started.length);
    });
  });

  it('is accepted for the first time once, unless it was given up since', () => {
    holds((steps) => {
      let owed = false;
      for (const { event } of steps) {
        const said =
          event.type === 'RefundAccepted'
            ? !event.data.first
            : event.type === 'RefundFailed'
              ? event.data.reservation === 'kept'
              : owed;
        expect(said).toBe(owed);
        if (event.type === 'RefundAccepted' || event.type === 'RefundSucceeded') owed = true;
        if (event.type === 'RefundAbandoned') owed = false;
      }
    });
  });

  it('the payment ends with what the refund takes of it, whenever and in whatever order it is told', () => {
    const story = fc.tuple(
      fc.array(anyCommand, { maxLength: 15 }),
      fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }),
    );
    const past = [...capturedPayment()];
    const reserved = given(paymentDecider, past).when(reserveRefund()).state();
    fc.assert(
      fc.property(story, ([commands, delays]) => {
        const steps = stepsOf(commands);
        // each event is handled once at least, by a fold of that moment or of any later one, and told any time after
        const told = steps.flatMap(({ event }, at) => {
          const seen = Math.min(steps.length - 1, at + (delays[at % delays.length]! % 4));
          const { refund } = steps[seen]!;
          const effect = reactToRefund(event, refund, now);
          return effect.kind === 'tell_payment'
            ? [{ due: at + delays[(at + 1) % delays.length]!, standing: effect.standing, seen }]
            : [];
        });
        let payment: PaymentState = reserved;
        for (const { standing, seen } of told.toSorted((a, b) => a.due - b.due)) {
          const command = { ...standing, refundRevision: seen };
          const decision = paymentDecider.decide({ type: 'RecordRefundStanding', data: command }, payment);
          expect(decision.kind).not.toBe('refuse');
          if (decision.kind !== 'record') continue;
          for (const event of decision.events) payment = paymentDecider.evolve(payment, event, SOME_TIME);
        }
        const last = standingOf(steps.at(-1)!.refund);
        const expected = last === 'failed' || last === 'abandoned' ? 'released' : (last ?? 'reserved');
        expect(payment?.refunds[0]?.standing).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
