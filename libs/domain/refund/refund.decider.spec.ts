import {
  given,
  initiateRefund,
  refunded,
  refundFailed,
  refundNews,
  refundPending,
  refundRefused,
  refundReply,
  sampleRefundId,
  sampleRefundInitiated,
  secondsLater,
  tellRefund,
} from '@tender/testing';
import fc from 'fast-check';
import { MAX_REFUND_TRIES, refundReferenceOf } from '../kernel/ids';
import type { RefundLookupOutcome, RefundOutcome } from '../psp/outcome';
import type { RefundCommand } from './refund.commands';
import { refundDecider } from './refund.decider';
import type { RefundEvent } from './refund.events';
import { standingOf } from './refund.process';

const refundId = sampleRefundId();
const money = { refundId, amountMinor: 400n, currency: 'USD' };
const charge = { psp: 'stripe', pspReference: 'pi_1', captureReference: null, requestVersion: 1 } as const;
const { attemptId } = sampleRefundInitiated();

const startedAs = (number: number): RefundEvent => ({
  type: 'RefundAttemptStarted',
  data: {
    ...money,
    ...charge,
    attemptId,
    number,
    operationId: refundReferenceOf(refundId, number),
    reason: null,
  },
});

const accepted = (occurredAt: string, first = true, number = 1): RefundEvent => ({
  type: 'RefundAccepted',
  data: { ...money, number, pspReference: 'psp_refund_1', first, occurredAt },
});

const succeeded: RefundEvent = {
  type: 'RefundSucceeded',
  data: { ...money, number: 1, pspReference: 'psp_refund_1', occurredAt: secondsLater(2), rank: 1 },
};

const typesOf = (commands: readonly RefundCommand[]): readonly string[] =>
  tellRefund(commands).events.map(({ type }) => type);

const pastOf = (...commands: readonly RefundCommand[]): readonly RefundEvent[] => tellRefund(commands).events;

/** By then the key of the first try may not be sent any more. */
const KEY_SAFE_FOR_MS = 3_600_000;

const looked = (answer: RefundLookupOutcome, askedAt = secondsLater(3_600), number = 1): RefundCommand => ({
  type: 'RecordRefundLookup',
  data: { number, answer, askedAt, settlesAfterMs: 90_000, keySafeForMs: KEY_SAFE_FOR_MS },
});

const timeout: RefundOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: '',
  pspReference: null,
  keyBurnt: false,
};
const notSent: RefundOutcome = { kind: 'not_sent', why: 'connection_refused', detail: '' };

describe('a refund', () => {
  it('begins with its first try, whose key is recorded before anybody is asked', () => {
    given(refundDecider)
      .when(initiateRefund())
      .thenRecords([{ type: 'RefundInitiated', data: sampleRefundInitiated() }, startedAs(1)]);
  });

  it('begins once, and never with another body', () => {
    given(refundDecider, pastOf()).when(initiateRefund()).thenNothing();
    given(refundDecider, pastOf())
      .when(initiateRefund({ fingerprint: 'another body' }))
      .thenRefuses({ code: 'idempotency_key_reused' });
  });

  it('tells the PSP a reason in its words, and keeps any other to itself', () => {
    const reasonOf = (reason: string): unknown => {
      const { events } = tellRefund([], initiateRefund({ freeText: { reason, metadata: [] } }));
      return (events[1]?.data as { reason: unknown } | undefined)?.reason;
    };
    expect([reasonOf('duplicate'), reasonOf('The shoe did not fit')]).toEqual(['duplicate', null]);
  });

  it('that is paid out at once says no more than that', () => {
    given(refundDecider, pastOf()).when(refundReply(refunded())).thenRecords([succeeded]);
  });

  it('that is accepted is owed; its end is told later', () => {
    given(refundDecider, pastOf())
      .when(refundReply(refundPending))
      .thenRecords([accepted(secondsLater(1))]);
    given(refundDecider, pastOf(refundReply(refundPending)))
      .when(refundNews(refunded()))
      .thenRecords([succeeded]);
  });

  it('that is refused was never owed, and lets its reservation go', () => {
    const { refund } = tellRefund([refundReply(refundRefused)]);
    expect(refund).toMatchObject({ status: 'failed', owed: false, failure: { why: 'refused' } });
    expect(standingOf(refund)).toBe('failed');
  });

  it('that fails after it was accepted is owed still', () => {
    const { refund, events } = tellRefund([refundReply(refundPending), refundNews(refundFailed(false))]);
    expect(events.at(-1)).toMatchObject({
      type: 'RefundFailed',
      data: { when: 'before_debit', reservation: 'kept', amountMinor: 400n, currency: 'USD' },
    });
    expect(standingOf(refund)).toBeUndefined();
  });

  it('that fails after it was paid out has come back, whatever the PSP says of its debit', () => {
    for (const debited of [true, false]) {
      const { refund, events } = tellRefund([refundReply(refunded()), refundNews(refundFailed(debited), 2)]);
      expect(events.at(-1)).toMatchObject({
        data: { when: 'after_debit', reservation: 'kept', rank: 2 },
      });
      expect(standingOf(refund)).toBe('returned');
    }
  });

  it('of another amount than was asked is in doubt', () => {
    expect(tellRefund([refundReply(refunded(2, 399n))]).refund.status).toBe('outcome_unknown');
  });

  it('in a currency that the PSP does not know never leaves', () => {
    const { refund } = tellRefund([
      refundReply({ kind: 'not_sent', why: 'currency_not_supported', detail: '' }),
    ]);
    expect(standingOf(refund)).toBe('failed');
  });
});

