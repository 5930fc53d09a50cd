import {
  disputeTold,
  done,
  given,
  initiate,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { climb, reactToPayment } from './payment.process';
import { REVERSED_AGAIN_AFTER_MS, reversedAgainMs, unreturnedCharges } from './unreturned-charge';

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

  it('ends a payment that is to be ended when the scheme has taken it back, whichever is told first', () => {
    const found = [recordOutcome(outcomes.unknown), requestCancel(), recordOutcome(outcomes.captured, false)];
    for (const words of [
      [failed(), fell],
      [fell, failed()],
    ]) {
      const { payment, events } = tell([...found, ...words], initiate());
      expect(payment.status).toBe('canceled');
      expect(events.filter(({ type }) => type === 'PaymentCanceled')).toHaveLength(1);
    }
    expect(tell([...found, fell], initiate()).payment.status).toBe('processing');
  });

  it('is nobody’s once the scheme has taken it back', () => {
    const { payment, events } = after(failed(), fell);
    expect(unreturnedCharges(payment)).toEqual([]);
    given(paymentDecider, events).when(again()).thenNothing();
  });
});

describe('a charge without a sale that its buyer has claimed by a dispute', () => {
  const disputed = failed(1, refused('disputed'));
  const claimed = [disputed, disputeTold('opened', 1), disputeTold('funds_withdrawn', 2)];
  const years = 3 * 365 * 24 * 3_600_000;

  it.each([
    ['nobody has told of the dispute', [disputed]],
    ['it is undecided', claimed],
    ['the bank has got it, and has not said which charge', [...claimed, disputeTold('lost', 3)]],
  ])('is not given back by itself while %s, and stays open', (_, commands) => {
    expect(looked(commands, 1, years).kind).toBe('ignore');
    given(paymentDecider, after(...commands).events)
      .when(again())
      .thenNothing();
    expect(unreturnedCharges(after(...commands).payment)).toHaveLength(1);
  });

  it.each([
    ['is won', [...claimed, disputeTold('won', 3)]],
    [
      'was an inquiry, and came to nothing',
      [disputed, disputeTold('inquiry_opened', 1), disputeTold('inquiry_closed', 5)],
    ],
    ['was won before the refusal is heard', [...claimed.slice(1), disputeTold('won', 3), disputed]],
  ])('is given back by another request at once when the dispute %s', (_, commands) => {
    const { events, payment } = after(...commands);
    const start = { kind: 'start_reversal', operationId: reversal() };
    expect(looked(commands, 1, 0)).toEqual(start);
    // whichever is heard last asks for it
    expect(reactToPayment(events.at(-1)!, payment, Date.parse(SOME_TIME))).toEqual(start);
    expect(given(paymentDecider, events).when(again()).decision).toMatchObject({
      kind: 'record',
      events: [{ type: 'ReversalStarted', data: { operationId: reversal(2), captured: true } }],
    });
  });

  it('is asked for after the pauses of any refusal where the PSP still says so after it was won', () => {
    const { payment } = after(...claimed, disputeTold('won', 3), again(), failed(2, refused('disputed')));
    const later = new Date(Date.parse(SOME_TIME) + 1_000).toISOString();
    const operations = payment.operations.map((one) => ({ ...one, finishedAt: later }));
    const [, second] = operations;
    expect(reversedAgainMs({ ...payment, operations }, second!)).toBe(
      Date.parse(later) + REVERSED_AGAIN_AFTER_MS[1]!,
    );
  });
});
