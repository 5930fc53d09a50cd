import {
  given,
  refunded,
  refundFailed,
  refundNews,
  refundPending,
  refundReply,
  sampleRefundId,
  secondsLater,
  SOME_TIME,
  tellRefund,
  wordAboutRefund,
} from '@tender/testing';
import { REFUND_RESOLUTION_FOUND } from '../payment/operation.events';
import { KEY_SAFE_FOR_MS } from '../psp/key-time';
import { FACT_RANK } from '../psp/news';
import type { RefundOutcome } from '../psp/outcome';
import type { RefundCommand } from './refund.commands';
import { refundDecider } from './refund.decider';
import type { RefundEvent } from './refund.events';
import { standingOf } from './refund.process';

const timeout: RefundOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: '',
  pspReference: null,
  keyBurnt: false,
};
const accepted = refundReply(refundPending);
const lost = refundReply(timeout);

const past = (...commands: readonly RefundCommand[]): readonly RefundEvent[] => tellRefund(commands).events;
const after = (commands: readonly RefundCommand[], said: RefundCommand) => {
  const { events, refund } = tellRefund([...commands, said]);
  return { types: events.slice(past(...commands).length).map(({ type }) => type), refund };
};

describe('what an operator found out about a refund', () => {
  it.each([
    ['that was accepted', accepted],
    ['whose reply was lost', lost],
  ])('%s ends it as the PSP’s word would have', (_, before) => {
    const { types, refund } = after([before], wordAboutRefund(1, 'done'));
    expect(types).toEqual(['RefundSucceeded', 'RefundResolved']);
    expect(refund).toMatchObject({ status: 'succeeded', tries: [{ pspReference: 'seen_1' }] });
  });

  it('and was not done leaves it owed where the PSP had accepted it, and frees the amount where it had not', () => {
    const owed = after([accepted], wordAboutRefund(1, 'not_done'));
    expect(owed.types).toEqual(['RefundFailed', 'RefundResolved']);
    expect(owed.refund).toMatchObject({ status: 'failed', owed: true });
    expect(after([lost], wordAboutRefund(1, 'not_done')).refund).toMatchObject({
      status: 'failed',
      owed: false,
    });
  });

  it('and was not done is outdone by what the PSP says of it after all, whenever that was', () => {
    const { refund } = tellRefund([accepted, wordAboutRefund(1, 'not_done'), refundNews(refunded(2))]);
    expect(refund.status).toBe('succeeded');
  });

  it('and was done, and when he does not tell, is outdone by what the PSP said of it before he spoke', () => {
    const said = wordAboutRefund(1, 'done', { toldAt: secondsLater(9) });
    const { refund } = tellRefund([accepted, said, refundNews(refundFailed(true, 4), 2)]);
    expect(refund).toMatchObject({ status: 'failed', owed: true, returned: true });
  });

  it.each<[string, RefundCommand, readonly string[]]>([
    ['that was accepted', accepted, ['RefundFailed', 'RefundResolved']],
    ['whose reply was lost', lost, ['RefundAccepted', 'RefundFailed', 'RefundResolved']],
  ])('%s and has come back leaves it owed, as the PSP’s only word would have', (_, before, types) => {
    const cameBackAt = secondsLater(7);
    const said = wordAboutRefund(1, 'returned', { occurredAt: cameBackAt });
    const told = after([before], said);
    expect(told.types).toEqual(types);
    expect(told.refund).toMatchObject({
      ...{ status: 'failed', owed: true, returned: true },
      failure: { why: 'returned', occurredAt: cameBackAt },
      tries: [{ pspReference: 'seen_1' }],
    });
    expect(standingOf(told.refund)).toBe('returned');
    expect(past(before, said).slice(-2)).toMatchObject([
      { data: { when: 'after_debit', reservation: 'kept', pspReference: 'seen_1', rank: FACT_RANK.failed } },
      { data: { found: 'returned', pspReference: 'seen_1' } },
    ]);
    const ofPsp = after([before], refundNews(refundFailed(true, 7, 'returned', 'seen_1'), FACT_RANK.failed));
    expect([...ofPsp.types, 'RefundResolved']).toEqual(types);
    expect(standingOf(ofPsp.refund)).toBe('returned');
  });

  it('and has come back is what the PSP tells of it after all: the debit, and the return', () => {
    for (const before of [accepted, lost]) {
      // told to the second: the return may be dated like the debit
      for (const occurredAt of [null, secondsLater(2), secondsLater(4)]) {
        const told = past(before, wordAboutRefund(1, 'returned', { occurredAt }));
        given(refundDecider, told)
          .when(refundNews(refunded(2)))
          .thenNothing();
        given(refundDecider, told)
          .when(refundReply(refunded(2)))
          .thenNothing();
        given(refundDecider, told)
          .when(refundNews(refundFailed(true, 4), FACT_RANK.failed))
          .thenNothing();
      }
    }
  });

  it('and has come back was not given twice when another try is under way and its debit is told', () => {
    const again: RefundCommand = { type: 'RetryRefund', data: { requestId: 'again', number: 2 } };
    for (const occurredAt of [null, secondsLater(4)]) {
      const told = past(lost, wordAboutRefund(1, 'returned', { occurredAt }), again);
      expect(told.at(-1)).toMatchObject({ type: 'RefundAttemptStarted', data: { number: 2 } });
      given(refundDecider, told)
        .when(refundNews(refunded(2)))
        .thenNothing();
    }
  });

  it('and has come back may be given up, too', () => {
    const told = past(lost, wordAboutRefund(1, 'returned'));
    const abandon: RefundCommand = { type: 'AbandonRefund', data: { reason: null } };
    const money = { refundId: sampleRefundId(), amountMinor: 400n, currency: 'USD' };
    given(refundDecider, told)
      .when(abandon)
      .thenRecords([{ type: 'RefundAbandoned', data: { ...money, reason: null } }]);
  });

  it('and has come back is heard while the key may be sent again, and not before the first answer', () => {
    const toldAt = secondsLater(9);
    expect(after([lost], wordAboutRefund(1, 'returned', { toldAt })).types).toContain('RefundResolved');
    given(refundDecider, past())
      .when(wordAboutRefund(1, 'returned'))
      .thenRefuses({ code: 'operation_in_progress' });
  });

  it.each([
    ['at a time that he knows', secondsLater(7), secondsLater(7)],
    ['at a time that he does not know', null, secondsLater(9)],
    ['before it was given, so at a time that he does not know', SOME_TIME, secondsLater(9)],
  ])('and was given has come back %s: it is owed, and later words of the debit are old', (_, said, dated) => {
    const debit = refundReply(refunded(2));
    const word = wordAboutRefund(1, 'returned', { occurredAt: said, toldAt: secondsLater(9) });
    const { types, refund } = after([debit], word);
    expect(types).toEqual(['RefundFailed', 'RefundResolved']);
    expect(refund).toMatchObject({
      ...{ status: 'failed', owed: true, returned: true },
      failure: { why: 'returned', occurredAt: dated },
    });
    expect(standingOf(refund)).toBe('returned');
    const told = past(debit, word);
    given(refundDecider, told)
      .when(refundNews(refunded(2)))
      .thenNothing();
    given(refundDecider, told)
      .when(wordAboutRefund(1, 'returned', { requestId: 'another' }))
      .thenRefuses({ code: 'not_resolvable' });
  });

  it('and was given is neither given once more by his word, nor not given', () => {
    for (const found of ['done', 'not_done'] as const) {
      given(refundDecider, past(refundReply(refunded())))
        .when(wordAboutRefund(1, found))
        .thenRefuses({ code: 'not_resolvable' });
    }
  });

  it('is heard once for each request', () => {
    for (const found of REFUND_RESOLUTION_FOUND) {
      const told = past(accepted, wordAboutRefund(1, found));
      given(refundDecider, told).when(wordAboutRefund(1, found)).thenNothing();
      given(refundDecider, told)
        .when(wordAboutRefund(1, found, { fingerprint: 'another' }))
        .thenRefuses({ code: 'idempotency_key_reused' });
      given(refundDecider, told)
        .when(wordAboutRefund(1, found, { requestId: 'another' }))
        .thenRefuses({ code: 'not_resolvable' });
    }
  });

  it('is not heard before the first answer, and of no try but the one that counts', () => {
    given(refundDecider, past())
      .when(wordAboutRefund(1, 'done'))
      .thenRefuses({ code: 'operation_in_progress' });
    const again: RefundCommand = { type: 'RetryRefund', data: { requestId: 'again', number: 2 } };
    given(refundDecider, past(accepted, refundNews(refundFailed(true, 4), 2), again, refundReply(timeout, 2)))
      .when(wordAboutRefund(1, 'done'))
      .thenRefuses({ code: 'not_resolvable' });
  });

  it('is no "not done" for as long as the key may be sent again', () => {
    const forgottenMs = KEY_SAFE_FOR_MS.stripe;
    const at = (ms: number): string => new Date(Date.parse(SOME_TIME) + ms).toISOString();
    given(refundDecider, past(lost))
      .when(wordAboutRefund(1, 'not_done', { toldAt: at(forgottenMs - 1) }))
      .thenRefuses({ code: 'operation_in_progress' });
    expect(after([lost], wordAboutRefund(1, 'not_done', { toldAt: at(forgottenMs) })).types).toContain(
      'RefundResolved',
    );
    expect(after([lost], wordAboutRefund(1, 'done', { toldAt: secondsLater(9) })).types).toContain(
      'RefundResolved',
    );
  });
});
