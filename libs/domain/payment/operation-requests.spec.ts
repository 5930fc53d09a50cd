import {
  done,
  given,
  initiate,
  operationReply,
  outcomes,
  recordedLast,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  returnFromAction,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  tell,
} from '@tender/testing';
import { requestProgress } from './payment';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';

const attemptId = SAMPLE_ATTEMPT_ID;
const manual = initiate({ captureMethod: 'manual' });
const authorized = recordOutcome(outcomes.authorized);
const captureId = sampleOperationId('capture');
const cancelId = sampleOperationId('cancel');
const past = (commands: readonly PaymentCommand[], first = manual): readonly PaymentEvent[] =>
  tell(commands, first).events;

describe('a capture', () => {
  it('is durable with its key before the PSP is asked, for all that is authorised', () => {
    given(paymentDecider, past([authorized]))
      .when(requestCapture())
      .thenRecords([
        {
          type: 'CaptureStarted',
          data: {
            operationId: captureId,
            attemptId,
            pspReference: 'pi_1',
            amountMinor: 1099n,
            currency: 'USD',
            requestId: 'capture-request',
            fingerprint: 'body',
          },
        },
      ]);
  });

  it.each([
    ['a part of what is authorised', 1n, ['CaptureStarted']],
    ['all of it', 1099n, ['CaptureStarted']],
    ['more than that', 1100n, []],
  ])('may take %s', (_what, amountMinor, recorded) => {
    expect(recordedLast([authorized, requestCapture(amountMinor)], manual)).toEqual(recorded);
  });

  it('of too much is refused by that reason', () => {
    given(paymentDecider, past([authorized]))
      .when(requestCapture(1100n))
      .thenRefuses({ code: 'amount_exceeds_authorized' });
  });

  it('under the same key is the same capture, and with another body none', () => {
    const before = past([authorized, requestCapture(5n)]);
    given(paymentDecider, before).when(requestCapture(5n)).thenNothing();
    given(paymentDecider, before)
      .when(requestCapture(6n, 'capture-request', 'other'))
      .thenRefuses({ code: 'idempotency_key_reused' });
    given(paymentDecider, before)
      .when(requestCapture(5n, 'another'))
      .thenRefuses({ code: 'operation_in_progress' });
  });

  it('has the same key also after its end', () => {
    const before = past([authorized, requestCapture(), operationReply(captureId, done())]);
    given(paymentDecider, before).when(requestCapture()).thenNothing();
    given(paymentDecider, before)
      .when(requestCapture(null, 'another'))
      .thenRefuses({ code: 'not_capturable' });
  });

  it('lesson 17: that failed for good is made again under a key of its own', () => {
    const before = past([authorized, requestCapture(), operationReply(captureId, refused('refused'))]);
    expect(given(paymentDecider, before).when(requestCapture(null, 'another')).decision).toMatchObject({
      events: [{ type: 'CaptureStarted', data: { operationId: sampleOperationId('capture', 2) } }],
    });
  });

  it.each<[string, PaymentCommand[], PaymentCommand]>([
    ['nothing is authorised', [], manual],
    ['the attempt failed', [recordOutcome(outcomes.declined)], manual],
    ['it is taken already', [recordOutcome(outcomes.captured)], initiate()],
    ['the buyer has to act', [recordOutcome(outcomes.actionRequired)], manual],
    ['the outcome is unknown', [recordOutcome(outcomes.unknown)], manual],
  ])('is refused while %s', (_why, commands, first) => {
    given(paymentDecider, past(commands, first))
      .when(requestCapture())
      .thenRefuses({ code: 'not_capturable' });
  });
});

describe('a cancel', () => {
  it.each<[string, PaymentCommand[], string[]]>([
    ['on its way is only wished for', [], ['CancelRequested']],
    ['in doubt, of which the PSP gave no id, too', [recordOutcome(outcomes.unknown)], ['CancelRequested']],
    ['in doubt with an id is ended', [recordOutcome(outcomes.pending)], ['CancelRequested', 'CancelStarted']],
    ['authorised is ended', [authorized], ['CancelRequested', 'CancelStarted']],
    [
      'that waits for the buyer is ended',
      [recordOutcome(outcomes.actionRequired)],
      ['CancelRequested', 'CancelStarted'],
    ],
    ['that has ended is refused', [recordOutcome(outcomes.declined)], []],
  ])('of an attempt %s', (_what, commands, recorded) => {
    expect(recordedLast([...commands, requestCancel()], manual)).toEqual(recorded);
  });

  it('under the same key is the same cancel, and with another body none', () => {
    const before = past([authorized, requestCancel()]);
    given(paymentDecider, before).when(requestCancel()).thenNothing();
    given(paymentDecider, before)
      .when(requestCancel('cancel-request', 'other'))
      .thenRefuses({ code: 'idempotency_key_reused' });
    given(paymentDecider, before)
      .when(requestCancel('another'))
      .thenRefuses({ code: 'operation_in_progress' });
    given(paymentDecider, before).when(requestCapture()).thenRefuses({ code: 'operation_in_progress' });
  });

  it('waits for a capture that is under way', () => {
    given(paymentDecider, past([authorized, requestCapture()]))
      .when(requestCancel())
      .thenRefuses({ code: 'operation_in_progress' });
  });

  it('of a buyer’s authentication takes his page back at once', () => {
    const { payment } = tell([recordOutcome(outcomes.actionRequired), requestCancel()]);
    expect(payment).toMatchObject({ status: 'processing', nextAction: null });
  });

  it.each<[string, PaymentCommand, string[]]>([
    ['an authorisation', authorized, ['AttemptAuthorized', 'CancelStarted']],
    [
      'a request to authenticate',
      recordOutcome(outcomes.actionRequired),
      ['AttemptActionRequired', 'CancelStarted'],
    ],
    ['a decline', recordOutcome(outcomes.declined), ['AttemptDeclined', 'PaymentCanceled']],
    ['proof that nothing left', recordOutcome(outcomes.notSent), ['AttemptNotSent', 'PaymentCanceled']],
    ['silence', recordOutcome(outcomes.unknown), ['AttemptOutcomeUnknown']],
  ])('that was wished for while the call was out meets %s', (_what, answer, recorded) => {
    expect(recordedLast([requestCancel(), answer], manual)).toEqual(recorded);
  });

  it('that was wished for too late gives the money back', () => {
    expect(recordedLast([requestCancel(), recordOutcome(outcomes.captured)])).toEqual([
      'AttemptAuthorized',
      'LateSuccessFound',
      'ReversalStarted',
    ]);
  });
});

