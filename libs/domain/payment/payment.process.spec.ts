import {
  given,
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  SOME_TIME,
  sampleStart,
} from '@tender/testing';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { START_WITHIN_MS } from './failover';
import { climb, reactToPayment } from './payment.process';
import { FIRST_RUNG_AFTER_MS } from './search';
import type { Payment } from './payment';

const KEY_SAFE_FOR_MS = 23 * 3_600_000;
const means = { keySafeForMs: KEY_SAFE_FOR_MS, canLookUp: true, cancelsByOwnReference: false };
const onlyKey = { keySafeForMs: KEY_SAFE_FOR_MS, canLookUp: false, cancelsByOwnReference: true };
const start = Date.parse(SOME_TIME);
const started = sampleStart()[1]!;
const paymentAfter = (...events: PaymentEvent[]): Payment =>
  given(paymentDecider, [...sampleStart(), ...events]).state!;
const unknown = (keyBurnt = false): PaymentEvent => ({
  type: 'AttemptOutcomeUnknown',
  data: { attemptId: SAMPLE_ATTEMPT_ID, why: 'timeout', detail: '', pspReference: null, keyBurnt },
});
const evidence = (rung: 'same_key' | 'lookup'): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: {
    attemptId: SAMPLE_ATTEMPT_ID,
    operationId: null,
    rung,
    answer: 'still_unknown',
    detail: '',
    pspReference: null,
    keyBurnt: false,
  },
});

describe('a started attempt', () => {
  it('is sent to its PSP with the recorded key and everything that was recorded', () => {
    expect(reactToPayment(started, paymentAfter(), start)).toEqual({
      kind: 'authorize',
      psp: 'stripe',
      request: {
        requestVersion: 1,
        attemptId: SAMPLE_ATTEMPT_ID,
        paymentId: SAMPLE_PAYMENT_ID,
        idempotencyKey: `${SAMPLE_ATTEMPT_ID}-authorize-1`,
        amountMinor: 1099n,
        currency: 'USD',
        token: 'pm_card_visa',
        captureMethod: 'automatic',
        statementDescriptor: null,
        returnUrl: null,
        customerId: null,
      },
    });
  });

  it('asks for nothing when it is delivered again after its outcome', () => {
    const outcome = given(paymentDecider, sampleStart()).when(recordOutcome(outcomes.captured)).state()!;
    expect(reactToPayment(started, outcome, start).kind).toBe('ignore');
  });

  it.each([
    ['just in time', START_WITHIN_MS - 1, 'authorize'],
    [
      'too late: it may have left before a crash, and nobody is charged for yesterday',
      START_WITHIN_MS,
      'declare_unknown',
    ],
  ])('delivered %s', (_when, afterMs, kind) => {
    expect(reactToPayment(started, paymentAfter(), start + afterMs).kind).toBe(kind);
  });
});

describe('the ladder', () => {
  it('begins a moment after the unknown outcome', () => {
    expect(reactToPayment(unknown(), paymentAfter(unknown()), start)).toEqual({
      kind: 'schedule',
      subject: SAMPLE_ATTEMPT_ID,
      afterMs: FIRST_RUNG_AFTER_MS,
    });
  });

  it('sends the same key first, then alternates with look-ups', () => {
    const rung = (...past: PaymentEvent[]): string =>
      climb(paymentAfter(unknown(), ...past), SAMPLE_ATTEMPT_ID, means, start + 1_000).kind;
    expect(rung()).toBe('authorize');
    expect(rung(evidence('same_key'))).toBe('lookup');
    expect(rung(evidence('same_key'), evidence('lookup'))).toBe('authorize');
  });

  it('never sends a burnt key again: it can only repeat its error', () => {
    expect(climb(paymentAfter(unknown(true)), SAMPLE_ATTEMPT_ID, means, start).kind).toBe('lookup');
  });

  it.each([
    ['in time for a first send', START_WITHIN_MS - 1, 'authorize'],
    ['later, when it would charge for a basket of yesterday', START_WITHIN_MS, 'lookup'],
  ])('asks by %s', (_when, afterMs, kind) => {
    expect(climb(paymentAfter(unknown()), SAMPLE_ATTEMPT_ID, means, start + afterMs).kind).toBe(kind);
  });

  it.each([
    ['in time for a first send', START_WITHIN_MS - 1, { kind: 'authorize' }],
    ['later', START_WITHIN_MS, { kind: 'start_cancel', purpose: 'forced_end' }],
  ])('without look-ups asks %s by the key, and then by ending the attempt', (_when, afterMs, effect) => {
    const rung = (...past: PaymentEvent[]) =>
      climb(paymentAfter(unknown(), ...past), SAMPLE_ATTEMPT_ID, onlyKey, start + afterMs);
    expect(rung()).toMatchObject(effect);
    expect(rung(evidence('same_key'))).toMatchObject(effect);
  });

  it.each([
    ['just inside', START_WITHIN_MS, 'authorize'],
    ['at the end of', START_WITHIN_MS - 1, 'lookup'],
  ])('%s the time that a PSP surely knows a key for, asks by %s', (_when, keySafeForMs, kind) => {
    // beyond it the PSP would take the old key for a new request, and charge again
    const shortly = { ...means, keySafeForMs };
    const nowMs = start + START_WITHIN_MS - 1;
    expect(climb(paymentAfter(unknown()), SAMPLE_ATTEMPT_ID, shortly, nowMs).kind).toBe(kind);
  });

  it('ends with the outcome', () => {
    const settled = given(paymentDecider, [...sampleStart(), unknown()])
      .when(recordOutcome(outcomes.captured, false))
      .state()!;
    expect(climb(settled, SAMPLE_ATTEMPT_ID, means, start).kind).toBe('ignore');
    expect(reactToPayment(unknown(), settled, start).kind).toBe('ignore');
  });
});