describe('a failed refund that is owed', () => {
  const failed = [refundReply(refunded()), refundNews(refundFailed(true), 2)];
  const retry = (requestId = 'retry-1', number = 2): RefundCommand => ({
    type: 'RetryRefund',
    data: { requestId, number },
  });
  const abandon: RefundCommand = { type: 'AbandonRefund', data: { reason: null } };

  it('is tried again under a new key, once for each request', () => {
    given(refundDecider, pastOf(...failed))
      .when(retry())
      .thenRecords([
        { type: 'RefundReissued', data: { ...money, number: 2, requestId: 'retry-1' } },
        startedAs(2),
      ]);
    given(refundDecider, pastOf(...failed, retry()))
      .when(retry('retry-2'))
      .thenRefuses({ code: 'not_retryable' });
  });

  it('is not tried again by a request for a try that was made meanwhile', () => {
    const failedAgain = refundNews(refundFailed(true, 30), 2, 2);
    given(refundDecider, pastOf(...failed, retry(), failedAgain))
      .when(retry('retry-2'))
      .thenRefuses({ code: 'not_retryable' });
  });

  it('stays owed while it is tried again, and is accepted for the first time no more', () => {
    const { refund, events } = tellRefund([
      ...failed,
      retry(),
      refundReply(refundPending, 2),
      refundNews(refunded(20), 1, 2),
    ]);
    expect(events.filter(({ type }) => type === 'RefundAccepted').map(({ data }) => data)).toMatchObject([
      { number: 2, first: false },
    ]);
    expect(standingOf(refund)).toBe('settled');
    const refusedAgain = tellRefund([...failed, retry(), refundReply(refundRefused, 2)]).refund;
    expect([refusedAgain.owed, standingOf(refusedAgain)]).toEqual([true, 'returned']);
  });

  it('had been accepted for another try, too, where nothing is heard of that but money that came back', () => {
    const { events } = tellRefund([...failed, retry(), refundNews(refundFailed(true, 30), 2, 2)]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'RefundAccepted', data: { number: 2, first: false } },
      { type: 'RefundFailed', data: { number: 2, when: 'after_debit', reservation: 'kept' } },
    ]);
  });

  it('may be given up, and then nothing is owed', () => {
    given(refundDecider, pastOf(...failed))
      .when(abandon)
      .thenRecords([{ type: 'RefundAbandoned', data: { ...money, reason: null } }]);
    const past = pastOf(...failed, abandon);
    given(refundDecider, past).when(abandon).thenNothing();
    given(refundDecider, past).when(retry()).thenRefuses({ code: 'not_retryable' });
  });

  it.each([
    ['under way', []],
    ['succeeded', [refundReply(refunded())]],
    ['refused, and so never owed', [refundReply(refundRefused)]],
  ])('is nothing that is %s', (_, commands) => {
    given(refundDecider, pastOf(...commands))
      .when(retry())
      .thenRefuses({ code: 'not_retryable' });
    given(refundDecider, pastOf(...commands))
      .when(abandon)
      .thenRefuses({ code: 'not_abandonable' });
  });

  it('hears nothing of earlier tries but money', () => {
    const past = pastOf(...failed, retry());
    const of1 = (outcome: RefundOutcome, rank: number): RefundCommand => refundNews(outcome, rank);
    given(refundDecider, past).when(of1(refunded(), 1)).thenNothing();
    given(refundDecider, past)
      .when(of1(refundFailed(true), 2))
      .thenNothing();
    const again = tellRefund([...failed, retry(), of1(refunded(30), 3), of1(refunded(30), 3)]);
    expect(again.events.at(-1)).toMatchObject({ data: { answer: 'given_twice', number: 1 } });
    expect(again.refund).toMatchObject({ status: 'started', givenTwice: [1] });
  });

  it(`is tried ${MAX_REFUND_TRIES} times at the most`, () => {
    const commands: RefundCommand[] = [];
    for (let number = 1; number <= MAX_REFUND_TRIES; number += 1) {
      if (number > 1) commands.push(retry(`retry-${number}`, number));
      commands.push(refundReply(refundFailed(true, number), number));
    }
    const { refund, events } = tellRefund(commands);
    expect(refund.tries.length).toBe(MAX_REFUND_TRIES);
    given(refundDecider, events)
      .when(retry('one more', MAX_REFUND_TRIES + 1))
      .thenRefuses({ code: 'too_many_tries' });
  });
});

