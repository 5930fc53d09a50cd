import {
  given,
  initiate,
  outcomes,
  recordedBy,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  sampleInitiated,
  sampleStart,
  sampleStarted,
} from '@tender/testing';
import type { LookupOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';

const attemptId = SAMPLE_ATTEMPT_ID;

const unknown: PaymentEvent = {
  type: 'AttemptOutcomeUnknown',
  data: { attemptId, why: 'timeout', detail: '', pspReference: null, keyBurnt: false },
};
const looked = (answer: 'not_found' | 'not_found_too_early' | 'unavailable', detail = ''): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: {
    attemptId,
    operationId: null,
    rung: 'lookup',
    answer,
    detail,
    pspReference: null,
    keyBurnt: false,
  },
});
const notSent = (why: 'connection_refused' | 'never_received', detail: string): PaymentEvent => ({
  type: 'AttemptNotSent',
  data: { attemptId, why, detail },
});
const captured: PaymentEvent[] = [
  {
    type: 'AttemptAuthorized',
    data: {
      attemptId,
      pspReference: 'pi_1',
      amountMinor: 1099n,
      currency: 'USD',
      card: { brand: 'visa', last4: '4242' },
      occurredAt: '2026-03-01T12:00:01.000Z',
    },
  },
  {
    type: 'PaymentCaptured',
    data: {
      attemptId,
      operationId: null,
      pspReference: 'pi_1',
      amountMinor: 1099n,
      currency: 'USD',
      occurredAt: '2026-03-01T12:00:01.000Z',
      rank: 1,
    },
  },
];

/** A look-up an hour after everything, far past any settling time, unless told otherwise. */
const lookup = (answer: LookupOutcome, askedAt = '2026-03-01T13:00:00.000Z'): PaymentCommand => ({
  type: 'RecordLookup',
  data: { attemptId, answer, askedAt, settlesAfterMs: 90_000 },
});

describe('initiating a payment', () => {
  it('records what was asked for and the first attempt together', () => {
    given(paymentDecider)
      .when(initiate())
      .thenRecords([
        { type: 'PaymentInitiated', data: sampleInitiated() },
        { type: 'AttemptStarted', data: sampleStarted() },
      ]);
  });

  it('joins the payment when the same body comes again under the key', () => {
    given(paymentDecider, sampleStart()).when(initiate()).thenNothing();
  });

  it('refuses another body under the key', () => {
    given(paymentDecider, sampleStart())
      .when(initiate({ fingerprint: 'another', amountMinor: 1n }))
      .thenRefuses({ code: 'idempotency_key_reused' });
  });

  it('cannot be recorded without a route', () => {
    expect(() => paymentDecider.decide(initiate({ candidates: [] }), null)).toThrow('without a route');
  });
});

