import {
  done,
  given,
  initiate,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { climb, reactToPayment } from './payment.process';
import { REVERSED_AGAIN_AFTER_MS, unreturnedCharges } from './unreturned-charge';

const means = { keySafeForMs: 0, canLookUp: true, cancelsByOwnReference: false };
const reversal = (ordinal = 1): string => sampleOperationId('reversal', ordinal);
const late = [recordOutcome(outcomes.declined), recordOutcome(outcomes.captured, false)];
const failed = (ordinal = 1, outcome: OperationOutcome = refused('refused')): PaymentCommand =>
  operationReply(reversal(ordinal), outcome);
const cameBack: readonly PaymentCommand[] = [
  operationReply(reversal(), done(1099n, 'rev_1')),
  operationNews('reversal', refused('refused', 'rev_1'), 'rev_1', 2),
];
const again = (ordinal = 1): PaymentCommand => ({
  type: 'StartReversal',
  data: { operationId: reversal(ordinal) },
});
const fell = operationNews(
  'capture',
  { ...refused('refused', 'cap_1'), occurredAt: '2026-03-01T12:00:04.000Z' } as OperationOutcome,
  'cap_1',
  2,
);

const after = (...commands: readonly PaymentCommand[]) => tell([...late, ...commands], initiate());
const looked = (commands: readonly PaymentCommand[], ordinal: number, ms: number) =>
  climb(after(...commands).payment, reversal(ordinal), means, Date.parse(SOME_TIME) + ms);

describe('a charge without a sale that was not given back', () => {
  it.each([
    ['was refused', [failed()]],
    ['came back after it was given', cameBack],
  ])('and %s is given back by another request, under another key, once its pause is over', (_, commands) => {
    const [pauseMs = 0] = REVERSED_AGAIN_AFTER_MS;
    expect(looked(commands, 1, pauseMs - 1)).toMatchObject({ kind: 'schedule', subject: reversal() });
    expect(looked(commands, 1, pauseMs)).toEqual({ kind: 'start_reversal', operationId: reversal() });
    const { events } = after(...commands);
    const { decision } = given(paymentDecider, events).when(again());
    expect(decision).toMatchObject({
      kind: 'record',
      events: [
        { type: 'ReversalStarted', data: { operationId: reversal(2), amountMinor: 1099n, captured: true } },
      ],
    });
    given(paymentDecider, after(...commands, again()).events)
      .when(again())
      .thenNothing();
  });

  it('asks for that by itself as soon as it has failed', () => {
    const { events, payment } = after(failed());
    const effect = reactToPayment(events.at(-1)!, payment, Date.parse(SOME_TIME));
    expect(effect).toMatchObject({
      kind: 'schedule',
      subject: reversal(),
      afterMs: REVERSED_AGAIN_AFTER_MS[0],
    });
  });

  it('is a person’s after so many requests', () => {
    const commands: PaymentCommand[] = [failed()];
    REVERSED_AGAIN_AFTER_MS.forEach((pauseMs, at) => {
      expect(looked(commands, at + 1, pauseMs).kind).toBe('start_reversal');
      commands.push(again(at + 1), failed(at + 2));
    });
    const last = REVERSED_AGAIN_AFTER_MS.length + 1;
    expect(looked(commands, last, 365 * 24 * 3_600_000).kind).toBe('ignore');
    given(paymentDecider, after(...commands).events)
      .when(again(last))
      .thenNothing();
    expect(unreturnedCharges(after(...commands).payment).map(({ id }) => id)).toEqual([reversal(last)]);
  });

  it('is a person’s at once where the PSP gives a reason that lasts', () => {
    expect(looked([failed(1, refused('not_found'))], 1, 365 * 24 * 3_600_000).kind).toBe('ignore');
  });

  it('is nobody’s once the scheme has taken it back', () => {
    const { payment, events } = after(failed(), fell);
    expect(unreturnedCharges(payment)).toEqual([]);
    given(paymentDecider, events).when(again()).thenNothing();
  });
});
