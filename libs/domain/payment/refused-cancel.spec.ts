import { given, recordedBy, SAMPLE_ATTEMPT_ID, sampleStart, SOME_TIME } from '@tender/testing';
import { dueCancel } from './operation.process';
import { paymentDecider } from './payment.decider';
import type { PaymentCommand } from './payment.commands';
import type { CaptureMethod, PaymentEvent } from './payment.events';

const attemptId = SAMPLE_ATTEMPT_ID;
const cancelId = `${attemptId}-cancel-1`;
const reversalId = `${attemptId}-reversal-1`;
const MONEY = { amountMinor: 1099n, currency: 'USD' };

/** Pending at the PSP, unwanted, and approved while the cancel was on its way. */
const approvedMeanwhile = (captureMethod: CaptureMethod): readonly PaymentEvent[] => [
  ...sampleStart({ captureMethod }),
  {
    type: 'AttemptOutcomeUnknown',
    data: { attemptId, why: 'pending_at_psp', detail: '', pspReference: 'pi_1', keyBurnt: false },
  },
  { type: 'CancelRequested', data: { requestId: 'request-1', fingerprint: 'body', reason: null } },
  {
    type: 'CancelStarted',
    data: { operationId: cancelId, attemptId, pspReference: 'pi_1', ...MONEY, purpose: 'requested' },
  },
  {
    type: 'AttemptAuthorized',
    data: { attemptId, pspReference: 'pi_1', ...MONEY, card: null, occurredAt: SOME_TIME },
  },
];

const refused: PaymentCommand = {
  type: 'RecordOperationOutcome',
  data: {
    operationId: cancelId,
    outcome: {
      kind: 'failed',
      why: 'refused',
      detail: 'too late',
      pspReference: null,
      occurredAt: SOME_TIME,
    },
    heardAt: SOME_TIME,
    settlesAfterMs: 0,
  },
};
const cancelFailed: PaymentEvent = {
  type: 'CancelFailed',
  data: {
    operationId: cancelId,
    attemptId,
    why: 'refused',
    detail: 'too late',
    pspReference: null,
    occurredAt: SOME_TIME,
  },
};

describe('a cancel that the PSP refuses after the payment was approved', () => {
  it('found the money taken: it is given back, whatever words the refusal has', () => {
    given(paymentDecider, approvedMeanwhile('automatic'))
      .when(refused)
      .thenRecords([
        {
          type: 'LateSuccessFound',
          data: { attemptId, pspReference: 'pi_1', ...MONEY, captured: true, occurredAt: SOME_TIME },
        },
        {
          type: 'ReversalStarted',
          data: { operationId: reversalId, attemptId, pspReference: 'pi_1', ...MONEY, captured: true },
        },
        cancelFailed,
      ]);
  });

  it('leaves the payment unwanted, and ends it when the money is back', () => {
    const before = given(paymentDecider, approvedMeanwhile('automatic')).when(refused);
    const past = [...approvedMeanwhile('automatic'), ...recordedBy(before.decision)];
    const outcome = {
      kind: 'succeeded',
      pspReference: 're_1',
      amountMinor: 1099n,
      occurredAt: SOME_TIME,
    } as const;
    const after = given(paymentDecider, past)
      .when({
        type: 'RecordOperationOutcome',
        data: { operationId: reversalId, outcome, heardAt: SOME_TIME, settlesAfterMs: 0 },
      })
      .state();
    expect(after).toMatchObject({ status: 'canceled', capturedMinor: 0n });
  });

  it('is not asked for once more when the PSP does not give the money back at once: it would be found taken again', () => {
    const found = given(paymentDecider, approvedMeanwhile('automatic')).when(refused);
    const past = [...approvedMeanwhile('automatic'), ...recordedBy(found.decision)];
    const notGiven = given(paymentDecider, past).when({
      type: 'RecordOperationOutcome',
      data: {
        operationId: reversalId,
        outcome: {
          kind: 'failed',
          why: 'refused',
          detail: 'no balance',
          pspReference: null,
          occurredAt: SOME_TIME,
        },
        heardAt: SOME_TIME,
        settlesAfterMs: 0,
      },
    });
    const after = notGiven.state()!;
    expect(after).toMatchObject({ status: 'processing', attempts: [{ status: 'authorized' }] });
    expect(dueCancel(after, after.attempts[0]!)).toBeUndefined();
    given(paymentDecider, [...past, ...recordedBy(notGiven.decision)])
      .when({ type: 'StartCancel', data: { attemptId, purpose: 'requested' } })
      .thenNothing();
  });

  it('leaves an authorisation to its merchant', () => {
    const { state } = given(paymentDecider, approvedMeanwhile('manual')).when(refused);
    expect(state()).toMatchObject({ status: 'requires_capture', cancelRequests: [{ concluded: true }] });
    given(paymentDecider, approvedMeanwhile('manual')).when(refused).thenRecords([cancelFailed]);
  });
});
