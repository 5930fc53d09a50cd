import {
  given,
  refunded,
  refundFailed,
  refundNews,
  refundPending,
  refundReply,
  secondsLater,
  SOME_TIME,
  tellRefund,
  wordAboutRefund,
} from '@tender/testing';
import { KEY_SAFE_FOR_MS } from '../psp/key-time';
import type { RefundOutcome } from '../psp/outcome';
import type { RefundCommand } from './refund.commands';
import { refundDecider } from './refund.decider';
import type { RefundEvent } from './refund.events';

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
    const { types, refund } = after([before], wordAboutRefund(1, true));
    expect(types).toEqual(['RefundSucceeded', 'RefundResolved']);
    expect(refund).toMatchObject({ status: 'succeeded', tries: [{ pspReference: 'seen_1' }] });
  });

  it('and was not done leaves it owed where the PSP had accepted it, and frees the amount where it had not', () => {
    const owed = after([accepted], wordAboutRefund(1, false));
    expect(owed.types).toEqual(['RefundFailed', 'RefundResolved']);
    expect(owed.refund).toMatchObject({ status: 'failed', owed: true });
    expect(after([lost], wordAboutRefund(1, false)).refund).toMatchObject({ status: 'failed', owed: false });
  });

  it('and was not done is outdone by what the PSP says of it after all, whenever that was', () => {
    const { refund } = tellRefund([accepted, wordAboutRefund(1, false), refundNews(refunded(2))]);
    expect(refund.status).toBe('succeeded');
  });

  it('and was done, and when he does not tell, is outdone by what the PSP said of it before he spoke', () => {
    const said = wordAboutRefund(1, true, { toldAt: secondsLater(9) });
    const { refund } = tellRefund([accepted, said, refundNews(refundFailed(true, 4), 2)]);
    expect(refund).toMatchObject({ status: 'failed', owed: true, returned: true });
  });

  it('is heard once for each request', () => {
    for (const isDone of [true, false]) {
      const told = past(accepted, wordAboutRefund(1, isDone));
      given(refundDecider, told).when(wordAboutRefund(1, isDone)).thenNothing();
      given(refundDecider, told)
        .when(wordAboutRefund(1, isDone, { fingerprint: 'another' }))
        .thenRefuses({ code: 'idempotency_key_reused' });
      given(refundDecider, told)
        .when(wordAboutRefund(1, isDone, { requestId: 'another' }))
        .thenRefuses({ code: 'not_resolvable' });
    }
  });

  it('is not heard before the first answer, and of no try but the one that counts', () => {
    given(refundDecider, past())
      .when(wordAboutRefund(1, true))
      .thenRefuses({ code: 'operation_in_progress' });
    const again: RefundCommand = { type: 'RetryRefund', data: { requestId: 'again', number: 2 } };
    given(refundDecider, past(accepted, refundNews(refundFailed(true, 4), 2), again, refundReply(timeout, 2)))
      .when(wordAboutRefund(1, true))
      .thenRefuses({ code: 'not_resolvable' });
  });

  it('is no "not done" for as long as the key may be sent again', () => {
    const forgottenMs = KEY_SAFE_FOR_MS.stripe;
    const at = (ms: number): string => new Date(Date.parse(SOME_TIME) + ms).toISOString();
    given(refundDecider, past(lost))
      .when(wordAboutRefund(1, false, { toldAt: at(forgottenMs - 1) }))
      .thenRefuses({ code: 'operation_in_progress' });
    expect(after([lost], wordAboutRefund(1, false, { toldAt: at(forgottenMs) })).types).toContain(
      'RefundResolved',
    );
    expect(after([lost], wordAboutRefund(1, true, { toldAt: secondsLater(9) })).types).toContain(
      'RefundResolved',
    );
  });
});
