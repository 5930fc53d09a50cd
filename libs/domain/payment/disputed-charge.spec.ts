import {
  disputeTold,
  done,
  given,
  initiate,
  operationReply,
  operatorsWord,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  reserveRefund,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import type { DisputeStage } from '../psp/news';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import { climb, reactToPayment } from './payment.process';
import { disputedMinor, isWithdrawn, overdrawnMinor } from './refund-reservation';
import { unreturnedCharges } from './unreturned-charge';

const YEARS_MS = 3 * 365 * 24 * 3_600_000;
const means = { keySafeForMs: 0, canLookUp: true, cancelsByOwnReference: false };
const reversal = (ordinal = 1): string => sampleOperationId('reversal', ordinal);

/** The sale is `pi_1`; the PSP has forgotten the key, and charged once more. */
const sale = recordOutcome(outcomes.captured);
const found = recordOutcome({ ...outcomes.captured, pspReference: 'pi_2' }, false);
const notGivenBack = operationReply(reversal(), refused('disputed'));
const second = [sale, found, notGivenBack];

const told = (stage: DisputeStage, atS: number, charge: string | null = 'pi_2', amountMinor = 1099n) =>
  disputeTold(stage, atS, amountMinor, {
    disputeReference: `du_of_${charge}`,
    paymentReference: charge,
    ...(stage === 'lost_in_part' && { putBackMinor: 300n }),
  });
const lost = [told('opened', 1), told('funds_withdrawn', 2), told('lost', 3)];

const after = (...commands: readonly PaymentCommand[]) => tell(commands, initiate());
const openIn = (...commands: readonly PaymentCommand[]) =>
  unreturnedCharges(after(...commands).payment).map(({ id }) => id);
const isAskedFor = (commands: readonly PaymentCommand[], ordinal = 1): boolean =>
  climb(after(...commands).payment, reversal(ordinal), means, Date.parse(SOME_TIME) + YEARS_MS).kind ===
  'start_reversal';
const start = (ordinal = 1): PaymentCommand => ({
  type: 'StartReversal',
  data: { operationId: reversal(ordinal) },
});

describe('what a bank takes of a charge without a sale', () => {
  it('is nothing of what was captured: all of the sale may be given back', () => {
    const { payment, events } = after(...second, ...lost.slice(0, 2));
    expect([disputedMinor(payment), isWithdrawn(payment), overdrawnMinor(payment)]).toEqual([0n, false, 0n]);
    const { decision } = given(paymentDecider, events).when(reserveRefund(null));
    expect(decision).toMatchObject({ events: [{ type: 'RefundReserved', data: { amountMinor: 1099n } }] });
  });

  it('counts against the sale for as long as nobody knows that it is of another charge', () => {
    const taken = lost.slice(0, 2);
    expect(disputedMinor(after(sale, ...taken).payment)).toBe(1099n);
    expect(disputedMinor(after(sale, ...taken, found).payment)).toBe(0n);
  });

  it.each(['pi_1', null])('leaves a dispute of %s the sale’s', (charge) => {
    expect(disputedMinor(after(...second, told('funds_withdrawn', 2, charge)).payment)).toBe(1099n);
  });

  it('may be asked back when its own dispute is won, whatever is disputed of the sale', () => {
    const commands = [...second, told('funds_withdrawn', 1, 'pi_1'), ...lost.slice(0, 2)];
    expect(isAskedFor(commands)).toBe(false);
    expect(isAskedFor([...commands, told('won', 3)])).toBe(true);
  });
});

describe('a charge without a sale that a bank has got all of', () => {
  it.each([
    ['found', [sale, found, notGivenBack, ...lost]],
    ['disputed', [sale, ...lost, found]],
    ['refused', [sale, found, ...lost, notGivenBack]],
  ])('is nobody’s open flow, whichever is told first: that it was %s', (_, commands) => {
    expect(openIn(...commands)).toEqual([]);
    expect(isAskedFor(commands)).toBe(false);
    given(paymentDecider, after(...commands).events)
      .when(start())
      .thenNothing();
    given(paymentDecider, after(...commands).events)
      .when(operatorsWord(reversal(), true))
      .thenRefuses({ code: 'not_resolvable' });
    // won after all: owed again, and given back at once
    const won = [...commands, told('won', 4)];
    expect(openIn(...won)).toEqual([reversal()]);
    const { events, payment } = after(...won);
    const effect = { kind: 'start_reversal', operationId: reversal() };
    expect(reactToPayment(events.at(-1)!, payment, Date.parse(SOME_TIME))).toEqual(effect);
    expect(openIn(...won, start(), operationReply(reversal(2), done()))).toEqual([]);
    // and lost once more by a second chargeback
    expect(openIn(...won, told('lost', 5))).toEqual([]);
  });

  it('is asked of no PSP where that is known before the charge is, and not while the bank decides', () => {
    for (const words of [lost, lost.slice(0, 2)]) {
      const { events } = after(sale, ...words);
      expect(given(paymentDecider, events).when(found).decision).toMatchObject({
        kind: 'record',
        events: [
          { type: 'LateSuccessFound', data: { pspReference: 'pi_2' } },
          { type: 'ReversalWithheld', data: { operationId: reversal() } },
        ],
      });
    }
  });

  it('ends a payment that nobody wants any more, whichever is told first', () => {
    const own = [told('funds_withdrawn', 2, 'pi_1'), told('lost', 3, 'pi_1')];
    const unwanted = [recordOutcome(outcomes.unknown), requestCancel()];
    for (const commands of [
      [...unwanted, sale, notGivenBack, ...own],
      [...unwanted, sale, ...own, notGivenBack],
      [...unwanted, ...own, sale],
    ]) {
      const { payment, events } = after(...commands);
      expect(payment.status).toBe('canceled');
      expect(events.filter(({ type }) => type === 'PaymentCanceled')).toHaveLength(1);
    }
    expect(after(...unwanted, sale, ...own).payment.status).toBe('processing');
  });
});

describe('a charge without a sale that a bank has got a part of', () => {
  const part = [told('funds_withdrawn', 2), told('lost_in_part', 3)];

  it('stays open for the rest, and is a person’s: no PSP is asked for a part of a reversal', () => {
    const commands = [...second, ...part];
    expect(openIn(...commands)).toEqual([reversal()]);
    expect(isAskedFor(commands)).toBe(false);
    given(paymentDecider, after(...commands).events)
      .when(operatorsWord(reversal(), false))
      .thenRefuses({ code: 'not_resolvable' });
  });

  it('is not asked for as a whole after a refusal for another reason either', () => {
    const refusedForBalance = [sale, found, operationReply(reversal(), refused('refused'))];
    expect(isAskedFor(refusedForBalance)).toBe(true);
    expect(isAskedFor([...refusedForBalance, ...part])).toBe(false);
    expect(isAskedFor([...refusedForBalance, ...lost.slice(0, 2)])).toBe(false);
    expect(isAskedFor([...refusedForBalance, ...part, told('won', 4)])).toBe(true);
  });

  it('stays open where it was lost in another currency: a person says what that settled', () => {
    const inEuros = disputeTold('lost', 3, 1099n, { currency: 'EUR', paymentReference: 'pi_2' });
    expect(openIn(...second, inEuros)).toEqual([reversal()]);
  });
});
