import {
  capturedPayment,
  done,
  given,
  journalsOfStream,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  tell,
} from '@tender/testing';
import fc from 'fast-check';
import { balancesOf, netOf } from '../ledger/trial-balance';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';

const atS = (outcome: OperationOutcome, seconds: number): OperationOutcome =>
  'occurredAt' in outcome ? { ...outcome, occurredAt: `2026-03-01T12:00:0${seconds}.000Z` } : outcome;

const ofCapture = (outcome: OperationOutcome, seconds: number, rank: number): PaymentCommand =>
  operationNews('capture', atS(outcome, seconds), 'cap_1', rank);

const found = recordOutcome(outcomes.captured, false);
const fell = ofCapture(refused('refused', 'cap_1'), 4, 2);
const again = ofCapture(done(1099n, 'cap_1'), 6, 3);
const fellAgain = ofCapture(refused('refused', 'cap_1'), 8, 2);
const reversed = operationReply(sampleOperationId('reversal'), done(1099n, 'rev_1'));

const canceling = [recordOutcome(outcomes.unknown), requestCancel()];
const declined = [recordOutcome(outcomes.declined)];
const key = { account: SAMPLE_ATTEMPT_ID, reversal: sampleOperationId('reversal') };

const standing = (events: readonly PaymentEvent[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    balancesOf(journalsOfStream(events), 'key')
      .filter((row) => netOf(row) !== 0n)
      .map((row) => [`${row.account} ${row.key}`, netOf(row)]),
  );

/** Whoever is refused comes again until there is nothing new to say. */
function toldUntilHeard(past: readonly PaymentCommand[], order: readonly PaymentCommand[]) {
  return tell([...past, ...order, ...order.flatMap(() => order)]);
}

describe('a late success that falls back', () => {
  it('is told, and is nobody’s money any more', () => {
    const { payment, events } = tell([...canceling, found, fell]);
    expect(events.at(-1)).toMatchObject({
      type: 'LateSuccessFellBack',
      data: { attemptId: SAMPLE_ATTEMPT_ID, amountMinor: 1099n, currency: 'USD', rank: 2 },
    });
    expect(payment).toMatchObject({ capturedMinor: 0n, captures: [], lateSuccesses: [{ fallen: true }] });
    expect(standing(events)).toEqual({});
  });

  it('changes nothing when it is told twice', () => {
    const once = tell([...canceling, found, fell, again]).events;
    for (const word of [fell, again]) given(paymentDecider, once).when(word).thenNothing();
  });

  it('and is taken again is held once more, or owed once it was given back', () => {
    const held = { [`1110 ${key.account}`]: 1099n, [`2190 ${key.account}`]: -1099n };
    const owed = { [`1110 ${key.account}`]: 1099n, [`2010 ${key.reversal}`]: -1099n };
    expect(standing(tell([...canceling, found, fell, again]).events)).toEqual(held);
    expect(standing(tell([...canceling, found, fell, reversed, again]).events)).toEqual(owed);
    expect(standing(tell([...canceling, found, reversed, fell, again]).events)).toEqual(owed);
  });

  it('before it was given back leaves nothing to give, and after that nothing owed', () => {
    for (const order of [
      [fell, reversed],
      [reversed, fell],
    ]) {
      const { payment, events } = tell([...canceling, found, ...order]);
      expect(payment.status).toBe('canceled');
      expect(standing(events)).toEqual({});
    }
  });

  it.each([
    ['nobody wants any more', canceling],
    ['was said not to be', declined],
  ])('waits until the charge is found that %s', (_, past) => {
    for (const word of [fell, again]) {
      given(paymentDecider, tell(past).events).when(word).thenRefuses({ code: 'news_too_early' });
    }
  });

  it('is taken by a reversal’s word that the money was not only held', () => {
    const heldOnly: PaymentCommand[] = [...declined, recordOutcome(outcomes.authorized, false)];
    const events = tell(heldOnly).events;
    given(paymentDecider, events).when(fell).thenRefuses({ code: 'news_too_early' });
    const taken = operationReply(sampleOperationId('reversal'), refused('already_captured'));
    const told = tell([...heldOnly, taken, fell]);
    expect(told.events.at(-1)?.type).toBe('LateSuccessFellBack');
    expect(standing(told.events)).toEqual({});
  });

  it('is no capture that was held and let go, nor one of another amount', () => {
    const letGo = [
      ...declined,
      recordOutcome(outcomes.authorized, false),
      operationReply(sampleOperationId('reversal'), done(null)),
    ];
    given(paymentDecider, tell(letGo).events).when(fell).thenNothing();
    const past = tell([...canceling, found, fell]).events;
    given(paymentDecider, past)
      .when(ofCapture(done(5n, 'cap_1'), 6, 3))
      .thenNothing();
  });

  it('is not taken for one where the charge is a sale', () => {
    const { decision } = given(paymentDecider, capturedPayment()).when(fell);
    expect(decision).toMatchObject({ kind: 'record', events: [{ type: 'CaptureReversed' }] });
  });

  it.each([
    ['canceled', 'once', canceling, [fell]],
    ['canceled', 'and is taken again', canceling, [fell, again]],
    ['canceled', 'and falls a second time', canceling, [fell, again, fellAgain]],
    ['failed', 'once', declined, [fell]],
    ['failed', 'and is taken again', declined, [fell, again]],
    ['failed', 'and falls a second time', declined, [fell, again, fellAgain]],
    [
      'failed',
      'and is taken again within one second',
      declined,
      [fell, ofCapture(done(1099n, 'cap_1'), 4, 3)],
    ],
  ])('of a payment that is %s, %s, leaves the same books in every order', (_, __, past, words) => {
    const endOf = (order: readonly PaymentCommand[]): unknown => {
      const { payment, events } = toldUntilHeard(past, order);
      return { lateSuccesses: payment.lateSuccesses, status: payment.status, books: standing(events) };
    };
    const inOrder = endOf([found, ...words, reversed]);
    const said = [found, ...words, reversed];
    fc.assert(
      fc.property(fc.shuffledSubarray([...said, ...said], { minLength: 2 * said.length }), (order) => {
        expect(endOf(order)).toEqual(inOrder);
      }),
    );
  });
});
