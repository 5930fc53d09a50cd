import {
  disputeTold,
  done,
  given,
  initiate,
  journalsOfStream,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import { balancesOf, netOf } from '../ledger/trial-balance';
import { RESULT_RANK } from '../psp/fact-order';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { reactToPayment } from './payment.process';
import type { PaymentEvent } from './payment.events';
import { unreturnedCharges } from './unreturned-charge';

/** The PSP has forgotten the attempt's key, and charged under another reference beside `pi_1`. */
const other = 'pi_2';
const manual = initiate({ captureMethod: 'manual' });
const approval = (captured: boolean, pspReference = other): PaymentCommand =>
  recordOutcome({ ...outcomes[captured ? 'captured' : 'authorized'], pspReference }, false);
const reversal = (ordinal = 1): string => sampleOperationId('reversal', ordinal);
const expiry = (pspReference: string): PaymentCommand => ({
  type: 'RecordExpiry',
  data: { attemptId: SAMPLE_ATTEMPT_ID, pspReference, occurredAt: SOME_TIME },
});
const forcedEnd: PaymentCommand = {
  type: 'StartCancel',
  data: { attemptId: SAMPLE_ATTEMPT_ID, purpose: 'forced_end' },
};
const canceled = (named: string | null): PaymentCommand =>
  operationNews('cancel', done(null), 'end_1', RESULT_RANK, named);
const fellBack = (named: string | null): PaymentCommand => {
  const outcome = { ...refused('refused', 'cap'), occurredAt: '2026-03-01T12:00:04.000Z' };
  return operationNews('capture', outcome, 'cap', 2, named);
};

const automatically = [recordOutcome(outcomes.captured)];
const held = [recordOutcome(outcomes.authorized)];
const voided = [...held, requestCancel(), operationReply(sampleOperationId('cancel'), done(null, 'pi_1'))];
const after = (commands: readonly PaymentCommand[], first = manual) => tell([...commands], first);

const standing = (events: readonly PaymentEvent[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    balancesOf(journalsOfStream(events), 'key')
      .filter((row) => netOf(row) !== 0n)
      .map((row) => [`${row.account} ${row.key}`, netOf(row)]),
  );

describe('an approval under another reference than the attempt’s own', () => {
  it.each([
    ['taken', automatically, initiate(), true],
    ['held', held, manual, false],
    ['voided', voided, manual, false],
    ['expired', [...held, expiry('pi_1')], manual, false],
  ])('lesson 26: is given back, and leaves what is %s as it is', (_, past, first, captured) => {
    const { payment, events } = after(past, first);
    const { decision } = given(paymentDecider, events).when(approval(captured));
    const charge = { attemptId: SAMPLE_ATTEMPT_ID, pspReference: other, amountMinor: 1099n, captured };
    expect(decision).toMatchObject({
      kind: 'record',
      events: [
        { type: 'LateSuccessFound', data: charge },
        { type: 'ReversalStarted', data: charge },
      ],
    });
    const given2 = after(
      [...past, approval(captured), operationReply(reversal(), done(null, 'rev_1'))],
      first,
    );
    for (const { status, authorizedMinor, capturedMinor, attempts } of [given2.payment]) {
      expect({ status, authorizedMinor, capturedMinor, attempts }).toEqual({
        status: payment.status,
        authorizedMinor: payment.authorizedMinor,
        capturedMinor: payment.capturedMinor,
        attempts: payment.attempts,
      });
    }
  });

  it.each([
    ['taken', automatically, initiate(), true],
    ['held', held, manual, false],
    ['voided', voided, manual, false],
    ['expired', [...held, expiry('pi_1')], manual, false],
  ])('and one under its own is no news of what is %s', (_, past, first, captured) => {
    given(paymentDecider, after(past, first).events).when(approval(captured, 'pi_1')).thenNothing();
  });

  it('is the sale where the buyer was asked under that other reference', () => {
    const asked = [recordOutcome(outcomes.actionRequired)];
    const { payment, events } = after([...asked, approval(true)], initiate());
    expect(payment).toMatchObject({ status: 'succeeded', lateSuccesses: [] });
    const { decision } = given(paymentDecider, events).when(approval(true, 'pi_1'));
    expect(decision).toMatchObject({ events: [{ type: 'LateSuccessFound' }, { type: 'ReversalStarted' }] });
  });

  it('of what was voided may be the voided one: whether money was taken is told by its reversal', () => {
    const past = [recordOutcome(outcomes.actionRequired), requestCancel()];
    const gone = [...past, operationReply(sampleOperationId('cancel'), done(null, 'pi_1')), approval(true)];
    expect(standing(after(gone, initiate()).events)).toMatchObject({ [`9010 ${SAMPLE_ATTEMPT_ID}`]: 1099n });
    const wasVoided = [...gone, operationReply(reversal(), refused('already_canceled'))];
    expect(standing(after(wasVoided, initiate()).events)).toEqual({});
    const wasTaken = after([...gone, operationReply(reversal(), done(1099n, 'rev_1'))], initiate());
    expect(standing(wasTaken.events)).toEqual({
      [`1110 ${SAMPLE_ATTEMPT_ID}`]: 1099n,
      [`2010 ${reversal()}`]: -1099n,
    });
    expect(wasTaken.payment).toMatchObject({ lateSuccesses: [{ captured: true }] });
  });
});

describe('an attempt that was ended by our own reference', () => {
  const ended = [recordOutcome(outcomes.unknown), forcedEnd];

  it('has the name of what the PSP has ended: an approval under another one is given back', () => {
    const { events } = after([...ended, canceled('pi_1')]);
    given(paymentDecider, events).when(approval(false, 'pi_1')).thenNothing();
    const { decision } = given(paymentDecider, events).when(approval(false));
    expect(decision).toMatchObject({ events: [{ type: 'LateSuccessFound' }, { type: 'ReversalStarted' }] });
  });

  it('without a name may have been any', () => {
    given(paymentDecider, after([...ended, canceled(null)]).events)
      .when(approval(false))
      .thenNothing();
  });

  it('is ended by its name, where it was approved meanwhile and another one was ended', () => {
    const { events } = after([...ended, approval(false)]);
    const { decision } = given(paymentDecider, events).when(canceled('pi_1'));
    expect(decision).toMatchObject({
      events: [
        { type: 'CancelStarted', data: { operationId: sampleOperationId('cancel', 2), pspReference: other } },
        { type: 'CancelFailed', data: { operationId: sampleOperationId('cancel'), why: 'already_canceled' } },
      ],
    });
    const { payment } = after([...ended, approval(false), canceled(other)]);
    expect(payment.attempts[0]?.status).toBe('voided');
  });

  it('stays wanted to be ended', () => {
    const wanted = [recordOutcome(outcomes.unknown), requestCancel(), forcedEnd, approval(false)];
    const { payment } = after([...wanted, canceled('pi_1')]);
    expect(payment).toMatchObject({ status: 'processing', cancelRequests: [{ concluded: false }] });
  });
});

describe('the void of a sale whose second charge is given back', () => {
  const cancel = operationReply(sampleOperationId('cancel'), done(null, 'pi_1'));
  const given2 = after([...held, requestCancel(), approval(false), cancel]);

  it('is told again, and gives nothing else back', () => {
    given(paymentDecider, given2.events).when(canceled('pi_1')).thenNothing();
  });

  it('leaves the word about that one to tell its end', () => {
    const { decision } = given(paymentDecider, given2.events).when(canceled(other));
    expect(decision).toMatchObject({ events: [{ type: 'ChargeReversed', data: { captured: false } }] });
  });
});

describe('beside the sale, a charge that is given back', () => {
  const beside = [...held, approval(false)];

  it('holds up neither its capture nor its cancel', () => {
    const { payment, events } = after(beside);
    expect(payment.status).toBe('requires_capture');
    for (const request of [requestCapture(), requestCancel()]) {
      expect(given(paymentDecider, events).when(request).decision.kind).toBe('record');
    }
  });

  it('is let go alone: the hold of the sale stays in the books', () => {
    const gone = after([...beside, operationReply(reversal(), done(null, 'rev_1'))]);
    expect(standing(gone.events)).toMatchObject({ [`9010 ${SAMPLE_ATTEMPT_ID}`]: 1099n });
    const taken = after([...beside, operationReply(reversal(), refused('already_captured'))]);
    expect(standing(taken.events)).toMatchObject({
      [`9010 ${SAMPLE_ATTEMPT_ID}`]: 1099n,
      [`2190 ${SAMPLE_ATTEMPT_ID}`]: -1099n,
    });
  });

  it('does not end a sale that is being canceled', () => {
    const wanted = [...beside, requestCancel()];
    const word = operationNews('cancel', done(null, other), other, RESULT_RANK, other);
    const { payment } = after([...wanted, word]);
    expect(payment).toMatchObject({ status: 'processing', attempts: [{ status: 'authorized' }] });
    expect(payment.operations.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'reversal succeeded',
      'cancel started',
    ]);
  });

  it('may expire, and the sale goes on', () => {
    given(paymentDecider, after(beside).events).when(expiry(other)).thenNothing();
  });

  it('does not end it either by falling back, whatever becomes of its reversal', () => {
    const fallen = [...held, approval(true), requestCancel(), fellBack(other)];
    const { payment } = after([...fallen, operationReply(reversal(), refused('refused'))]);
    expect(payment).toMatchObject({ status: 'processing', attempts: [{ status: 'authorized' }] });
  });

  it('is given back by its own reversal, of two that are under way', () => {
    const { events } = after([...automatically, approval(true), approval(true, 'pi_3')], initiate());
    const word = operationNews('reversal', done(1099n, 'rev_3'), 'rev_3', RESULT_RANK, 'pi_3');
    const { decision } = given(paymentDecider, events).when(word);
    expect(decision).toMatchObject({
      events: [{ type: 'ChargeReversed', data: { operationId: reversal(2) } }],
    });
  });

  it('is counted by itself where the PSP will not give it back', () => {
    const both = [...automatically, approval(true), approval(true, 'pi_3')];
    const no = [1, 2].map((ordinal) => operationReply(reversal(ordinal), refused('refused')));
    const { payment } = after([...both, ...no], initiate());
    expect(unreturnedCharges(payment).map(({ paymentReference }) => paymentReference)).toEqual([
      other,
      'pi_3',
    ]);
  });
});

describe('what was done to a second charge, while the sale waits for its merchant,', () => {
  const past = after([...held, approval(false)]);
  const givenBack = after([...held, approval(false), operationReply(reversal(), done(null, other))]);
  const captured = (named: string | null): PaymentCommand =>
    operationNews('capture', done(1099n, 'cap'), 'cap', RESULT_RANK, named);
  const voided = (named: string | null): PaymentCommand =>
    operationNews('cancel', done(null, other), other, RESULT_RANK, named);

  it.each([
    ['its void, told again', givenBack, voided(other)],
    ['a void of nobody knows which', givenBack, voided(null)],
    ['its capture', past, captured(other)],
    ['a capture of one that is still to be found', past, captured('pi_3')],
    ['a capture of nobody knows which', past, captured(null)],
  ])('was not done to the sale: %s', (_, { events }, word) => {
    given(paymentDecider, events).when(word).thenNothing();
  });

  it.each([
    ['taken', captured('pi_1'), ['PaymentCaptured']],
    ['let go', voided('pi_1'), ['AuthorizationExpired', 'PaymentCanceled']],
  ])('is told apart from what was %s by hand of the sale', (_, word, types) => {
    const { decision } = given(paymentDecider, givenBack.events).when(word);
    expect(decision).toMatchObject({ kind: 'record', events: types.map((type) => ({ type })) });
  });
});

it('a charge whose dispute is won is given back again, beside one that was refused for another reason', () => {
  const both = [...automatically, approval(true), approval(true, 'pi_3')];
  const no = [
    operationReply(reversal(1), refused('refused')),
    operationReply(reversal(2), refused('disputed')),
  ];
  const { events, payment } = after(
    [...both, ...no, disputeTold('funds_withdrawn', 2), disputeTold('won', 3)],
    initiate(),
  );
  expect(reactToPayment(events.at(-1)!, payment, Date.parse(SOME_TIME))).toEqual({
    kind: 'start_reversal',
    operationId: reversal(2),
  });
});

describe('a word about a capture, of an attempt that was charged twice,', () => {
  const { events } = after([...automatically, approval(true)], initiate());

  it.each([
    ['the sale', 'pi_1', 'CaptureReversed'],
    ['the other charge', other, 'LateSuccessFellBack'],
    ['what is not named, the sale', null, 'CaptureReversed'],
  ])('is about %s', (_, named, type) => {
    const { decision } = given(paymentDecider, events).when(fellBack(named));
    expect(decision).toMatchObject({ kind: 'record', events: [{ type }] });
  });

  it('waits until its charge is found', () => {
    given(paymentDecider, after(automatically, initiate()).events)
      .when(fellBack(other))
      .thenRefuses({ code: 'news_too_early' });
  });

  it('waits for its own charge, where another one is found', () => {
    given(paymentDecider, after([recordOutcome(outcomes.declined), approval(true)], initiate()).events)
      .when(fellBack('pi_3'))
      .thenRefuses({ code: 'news_too_early' });
  });

  it('waits until the reversal tells whether it was taken', () => {
    given(paymentDecider, after([...held, approval(false)]).events)
      .when(fellBack(other))
      .thenRefuses({ code: 'news_too_early' });
  });

  it('that was not given back is not taken for the sale’s, before that is captured', () => {
    const taken = [...held, approval(false), operationReply(reversal(), refused('already_captured'))];
    given(paymentDecider, after(taken).events).when(fellBack(null)).thenNothing();
  });
});
