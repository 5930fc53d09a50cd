import {
  done,
  given,
  initiate,
  outcomes,
  refused,
  SAMPLE_PAYMENT_ID,
  sampleStart,
  SOME_TIME,
  tell,
} from '@tender/testing';
import fc from 'fast-check';
import { attemptIdOf } from '../kernel/ids';
import type { AuthorizeOutcome, DeclineCategory, NotSentReason, OperationOutcome } from '../psp/outcome';
import { afterNotCharged, START_WITHIN_MS } from './failover';
import type { CancelPurpose } from './operation.events';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { hasOutcome, isOpen, type Payment } from './payment';

const candidates = [
  { psp: 'stripe', token: 'pm_card_visa', requestVersion: 1, reason: 'default order' },
  { psp: 'adyen', token: 'adyen_card_ok', requestVersion: 3, reason: 'default order' },
] as const;
const start = sampleStart({ candidates, paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' } });

const news = (
  attempt: number,
  outcome: AuthorizeOutcome,
  { surelyFirstSend = true, afterMs = 1_000 } = {},
): PaymentCommand => ({
  type: 'RecordAttemptOutcome',
  data: {
    attemptId: attemptIdOf(SAMPLE_PAYMENT_ID, attempt),
    outcome,
    heardBy: 'reply',
    surelyFirstSend,
    heardAt: new Date(Date.parse(SOME_TIME) + afterMs).toISOString(),
  },
});
const declinedAs = (category: DeclineCategory): AuthorizeOutcome => ({
  ...outcomes.declined,
  decline: { ...outcomes.declined.decline, category },
});
const notSentBy = (why: NotSentReason): AuthorizeOutcome => ({ kind: 'not_sent', why, detail: '' });
const attemptsAfter = (command: PaymentCommand): number =>
  given(paymentDecider, start).when(command).state()!.attempts.length;

/** For every answer to attempt 1: whether attempt 2 may start at the other PSP. */
const GATE: readonly (readonly [string, PaymentCommand, boolean])[] = [
  ['a soft decline', news(1, declinedAs('soft_decline')), true],
  ['a hard decline', news(1, declinedAs('hard_decline')), false],
  ['a decline that the buyer has to act on', news(1, declinedAs('customer_action')), false],
  ['a refused connection', news(1, notSentBy('connection_refused')), true],
  ['a request refused before processing', news(1, notSentBy('rejected_before_processing')), true],
  ['a rate limit', news(1, notSentBy('rate_limited')), true],
  ['no permit', news(1, notSentBy('no_permit')), true],
  ['an open circuit', news(1, notSentBy('circuit_open')), true],
  ['a currency that the PSP cannot charge', news(1, notSentBy('currency_not_supported')), true],
  ['a start that came too late', news(1, notSentBy('expired')), false],
  [
    'a refused connection after a possible earlier send',
    news(1, notSentBy('connection_refused'), { surelyFirstSend: false }),
    false,
  ],
  ['a timeout', news(1, outcomes.unknown), false],
  ['a stored error', news(1, outcomes.burnt), false],
  ['an answer that is still pending', news(1, outcomes.pending), false],
  ['a request to authenticate', news(1, outcomes.actionRequired), false],
  ['an approval', news(1, outcomes.captured), false],
  ['an approval of another amount', news(1, { ...outcomes.captured, amountMinor: 1n }), false],
];

const cancel: PaymentCommand = {
  type: 'RequestCancel',
  data: { requestId: 'cancel', fingerprint: 'body', reason: null },
};
const startCancel = (purpose: CancelPurpose): PaymentCommand => ({
  type: 'StartCancel',
  data: { attemptId: attemptIdOf(SAMPLE_PAYMENT_ID, 1), purpose },
});
const heardOfCancel = (outcome: OperationOutcome, afterMs = 1_000): PaymentCommand => ({
  type: 'RecordOperationOutcome',
  data: {
    operationId: `${attemptIdOf(SAMPLE_PAYMENT_ID, 1)}-cancel-1`,
    outcome,
    heardAt: new Date(Date.parse(SOME_TIME) + afterMs).toISOString(),
    settlesAfterMs: 0,
  },
});
const forced = [news(1, outcomes.burnt), startCancel('forced_end')];

/** The same for every point at which attempt 1 can be: on its way, in doubt, waiting for the buyer, being ended. */
const POINTS: readonly (readonly [string, readonly PaymentCommand[], boolean])[] = [
  [
    'a lost reply, then a soft decline by the same key',
    [news(1, outcomes.unknown), news(1, outcomes.declined)],
    true,
  ],
  ['a lost reply, then a refused connection', [news(1, outcomes.unknown), news(1, outcomes.notSent)], false],
  ['a challenge, then a soft decline', [news(1, outcomes.actionRequired), news(1, outcomes.declined)], true],
  [
    'a challenge, then a refused connection',
    [news(1, outcomes.actionRequired), news(1, outcomes.notSent)],
    false,
  ],
  [
    'a challenge that was abandoned',
    [news(1, outcomes.actionRequired), startCancel('abandoned'), heardOfCancel(done(null))],
    false,
  ],
  ['a void that is confirmed in time', [...forced, heardOfCancel(done(null))], true],
  [
    'a void that is confirmed too late for a first send',
    [...forced, heardOfCancel(done(null), START_WITHIN_MS)],
    false,
  ],
  ['a void that is asked for', forced, false],
  ['a void that is received', [...forced, heardOfCancel(outcomes.pending)], false],
  ['a void whose reply is lost', [...forced, heardOfCancel(outcomes.unknown)], false],
  ['a void that is refused', [...forced, heardOfCancel(refused('refused'))], false],
  ['a void that came after the capture', [...forced, heardOfCancel(refused('already_captured'))], false],
  ['a void of something that is not found, once', [...forced, heardOfCancel(refused('not_found'))], false],
  ['a soft decline that the merchant no longer waits for', [cancel, news(1, outcomes.declined)], false],
  ['proof that nothing left, no longer waited for', [cancel, news(1, outcomes.notSent)], false],
  [
    'a void that the merchant asked for',
    [news(1, outcomes.pending), cancel, heardOfCancel(done(null))],
    false,
  ],
];

describe('another PSP', () => {
  it.each(POINTS)('after %s', (_what, commands, mayStart) => {
    const { payment } = tell(commands, initiate({ candidates }));
    expect(payment.attempts).toHaveLength(mayStart ? 2 : 1);
  });

  it.each(GATE)('lesson 14: after %s', (_what, command, mayStart) => {
    expect(attemptsAfter(command)).toBe(mayStart ? 2 : 1);
  });

  it('is asked with its own token, request layout and key, and the reason is recorded', () => {
    const { decision } = given(paymentDecider, start).when(news(1, outcomes.declined));
    expect(decision).toMatchObject({
      kind: 'record',
      events: [
        { type: 'AttemptDeclined' },
        {
          type: 'AttemptStarted',
          data: {
            attemptId: attemptIdOf(SAMPLE_PAYMENT_ID, 2),
            number: 2,
            psp: 'adyen',
            token: 'adyen_card_ok',
            requestVersion: 3,
            pspIdempotencyKey: `${attemptIdOf(SAMPLE_PAYMENT_ID, 2)}-authorize-1`,
            reason: 'default order, after attempt 1: insufficient_funds',
          },
        },
      ],
    });
  });

  it.each([
    ['just in time', START_WITHIN_MS - 1, 2],
    ['too late for a first send', START_WITHIN_MS, 1],
  ])('is asked %s or not at all', (_when, afterMs, attempts) => {
    expect(attemptsAfter(news(1, outcomes.declined, { afterMs }))).toBe(attempts);
  });

  it.each<[number, 'AttemptStarted' | 'PaymentFailed']>([
    [20, 'AttemptStarted'],
    [21, 'PaymentFailed'],
  ])('is asked after %d tries at the issuer or not: %s', (count, type) => {
    const payment = given(paymentDecider, start).state!;
    const [candidate] = candidates;
    const [first] = payment.attempts;
    const notSent = { ...first!, status: 'not_sent' } as const;
    const tried: Payment = {
      ...payment,
      attempts: [notSent, ...Array.from({ length: count }, () => first!)],
      candidates: Array.from({ length: count + 2 }, () => candidate),
    };
    const failure = { code: 'do_not_honor', category: 'soft_decline', message: '' } as const;
    const proof = { kind: 'declined', category: 'soft_decline' } as const;
    expect(afterNotCharged(tried, proof, failure, SOME_TIME).type).toBe(type);
  });

  it('that says no as well ends the payment with its own reason', () => {
    const spec = given(paymentDecider, start);
    const second = paymentDecider.decide(
      news(2, notSentBy('rate_limited')),
      spec.when(news(1, outcomes.declined)).state(),
    );
    expect(second).toMatchObject({
      events: [{ type: 'AttemptNotSent' }, { type: 'PaymentFailed', data: { code: 'rate_limited' } }],
    });
  });
});

describe('a charge that surfaces at the first PSP while the second one is asked', () => {
  const both = [news(1, outcomes.declined), news(2, outcomes.unknown), news(1, outcomes.captured)];
  const givenBack: PaymentCommand = {
    type: 'RecordOperationOutcome',
    data: {
      operationId: `${attemptIdOf(SAMPLE_PAYMENT_ID, 1)}-reversal-1`,
      outcome: done(),
      heardAt: SOME_TIME,
      settlesAfterMs: 0,
    },
  };
  const after = (...commands: PaymentCommand[]): Payment =>
    tell([...both, ...commands], initiate({ candidates })).payment;

  it('is given back, and lessens no doubt about the second', () => {
    expect(after()).toMatchObject({ status: 'outcome_unknown', operations: [{ kind: 'reversal' }] });
    expect(after(givenBack).status).toBe('outcome_unknown');
  });

  it('ends nothing when it is back, also where the merchant wants the end', () => {
    expect(after(cancel, givenBack).status).toBe('outcome_unknown');
    expect(after(cancel, givenBack, news(2, outcomes.declined)).status).toBe('canceled');
  });
});

describe('two PSPs, whatever each says and when', () => {
  const anyNews = fc
    .record({
      attempt: fc.integer({ min: 1, max: 2 }),
      outcome: fc.constantFrom<AuthorizeOutcome>(...Object.values(outcomes), declinedAs('hard_decline')),
      surelyFirstSend: fc.boolean(),
    })
    .map(({ attempt, outcome, surelyFirstSend }) => news(attempt, outcome, { surelyFirstSend }));

  /** Any order of news, as far as its attempt was started. */
  const states = (story: readonly PaymentCommand[]): Payment[] => {
    let state = given(paymentDecider, start).state;
    return story.map((command) => {
      const decision = paymentDecider.decide(command, state);
      if (decision.kind === 'record') {
        for (const event of decision.events) state = paymentDecider.evolve(state, event, SOME_TIME);
      }
      return state!;
    });
  };

  it('lesson 14: never leaves two attempts open, nor a second one started while the first may hold a charge', () => {
    fc.assert(
      fc.property(fc.array(anyNews, { maxLength: 20 }), (story) => {
        for (const payment of states(story)) {
          expect(payment.attempts.filter(isOpen).length).toBeLessThanOrEqual(1);
          const [first, second] = payment.attempts;
          expect(second === undefined || first!.status === 'declined' || first!.status === 'not_sent').toBe(
            true,
          );
          expect(hasOutcome(payment) || payment.attempts.filter(isOpen).length === 1).toBe(true);
        }
      }),
    );
  });
});