describe('the answer to the first send', () => {
  it('captures with automatic capture', () => {
    given(paymentDecider, sampleStart()).when(recordOutcome(outcomes.captured)).thenRecords(captured);
  });

  it('only authorises with manual capture', () => {
    const spec = given(paymentDecider, sampleStart({ captureMethod: 'manual' })).when(
      recordOutcome(outcomes.authorized),
    );
    expect(spec.state()).toMatchObject({
      status: 'requires_capture',
      authorizedMinor: 1099n,
      capturedMinor: 0n,
    });
  });

  it('closes the payment on a decline, with the reason', () => {
    const spec = given(paymentDecider, sampleStart()).when(recordOutcome(outcomes.declined));
    const { code, category, message } = outcomes.declined.decline;
    expect(spec.state()).toMatchObject({ status: 'failed', failure: { code, category, message } });
  });

  it('closes the payment as not charged when the first send certainly did not leave', () => {
    given(paymentDecider, sampleStart())
      .when(recordOutcome(outcomes.notSent))
      .thenRecords([
        notSent('connection_refused', 'ECONNREFUSED'),
        {
          type: 'PaymentFailed',
          data: {
            code: 'connection_refused',
            category: 'not_charged',
            message: 'The payment provider could not be reached. Nothing was charged.',
          },
        },
      ]);
  });

  it('is unknown when a send after a possible earlier one did not leave: that proves nothing about the earlier one', () => {
    const spec = given(paymentDecider, sampleStart()).when(recordOutcome(outcomes.notSent, false));
    expect(spec.state()).toMatchObject({ status: 'outcome_unknown' });
  });

  it.each([outcomes.unknown, outcomes.burnt, outcomes.pending])(
    'is unknown when the PSP left it open: %o',
    (outcome) => {
      const spec = given(paymentDecider, sampleStart()).when(recordOutcome(outcome));
      expect(spec.state()).toMatchObject({
        status: 'outcome_unknown',
        attempts: [{ status: 'outcome_unknown' }],
      });
    },
  );

  it('sends the buyer to authenticate, once', () => {
    given(paymentDecider, sampleStart())
      .when(recordOutcome(outcomes.actionRequired))
      .thenRecords([
        {
          type: 'AttemptActionRequired',
          data: { attemptId, pspReference: 'pi_1', action: outcomes.actionRequired.action },
        },
      ]);
  });

  it.each([
    ['of another amount', { ...outcomes.captured, amountMinor: 1098n }, 'amount_mismatch'],
    ['without the capture that was asked for', outcomes.authorized, 'not_captured'],
  ])('is unknown when it is an approval %s', (_what, outcome, why) => {
    const spec = given(paymentDecider, sampleStart()).when(recordOutcome(outcome));
    expect(spec.decision).toMatchObject({
      events: [{ type: 'AttemptOutcomeUnknown', data: { why, pspReference: 'pi_1' } }],
    });
  });

  it('is refused for an attempt that the payment does not have', () => {
    given(paymentDecider, [sampleStart()[0]!])
      .when(recordOutcome(outcomes.captured))
      .thenRefuses({ code: 'attempt_not_found', attemptId });
  });
});

