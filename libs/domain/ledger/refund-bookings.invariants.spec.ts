import { anyRefundHistory, bookedSteps, sampleRefundId, SOME_TIME } from '@tender/testing';
import fc from 'fast-check';
import { fold } from '../kernel/decider';
import { currentTry, type Refund } from '../refund/refund';
import { refundDecider } from '../refund/refund.decider';
import type { RefundEvent } from '../refund/refund.events';
import { BOOKINGS } from './book';
import { accountOf } from './chart';
import type { Journal } from './journal';
import { templateId } from './template';
import { balancesOf, netOf } from './trial-balance';

interface Ended {
  readonly refund: Refund;
  readonly posted: readonly Journal[];
}

const endOf = (events: readonly RefundEvent[]): Ended => ({
  refund: fold(
    refundDecider,
    events.map((event) => ({ event, recordedAt: SOME_TIME })),
  )!,
  posted: bookedSteps(events, 'refund-1').flatMap(({ journals }) => journals),
});

const holds = (rule: (end: Ended) => void): void => {
  fc.assert(
    fc.property(anyRefundHistory, (events) => {
      rule(endOf(events));
    }),
    { numRuns: 2_000 },
  );
};

/** Credits less debits of an account. */
const owed = (posted: readonly Journal[], account: string): bigint =>
  balancesOf(posted, 'account')
    .filter((row) => row.account === account)
    .reduce((sum, row) => sum - netOf(row), 0n);

describe('after every history of a refund', () => {
  it('no account that has one side only stands on the other, for any key', () => {
    holds(({ posted }) => {
      for (const row of balancesOf(posted, 'key')) {
        const { neverOnOtherSide, normal } = accountOf(row.account)!;
        const onNormal = normal === 'debit' ? netOf(row) : -netOf(row);
        expect([row, !neverOnOtherSide || onNormal >= 0n]).toEqual([row, true]);
      }
    });
  });

  it('the sale is less by its amount while it is owed or given, and whole again where it is neither', () => {
    holds(({ posted, refund }) => {
      const { status, amountMinor } = refund;
      const isTaken = refund.owed ? status !== 'abandoned' : status === 'succeeded';
      expect(owed(posted, '2100')).toBe(isTaken ? -amountMinor : 0n);
    });
  });

  it('what has failed and is owed stands apart, under the refund', () => {
    holds(({ posted, refund }) => {
      const { status, amountMinor, tries } = refund;
      const isBackOnItsWay = status === 'succeeded' || currentTry(refund).accepted;
      const failedBefore = tries.length > 1 || status === 'failed';
      const stands = refund.owed && failedBefore && (status === 'failed' || !isBackOnItsWay);
      expect(owed(posted, '2015')).toBe(stands ? amountMinor : 0n);
      const keys = balancesOf(posted, 'key').filter(({ account }) => account === '2015');
      expect(keys.every(({ key }) => key === sampleRefundId())).toBe(true);
    });
  });

  it('what was given twice is a claim', () => {
    holds(({ posted, refund }) => {
      expect(-owed(posted, '1190')).toBe(BigInt(refund.givenTwice.length) * refund.amountMinor);
    });
  });

  it('its amount is in doubt while nobody knows, and at no other time', () => {
    holds(({ posted, refund }) => {
      const isUnknown = refund.status === 'outcome_unknown';
      expect(-owed(posted, '9030')).toBe(isUnknown ? refund.amountMinor : 0n);
    });
  });

  it('only the templates post that the event names, and each of them at some time', () => {
    const used = new Map<string, Set<string>>();
    const samples = fc.sample(anyRefundHistory, { numRuns: 5_000, seed: 1 });
    for (const { event, journals } of samples.flatMap((events) => bookedSteps(events, 'refund-1'))) {
      const templates = used.get(event.type) ?? new Set();
      for (const { template } of journals) templates.add(template);
      used.set(event.type, templates);
    }
    const named = [...used.keys()].map((type) => {
      const { by } = BOOKINGS[type as RefundEvent['type']];
      return [type, by.map(templateId).sort()];
    });
    expect([...used].map(([type, templates]) => [type, [...templates].sort()])).toEqual(named);
    expect(used.size).toBe(10);
  });
});