describe('a refund in doubt', () => {
  it('stays so until there is evidence', () => {
    expect(typesOf([refundReply(timeout), refundReply(timeout), looked({ kind: 'not_found' })])).toEqual([
      'RefundInitiated',
      'RefundAttemptStarted',
      'RefundOutcomeUnknown',
      'RefundEvidenceRecorded',
      'RefundEvidenceRecorded',
    ]);
  });

  it('that could not leave yet is on its way', () => {
    expect(tellRefund([refundReply(notSent)]).refund.status).toBe('pending');
  });

  it('ends by what a look-up finds', () => {
    const { refund } = tellRefund([refundReply(timeout), looked({ kind: 'found', outcome: refunded() })]);
    expect(refund.status).toBe('succeeded');
  });

  it('that surely never arrived is sent again under another key', () => {
    const misses = [looked({ kind: 'not_found' }), looked({ kind: 'not_found' })];
    const { events } = tellRefund([refundReply(timeout), ...misses]);
    expect(events.at(-1)).toEqual(startedAs(2));
  });

  it('keeps its key for as long as that may be sent: a send that was held up must not be a second one', () => {
    const miss = looked({ kind: 'not_found' }, secondsLater(3_599));
    const missed = (reply: RefundOutcome) => tellRefund([refundReply(reply), miss, miss, miss]).refund.tries;
    expect(missed(timeout)).toHaveLength(1);
    // a key that answers with its stored error does nothing any more
    expect(missed({ ...timeout, keyBurnt: true })).toHaveLength(2);
  });

  it('is not taken for lost too early, nor after it was sent again, nor once it was accepted', () => {
    const miss = looked({ kind: 'not_found' });
    const early = looked({ kind: 'not_found' }, secondsLater(60));
    const lasting = [
      [refundReply(timeout), early, early, early],
      [refundReply(timeout), miss, refundReply(timeout), miss],
      [refundReply(refundPending), miss, miss, miss],
    ];
    for (const commands of lasting) expect(tellRefund(commands).refund.tries.length).toBe(1);
  });
});

describe('what a PSP says of one try, in whatever order and however often', () => {
  const stories: readonly (readonly [string, readonly RefundCommand[]])[] = [
    ['paid out', [refundReply(refundPending), refundNews(refunded())]],
    ['refused after it was accepted', [refundReply(refundPending), refundNews(refundFailed(false))]],
    [
      'paid out and come back',
      [refundReply(refundPending), refundNews(refunded()), refundNews(refundFailed(true), 2)],
    ],
    [
      'paid out and come back within one second',
      [refundReply(refundPending), refundNews(refunded(2)), refundNews(refundFailed(true, 2), 2)],
    ],
    [
      'paid out at once, and come back',
      [refundReply(refunded()), refundNews(refunded()), refundNews(refundFailed(true), 2)],
    ],
    ['in doubt at first', [refundReply(timeout), refundNews(refunded()), refundNews(refundFailed(true), 2)]],
  ];

  it.each(stories)('%s: the end is the same, and what is owed, and what the payment is told', (_, said) => {
    const endOf = (order: readonly RefundCommand[]): unknown => {
      const { refund, events } = tellRefund(order);
      const { status, owed, returned, failure } = refund;
      const failures = events.filter((event) => event.type === 'RefundFailed');
      return {
        ...{ status, owed, returned, failure, standing: standingOf(refund) },
        failed: failures.map(({ data }) => data),
      };
    };
    const inOrder = endOf(said);
    fc.assert(
      fc.property(fc.shuffledSubarray([...said, ...said], { minLength: 2 * said.length }), (order) => {
        expect(endOf(order)).toEqual(inOrder);
      }),
      { numRuns: 500 },
    );
  });
});
