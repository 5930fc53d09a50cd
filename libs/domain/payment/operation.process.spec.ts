import {
  given,
  initiate,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  returnFromAction,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import fc from 'fast-check';
import { AUTHORIZATION_HELD_FOR_MS } from '../psp/authorization-time';
import { START_WITHIN_MS } from './failover';
import { ACTION_WITHIN_MS, OPERATE_WITHIN_MS } from './operation.process';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import type { PaymentEffect } from './payment.process';
import { climb, reactToPayment } from './payment.process';
import { FIRST_RUNG_AFTER_MS, RUNG_EVERY_AT_MOST_MS, rungDelayMs } from './search';

const KEY_SAFE_FOR_MS = 23 * 3_600_000;
const looks = { keySafeForMs: KEY_SAFE_FOR_MS, canLookUp: true, cancelsByOwnReference: false };
const ends = { keySafeForMs: KEY_SAFE_FOR_MS, canLookUp: false, cancelsByOwnReference: true };
const start = Date.parse(SOME_TIME);
const attemptId = SAMPLE_ATTEMPT_ID;
const manual = initiate({ captureMethod: 'manual' });
const captureId = sampleOperationId('capture');
const cancelId = sampleOperationId('cancel');
const capturing = [recordOutcome(outcomes.authorized), requestCapture()];
const challenged = recordOutcome(outcomes.actionRequired);
const unknown = recordOutcome(outcomes.unknown);
const lostCapture = [...capturing, operationReply(captureId, outcomes.unknown)];
const burntCapture = [...capturing, operationReply(captureId, outcomes.burnt)];

/** What the last event of a story asks for. */
const asked = (commands: readonly PaymentCommand[], nowMs = start, first = manual): PaymentEffect => {
  const { payment, events } = tell(commands, first);
  return reactToPayment(events.at(-1)!, payment, nowMs);
};
const rung = (
  commands: readonly PaymentCommand[],
  subject: string,
  means = looks,
  nowMs = start,
  more: readonly PaymentEvent[] = [],
): PaymentEffect => {
  const payment = given(paymentDecider, [...tell(commands, manual).events, ...more]).state!;
  return climb(payment, subject, means, nowMs);
};
const evidence = (operationId: string | null, type: 'same_key' | 'lookup' | 'forced_end'): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: {
    attemptId,
    operationId,
    rung: type,
    answer: 'still_unknown',
    detail: '',
    pspReference: null,
    keyBurnt: false,
  },
});

describe('an operation that has begun', () => {
  it('is sent to its PSP with its key, its amount and the PSP’s id of the payment', () => {
    expect(asked(capturing)).toMatchObject({
      kind: 'operate',
      psp: 'stripe',
      request: { kind: 'capture', operationId: captureId, pspReference: 'pi_1', amountMinor: 1099n },
    });
  });

  it.each([
    ['in time', OPERATE_WITHIN_MS - 1, 'operate'],
    [
      'so late that it may have left under a key that is forgotten',
      OPERATE_WITHIN_MS,
      'declare_operation_unknown',
    ],
  ])('delivered %s', (_when, afterMs, kind) => {
    expect(asked(capturing, start + afterMs).kind).toBe(kind);
  });

  it('asks for nothing when it is delivered again after its answer', () => {
    const { events } = tell(capturing, manual);
    const { payment } = tell([...capturing, operationReply(captureId, refused('refused'))], manual);
    expect(reactToPayment(events.at(-1)!, payment, start).kind).toBe('ignore');
  });
});

