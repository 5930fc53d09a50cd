import {
  capturedPayment,
  done,
  given,
  initiate,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCapture,
  reserveRefund,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  sampleStart,
  tell,
} from '@tender/testing';
import fc from 'fast-check';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { overdrawnMinor } from './refund-reservation';

const atS = (outcome: OperationOutcome, seconds: number): OperationOutcome =>
  'occurredAt' in outcome ? { ...outcome, occurredAt: `2026-03-01T12:00:0${seconds}.000Z` } : outcome;

const captured = operationNews('capture', atS(done(), 2), 'ref_1');
const takenBack = operationNews('capture', atS(refused('refused', 'ref_1'), 4), 'ref_1', 2);
const again = operationNews('capture', atS(done(), 6), 'ref_1', 3);

const manual = initiate({ captureMethod: 'manual' });
const asked = [
  recordOutcome(outcomes.authorized),
  requestCapture(),
  operationReply(sampleOperationId('capture'), { kind: 'pending', pspReference: 'ref_1' }),
];

const endOf = (commands: readonly PaymentCommand[], first: PaymentCommand): unknown => {
  const { status, capturedMinor, authorizedMinor, captures } = tell(commands, first).payment;
  return { status, capturedMinor, authorizedMinor, reversed: captures.map(({ reversed }) => reversed) };
};

describe('a capture that falls back', () => {
  it('lowers what was captured, and leaves the payment as its merchant was told', () => {
    const { payment, events } = tell([...asked, captured, takenBack], manual);
    expect(payment).toMatchObject({ status: 'succeeded', capturedMinor: 0n });
    expect(events.at(-1)).toMatchObject({
      type: 'CaptureReversed',
      data: { operationId: sampleOperationId('capture'), amountMinor: 1099n, currency: 'USD', rank: 2 },
    });
  });

  it('and is captured again counts once', () => {
    const { payment, events } = tell([...asked, captured, takenBack, again, again], manual);
    expect(payment).toMatchObject({ status: 'succeeded', capturedMinor: 1099n });
    expect(events.filter(({ type }) => type === 'PaymentCaptured').length).toBe(2);
  });

  it.each([
    ['once', [captured, takenBack]],
    ['and is captured again', [captured, takenBack, again]],
    ['within one second', [captured, takenBack, again].map(inOneSecond)],
  ])('%s ends the same in every order', (_, words) => {
    const inOrder = endOf([...asked, ...words], manual);
    fc.assert(
      fc.property(fc.shuffledSubarray([...words, ...words], { minLength: 2 * words.length }), (order) => {
        expect(endOf([...asked, ...order], manual)).toEqual(inOrder);
      }),
    );
  });

  it('that the PSP refused from the start is no such thing', () => {
    const refusedAtOnce = operationNews('capture', refused('refused', 'ref_1'), 'ref_1');
    expect(endOf([...asked, refusedAtOnce], manual)).toMatchObject({ status: 'requires_capture' });
  });

  it('had come with its authorisation: the same', () => {
    const news = operationNews('capture', atS(refused('refused', 'pi_2'), 4), 'pi_2', 2);
    const past = capturedPayment();
    const { decision, state } = given(paymentDecider, past).when(news);
    expect(decision).toMatchObject({ kind: 'record', events: [{ type: 'CaptureReversed' }] });
    expect(state()?.capturedMinor).toBe(0n);
  });

  it('waits for the news of its authorisation, and is not dropped', () => {
    const news = operationNews('capture', atS(refused('refused', 'pi_2'), 4), 'pi_2', 2);
    given(paymentDecider, sampleStart()).when(news).thenRefuses({ code: 'news_too_early' });
  });

  it('waits for its capture also where it has been taken again since, or the attempt is being ended', () => {
    const fellAt = operationNews('capture', atS(refused('refused', 'pi_2'), 4), 'pi_2', 2);
    const againAt = operationNews('capture', atS(done(1099n, 'pi_2'), 6), 'pi_2', 3);
    const ending: PaymentCommand[] = [
      recordOutcome(outcomes.unknown),
      { type: 'StartCancel', data: { attemptId: SAMPLE_ATTEMPT_ID, purpose: 'forced_end' } },
    ];
    for (const word of [fellAt, againAt]) {
      given(paymentDecider, tell(ending).events).when(word).thenRefuses({ code: 'news_too_early' });
      given(paymentDecider, tell([...ending, recordOutcome(outcomes.captured, false)]).events)
        .when(word)
        .thenRefuses({ code: 'news_too_early' });
    }
  });

  it('had been told by a cancel that came too late, after it fell back: the capture is the older fact', () => {
    const { payment } = tell([
      recordOutcome(outcomes.unknown),
      { type: 'StartCancel', data: { attemptId: SAMPLE_ATTEMPT_ID, purpose: 'forced_end' } },
      recordOutcome(outcomes.captured, false),
      operationNews('cancel', atS(refused('already_captured'), 9)),
      operationNews('capture', atS(refused('refused', 'pi_2'), 4), 'pi_2', 2),
    ]);
    expect(payment).toMatchObject({ status: 'succeeded', capturedMinor: 0n });
  });

  it('after its money was given back is told as what it is: more given than taken', () => {
    const { payment } = tell([...asked, captured, reserveRefund(500n), takenBack], manual);
    expect([payment.capturedMinor, overdrawnMinor(payment)]).toEqual([0n, 500n]);
    given(paymentDecider, tell([...asked, captured, takenBack], manual).events)
      .when(reserveRefund(1n))
      .thenRefuses({ code: 'amount_exceeds_captured' });
  });
});

function inOneSecond(command: PaymentCommand): PaymentCommand {
  if (command.type !== 'RecordOperationNews') return command;
  return { ...command, data: { ...command.data, outcome: atS(command.data.outcome, 2) } };
}