describe('an unknown outcome', () => {
  const open = [...sampleStart(), unknown];

  it('ends with what the same key reveals', () => {
    given(paymentDecider, open).when(recordOutcome(outcomes.captured, false)).thenRecords(captured);
  });

  it('ends with what a look-up finds', () => {
    given(paymentDecider, open)
      .when(lookup({ kind: 'found', outcome: outcomes.captured }))
      .thenRecords(captured);
  });

  it.each([outcomes.unknown, outcomes.notSent, outcomes.pending])(
    'stays unknown after a resend that settles nothing: %o',
    (outcome) => {
      const spec = given(paymentDecider, open).when(recordOutcome(outcome, false));
      expect(spec.state()).toMatchObject({ status: 'outcome_unknown', attempts: [{ search: { tries: 1 } }] });
    },
  );

  it('counts a burnt key as burnt from then on', () => {
    const spec = given(paymentDecider, open).when(recordOutcome(outcomes.burnt, false));
    expect(spec.state()).toMatchObject({ attempts: [{ search: { keyBurnt: true } }] });
  });

  it('is not ended by one look-up that finds nothing', () => {
    const spec = given(paymentDecider, open).when(lookup({ kind: 'not_found' }));
    expect(spec.decision).toEqual({ kind: 'record', events: [looked('not_found')] });
    expect(spec.state()).toMatchObject({ status: 'outcome_unknown' });
  });

  it('is looked up anew once its request is about to leave again', () => {
    const resend: PaymentCommand = { type: 'RecordResend', data: { attemptId } };
    const told = given(paymentDecider, [...open, looked('not_found')]).when(resend);
    expect(told.decision).toMatchObject({ kind: 'record', events: [{ data: { answer: 'sending' } }] });
    expect(told.state()).toMatchObject({
      status: 'outcome_unknown',
      attempts: [{ search: { notFound: 0 } }],
    });
  });

  it('is not sent again once it is proven that it never arrived, or somebody wants the payment ended', () => {
    const resend: PaymentCommand = { type: 'RecordResend', data: { attemptId } };
    const proven = [...open, looked('not_found'), looked('not_found'), notSent('never_received', '')];
    given(paymentDecider, proven).when(resend).thenNothing();
    const ended: PaymentEvent = {
      type: 'CancelRequested',
      data: { requestId: 'r', fingerprint: 'f', reason: null },
    };
    given(paymentDecider, [...open, ended])
      .when(resend)
      .thenNothing();
  });

  it('is proven never received by the second look-up after the settling time', () => {
    given(paymentDecider, [...open, looked('not_found')])
      .when(lookup({ kind: 'not_found' }))
      .thenRecords([
        looked('not_found'),
        notSent('never_received', '2 look-ups after the settling time'),
        {
          type: 'PaymentFailed',
          data: {
            code: 'never_received',
            category: 'not_charged',
            message: 'The payment provider never received the request. Nothing was charged.',
          },
        },
      ]);
  });

  it.each([
    ['one millisecond before the settling time', '2026-03-01T12:01:29.999Z', 'outcome_unknown'],
    ['at the settling time', '2026-03-01T12:01:30.000Z', 'failed'],
  ])('takes a second miss %s for %s', (_when, askedAt, status) => {
    const spec = given(paymentDecider, [...open, looked('not_found')]).when(
      lookup({ kind: 'not_found' }, askedAt),
    );
    expect(spec.state()).toMatchObject({ status });
  });

  it('starts counting misses again when another request may have left in between', () => {
    const resent: PaymentEvent = {
      type: 'EvidenceRecorded',
      data: {
        attemptId,
        operationId: null,
        rung: 'same_key',
        answer: 'still_unknown',
        detail: 'timeout',
        pspReference: null,
        keyBurnt: false,
      },
    };
    const spec = given(paymentDecider, [...open, looked('not_found'), resent]).when(
      lookup({ kind: 'not_found' }),
    );
    expect(spec.state()).toMatchObject({ status: 'outcome_unknown' });
  });

  it.each([
    lookup({ kind: 'unavailable', detail: 'HTTP 403' }),
    lookup({ kind: 'not_found' }, '2026-03-01T12:00:10.000Z'),
    lookup({ kind: 'found', outcome: outcomes.pending }),
  ])('lesson 7: is not ended by a look-up that failed, came early or found it pending', (command) => {
    const spec = given(paymentDecider, open).when(command);
    expect(spec.state()).toMatchObject({ status: 'outcome_unknown' });
  });
});

describe('news about an attempt that has ended', () => {
  const declined = [
    ...sampleStart(),
    ...recordedBy(given(paymentDecider, sampleStart()).when(recordOutcome(outcomes.declined)).decision),
  ];

  it('changes nothing after a success', () => {
    given(paymentDecider, [...sampleStart(), ...captured])
      .when(recordOutcome(outcomes.declined))
      .thenNothing();
  });

  it('changes nothing when it says the same again', () => {
    given(paymentDecider, declined).when(recordOutcome(outcomes.declined)).thenNothing();
  });

  it('records a success after "not charged" as money to give back, and does not reopen the payment', () => {
    const spec = given(paymentDecider, declined).when(recordOutcome(outcomes.captured));
    spec.thenRecords([
      {
        type: 'LateSuccessFound',
        data: {
          attemptId,
          pspReference: 'pi_1',
          amountMinor: 1099n,
          currency: 'USD',
          captured: true,
          occurredAt: '2026-03-01T12:00:01.000Z',
        },
      },
      {
        type: 'ReversalStarted',
        data: {
          operationId: `${attemptId}-reversal-1`,
          attemptId,
          pspReference: 'pi_1',
          amountMinor: 1099n,
          currency: 'USD',
          captured: true,
        },
      },
    ]);
    expect(spec.state()).toMatchObject({ status: 'failed' });
  });
});
