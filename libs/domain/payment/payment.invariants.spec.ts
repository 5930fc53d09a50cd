import { outcomes, recordOutcome, recordedBy, SAMPLE_ATTEMPT_ID, sampleStart } from '@tender/testing';
import fc from 'fast-check';
import { fold } from '../kernel/decider';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { hasOutcome, isOpen, type Payment } from './payment';
import { reactToPayment } from './payment.process';
import { RUNG_EVERY_AT_MOST_MS, rungDelayMs } from './search';

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 12) + minute * 60_000).toISOString();

const anyNews: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.values(outcomes)), fc.boolean())
    .map(([outcome, surely]) => recordOutcome(outcome, surely)),
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...Object.values(outcomes)).map((outcome) => ({ kind: 'found', outcome }) as const),
        fc.constant({ kind: 'not_found' } as const),
        fc.constant({ kind: 'unavailable', detail: '' } as const),
      ),
      fc.integer({ min: 0, max: 100_000 }),
    )
    .map(([answer, minute]): PaymentCommand => ({
      type: 'RecordLookup',
      data: { attemptId: SAMPLE_ATTEMPT_ID, answer, askedAt: at(minute), settlesAfterMs: 90_000 },
    })),
);

/** Everything that any order of news makes of a payment, event by event. */
function story(news: readonly PaymentCommand[]): { payment: Payment; events: PaymentEvent[] }[] {
  const events: PaymentEvent[] = [...sampleStart()];
  const steps: { payment: Payment; events: PaymentEvent[] }[] = [];
  for (const [minute, command] of news.entries()) {
    const before = fold(
      paymentDecider,
      events.map((event, index) => ({ event, recordedAt: at(index) })),
    );
    events.push(...recordedBy(paymentDecider.decide(command, before)));
    const payment = fold(
      paymentDecider,
      events.map((event, index) => ({ event, recordedAt: at(Math.max(index, minute)) })),
    );
    steps.push({ payment: payment!, events: [...events] });
  }
  return steps;
}

const money = (payment: Payment): unknown => [
  payment.status,
  payment.capturedMinor,
  payment.authorizedMinor,
  payment.failure,
];

describe('whatever the PSP says, in whatever order', () => {
  const stories = fc.array(anyNews, { minLength: 1, maxLength: 25 });

  it('never captures more than was authorised, nor more than once', () => {
    fc.assert(
      fc.property(stories, (news) => {
        for (const { payment, events } of story(news)) {
          expect(payment.capturedMinor).toBeLessThanOrEqual(payment.authorizedMinor);
          expect(events.filter(({ type }) => type === 'PaymentCaptured').length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('an outcome, once there, never changes', () => {
    fc.assert(
      fc.property(stories, (news) => {
        const settled = story(news).filter(
          ({ payment }) => hasOutcome(payment) && payment.status !== 'requires_action',
        );
        for (const { payment } of settled) expect(money(payment)).toEqual(money(settled[0]!.payment));
      }),
    );
  });

  it('at most one attempt is open, and a payment without an outcome always has one', () => {
    fc.assert(
      fc.property(stories, (news) => {
        for (const { payment } of story(news)) {
          const open = payment.attempts.filter(isOpen).length;
          expect(open).toBeLessThanOrEqual(1);
          expect(hasOutcome(payment) || open === 1).toBe(true);
        }
      }),
    );
  });

  it('every unknown outcome has a next step planned by the event that left it unknown', () => {
    fc.assert(
      fc.property(stories, (news) => {
        for (const { payment, events } of story(news)) {
          if (payment.status !== 'outcome_unknown') continue;
          expect(reactToPayment(events.at(-1)!, payment, Date.parse(at(0))).kind).toBe('schedule');
        }
      }),
    );
  });

  it('saying everything again changes nothing that counts', () => {
    fc.assert(
      fc.property(stories, (news) => {
        const once = story(news).at(-1)!.payment;
        if (!hasOutcome(once) || once.status === 'requires_action') return;
        expect(money(story([...news, ...news]).at(-1)!.payment)).toEqual(money(once));
      }),
    );
  });
});

describe('the pauses of the ladder', () => {
  it('never shrink, and never end', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (tries) => {
        expect(rungDelayMs(tries + 1)).toBeGreaterThanOrEqual(rungDelayMs(tries));
        expect(rungDelayMs(tries)).toBeLessThanOrEqual(RUNG_EVERY_AT_MOST_MS);
      }),
    );
  });
});