const byNotice = ({ type, data }: PaymentCommand): PaymentCommand =>
  ({ type, data: { ...data, heardBy: 'webhook' } }) as PaymentCommand;

describe('a buyer’s return', () => {
  it('is asked about once', () => {
    const before = past([recordOutcome(outcomes.actionRequired)]);
    expect(given(paymentDecider, before).when(returnFromAction).decision.kind).toBe('record');
    given(paymentDecider, past([recordOutcome(outcomes.actionRequired), returnFromAction]))
      .when(returnFromAction)
      .thenNothing();
  });

  it('is not asked about while the attempt is being ended', () => {
    given(paymentDecider, past([recordOutcome(outcomes.actionRequired), requestCancel()]))
      .when(returnFromAction)
      .thenNothing();
  });

  it('to a payment that expects nobody is refused', () => {
    given(paymentDecider, past([])).when(returnFromAction).thenRefuses({ code: 'no_action_expected' });
  });

  it('leaves nothing that proves "not sent": the first request had arrived', () => {
    const told = [recordOutcome(outcomes.actionRequired), returnFromAction, recordOutcome(outcomes.notSent)];
    expect(recordedLast(told)).toEqual(['AttemptOutcomeUnknown']);
  });

  it('is not undone by a late notice of what he came back from; that he is to act once more is told by an answer', () => {
    const asked = recordOutcome(outcomes.actionRequired);
    const notice = byNotice(asked);
    for (const since of [[], [recordOutcome(outcomes.unknown)]]) {
      const back = [asked, returnFromAction, ...since];
      expect(recordedLast([...back, notice])).toEqual([]);
      expect(recordedLast([...back, notice, returnFromAction])).toEqual([]);
      expect(tell([...back, asked]).payment.status).toBe('requires_action');
    }
    expect(recordedLast([notice])).toEqual(['AttemptActionRequired']);
  });

  it.each([outcomes.pending, outcomes.unknown, outcomes.notSent])(
    'is not made impossible by a word that decides nothing: %o',
    (outcome) => {
      const { payment } = tell([recordOutcome(outcomes.actionRequired), recordOutcome(outcome, false)]);
      expect(payment.status).toBe('requires_action');
    },
  );
});

describe('how far a request has come', () => {
  const progress = (requestId: string, ...commands: PaymentCommand[]) =>
    requestProgress(tell([authorized, ...commands], manual).payment, requestId);

  it('is not known of a request that was never made', () => {
    expect(progress('capture-request')).toBeUndefined();
  });

  it.each<[string, PaymentCommand[], string]>([
    ['under way', [], 'open'],
    ['in doubt', [operationReply(captureId, outcomes.unknown)], 'open'],
    ['on its way at the PSP', [operationReply(captureId, outcomes.pending)], 'open'],
    ['done', [operationReply(captureId, done())], 'concluded'],
    ['refused', [operationReply(captureId, refused('refused'))], 'concluded'],
    ['too late', [operationReply(captureId, refused('expired'))], 'concluded'],
  ])('is told of a capture %s', (_what, commands, expected) => {
    expect(progress('capture-request', requestCapture(), ...commands)).toBe(expected);
  });

  it.each<[string, PaymentCommand[], string]>([
    ['under way', [], 'open'],
    ['in doubt', [operationReply(cancelId, outcomes.unknown)], 'open'],
    ['done', [operationReply(cancelId, done(null))], 'concluded'],
    [
      'refused, so that the authorisation stands',
      [operationReply(cancelId, refused('refused'))],
      'concluded',
    ],
    ['too late, until the money is back', [operationReply(cancelId, refused('already_captured'))], 'open'],
    [
      'too late, when the money is back',
      [
        operationReply(cancelId, refused('already_captured')),
        operationReply(sampleOperationId('reversal'), done()),
      ],
      'concluded',
    ],
  ])('is told of a cancel %s', (_what, commands, expected) => {
    expect(progress('cancel-request', requestCancel(), ...commands)).toBe(expected);
  });
});