describe('the search for an operation', () => {
  it('begins a moment later, and its pauses grow', () => {
    const soon = { kind: 'schedule', subject: captureId, afterMs: FIRST_RUNG_AFTER_MS };
    expect(asked(lostCapture)).toEqual(soon);
    const again = [...lostCapture, operationReply(captureId, outcomes.unknown)];
    expect(asked(again)).toEqual({ ...soon, afterMs: rungDelayMs(1) });
  });

  it('alternates between the key and look-ups, and has the key alone where there are none', () => {
    expect(rung(lostCapture, captureId).kind).toBe('operate');
    expect(rung(lostCapture, captureId, looks, start, [evidence(captureId, 'same_key')]).kind).toBe(
      'lookup_operation',
    );
    expect(rung(lostCapture, captureId, ends, start, [evidence(captureId, 'same_key')]).kind).toBe('operate');
  });

  it.each([
    ['just inside', KEY_SAFE_FOR_MS - 1, 'operate', 'operate'],
    ['at the end of', KEY_SAFE_FOR_MS, 'lookup_operation', 'schedule'],
  ])('%s the time that the PSP surely knows the key for', (_when, afterMs, looking, not) => {
    expect(rung(lostCapture, captureId, looks, start + afterMs).kind).toBe(looking);
    expect(rung(lostCapture, captureId, ends, start + afterMs).kind).toBe(not);
  });

  it('never sends a burnt key, and without look-ups waits long for the PSP’s own word', () => {
    expect(rung(burntCapture, captureId).kind).toBe('lookup_operation');
    expect(rung(burntCapture, captureId, ends)).toEqual({
      kind: 'schedule',
      subject: captureId,
      afterMs: RUNG_EVERY_AT_MOST_MS,
    });
  });

  it('asks for a cancel again after the key’s time where nobody can be asked: what has ended cannot end twice', () => {
    const lostCancel = [
      recordOutcome(outcomes.authorized),
      requestCancel(),
      operationReply(cancelId, outcomes.unknown),
    ];
    expect(rung(lostCancel, cancelId, ends, start + KEY_SAFE_FOR_MS).kind).toBe('operate');
    expect(rung(lostCancel, cancelId, looks, start + KEY_SAFE_FOR_MS).kind).toBe('lookup_operation');
  });

  it('is not begun by a timer while the first request is under way', () => {
    expect(rung(capturing, captureId).kind).toBe('ignore');
  });
});

describe('a buyer who does not come back', () => {
  it.each([
    ['in time', ACTION_WITHIN_MS - 1_000, { kind: 'schedule', afterMs: 1_000 }],
    ['a moment before the end', ACTION_WITHIN_MS - 1, { kind: 'schedule', afterMs: FIRST_RUNG_AFTER_MS }],
    ['at the end', ACTION_WITHIN_MS, { kind: 'start_cancel', purpose: 'abandoned' }],
  ])('is looked for %s', (_when, afterMs, effect) => {
    expect(rung([challenged], attemptId, looks, start + afterMs)).toMatchObject(effect);
  });

  it('is looked for after his time', () => {
    expect(asked([challenged])).toEqual({ kind: 'schedule', subject: attemptId, afterMs: ACTION_WITHIN_MS });
  });
});

describe('a buyer who comes back', () => {
  const back = [challenged, returnFromAction];

  it.each([
    ['in time, also for a payment too old for a first send', START_WITHIN_MS, 'complete_action'],
    ['in time for the last moment', ACTION_WITHIN_MS - 1, 'complete_action'],
    ['and is told of too late', ACTION_WITHIN_MS, 'declare_unknown'],
  ])('%s', (_when, afterMs, kind) => {
    expect(asked(back, start + afterMs).kind).toBe(kind);
  });

  it('and whose answer is lost is asked about again by the same key, for as long as he had time', () => {
    const lost = [...back, recordOutcome(outcomes.unknown, false)];
    expect(rung(lost, attemptId, ends, start + ACTION_WITHIN_MS - 1).kind).toBe('complete_action');
    expect(rung(lost, attemptId, ends, start + ACTION_WITHIN_MS)).toMatchObject({ purpose: 'forced_end' });
  });

  it('after the merchant wanted the end is not asked about: that could charge', () => {
    expect(asked([...back, requestCancel()]).kind).toBe('ignore');
    const { events } = tell(back, manual);
    const { payment } = tell([...back, requestCancel()], manual);
    expect(reactToPayment(events.at(-1)!, payment, start).kind).toBe('declare_unknown');
  });
});

describe('an authorisation that nobody captures', () => {
  const heldMs = AUTHORIZATION_HELD_FOR_MS.stripe;

  it.each([
    ['before its time', heldMs - 1_000, { kind: 'schedule', afterMs: 1_000 }],
    ['at its time', heldMs, { kind: 'start_cancel', purpose: 'expired' }],
  ])('is let go %s', (_when, afterMs, effect) => {
    expect(rung([recordOutcome(outcomes.authorized)], attemptId, looks, start + afterMs)).toMatchObject(
      effect,
    );
  });

  it('needs no timer for days', () => {
    expect(asked([recordOutcome(outcomes.authorized)]).kind).toBe('ignore');
  });

  it('that could not be let go is tried again after pauses that grow', () => {
    const letGo: PaymentCommand = { type: 'StartCancel', data: { attemptId, purpose: 'expired' } };
    const once = [recordOutcome(outcomes.authorized), letGo, operationReply(cancelId, refused('refused'))];
    const twice = [...once, letGo, operationReply(sampleOperationId('cancel', 2), refused('refused'))];
    // the history says that all of this happened at SOME_TIME, so only the pauses count from there
    const pauseMs = (story: readonly PaymentCommand[]): number => {
      const { payment } = tell(story, manual);
      const old = {
        ...payment,
        attempts: [{ ...payment.attempts[0]!, finishedAt: '2026-01-01T00:00:00.000Z' }],
      };
      const effect = climb(old, attemptId, looks, start);
      return effect.kind === 'schedule' ? effect.afterMs : 0;
    };
    expect(pauseMs(once)).toBeGreaterThan(0);
    expect(pauseMs(twice)).toBe(2 * pauseMs(once));
  });
});

describe('an attempt that is to be ended', () => {
  it('is not sent for the first time any more', () => {
    const { events } = tell([], manual);
    const { payment } = tell([requestCancel()], manual);
    expect(reactToPayment(events.at(-1)!, payment, start).kind).toBe('declare_unknown');
  });

  it('in doubt for long is ended soon, not when its next look is due', () => {
    const old = [unknown, ...Array.from({ length: 12 }, () => recordOutcome(outcomes.unknown, false))];
    expect(asked([...old, requestCancel()])).toEqual({
      kind: 'schedule',
      subject: attemptId,
      afterMs: FIRST_RUNG_AFTER_MS,
    });
  });

  it('alternates between the cancel and look-ups, so that a charge is found that nobody can cancel', () => {
    const story = [
      recordOutcome(outcomes.pending),
      requestCancel(),
      operationReply(cancelId, refused('already_captured')),
    ];
    const { payment } = tell(story, manual);
    expect(payment.attempts[0]!.search!.tries).toBe(1);
    expect(climb(payment, attemptId, looks, start).kind).toBe('lookup');
    expect(climb(payment, attemptId, ends, start)).toMatchObject({
      kind: 'start_cancel',
      purpose: 'requested',
    });
    const more = given(paymentDecider, [...tell(story, manual).events, evidence(null, 'lookup')]).state!;
    expect(climb(more, attemptId, looks, start).kind).toBe('start_cancel');
  });

  it('never gets a request that could charge, however far the search is', () => {
    const rungs = fc.array(fc.constantFrom('same_key' as const, 'lookup' as const, 'forced_end' as const));
    const anyMeans = fc.record({
      keySafeForMs: fc.constantFrom(0, KEY_SAFE_FOR_MS),
      canLookUp: fc.boolean(),
      cancelsByOwnReference: fc.boolean(),
    });
    const beginnings = fc.constantFrom<PaymentCommand[]>(
      [],
      [unknown],
      [recordOutcome(outcomes.pending)],
      [challenged],
      [challenged, returnFromAction],
      [challenged, returnFromAction, recordOutcome(outcomes.unknown, false)],
    );
    fc.assert(
      fc.property(
        beginnings,
        rungs,
        anyMeans,
        fc.nat(2 * ACTION_WITHIN_MS),
        (past, climbed, means, afterMs) => {
          const { events } = tell([...past, requestCancel()], manual);
          const history = [...events, ...climbed.map((one) => evidence(null, one))];
          const payment = given(paymentDecider, history).state!;
          const effects = [
            climb(payment, attemptId, means, start + afterMs),
            ...history.map((event) => reactToPayment(event, payment, start + afterMs)),
          ];
          for (const { kind } of effects) expect(['authorize', 'complete_action']).not.toContain(kind);
        },
      ),
    );
  });
});
