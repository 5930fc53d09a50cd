import {
  disputeTold,
  done,
  initiate,
  journalsOfStream,
  operationNews,
  operationReply,
  outcomes,
  recordOutcome,
  refused,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  tell,
} from '@tender/testing';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from '../payment/payment.commands';
import { balancesOf, netOf } from './trial-balance';

const declined = recordOutcome(outcomes.declined);
const found = recordOutcome(outcomes.captured, false);
const given = operationReply(sampleOperationId('reversal'), done(1099n, 'rev_1'));
const cameBack = operationNews('reversal', refused('refused', 'rev_1'), 'rev_1', 2);
const fell = operationNews(
  'capture',
  { ...refused('refused', 'cap_1'), occurredAt: '2026-03-01T12:00:04.000Z' } as OperationOutcome,
  'cap_1',
  2,
);
const takenAgain = operationNews(
  'capture',
  { ...done(1099n, 'cap_1'), occurredAt: '2026-03-01T12:00:05.000Z' } as OperationOutcome,
  'cap_1',
  3,
);

const told = (stage: 'funds_withdrawn' | 'won' | 'lost' | 'lost_in_part', atS: number, currency = 'USD') =>
  disputeTold(stage, atS, 1099n, {
    paymentReference: 'pi_1',
    currency,
    ...(stage === 'lost_in_part' && { putBackMinor: 300n }),
  });
const out = told('funds_withdrawn', 1);
const lost = [out, told('lost', 2)];

/** What stands of debts (2190), returns (2010), claims (1150) and losses (5200), debits less credits. */
function standing(commands: readonly PaymentCommand[]): Readonly<Record<string, bigint>> {
  const { events } = tell([declined, ...commands], initiate());
  const rows = balancesOf(journalsOfStream(events), 'account');
  const about = rows.filter(({ account }) => ['2190', '2010', '1150', '5200'].includes(account));
  return Object.fromEntries(
    about.filter((row) => netOf(row) !== 0n).map((row) => [`${row.account} ${row.currency}`, netOf(row)]),
  );
}

const OWED = { '2190 USD': -1099n };
const TWICE = { '2010 USD': -1099n, '5200 USD': 1099n };

it.each<[string, readonly PaymentCommand[], Readonly<Record<string, bigint>>]>([
  ['a claim beside the debt while nobody has decided', [found, out], { ...OWED, '1150 USD': 1099n }],
  ['neither a debt nor a loss once it is lost', [found, ...lost], {}],
  ['the same where the charge is told after it was lost', [...lost, found], {}],
  ['a debt again where it is won after all', [found, ...lost, told('won', 3)], OWED],
  ['a debt where it was won before the charge is told', [...lost, told('won', 3), found], OWED],
  ['no debt after a second chargeback', [found, ...lost, told('won', 3), told('lost', 4)], {}],
  [
    'a debt and a claim where a second chargeback is undecided',
    [found, ...lost, told('won', 3), told('funds_withdrawn', 4)],
    { ...OWED, '1150 USD': 1099n },
  ],
  [
    'the same where it is told before that it had been won',
    [found, ...lost, told('funds_withdrawn', 4), told('won', 3)],
    { ...OWED, '1150 USD': 1099n },
  ],
  ['the rest of the debt where a part is lost', [found, out, told('lost_in_part', 2)], { '2190 USD': -300n }],
  ['the same in the other order', [out, told('lost_in_part', 2), found], { '2190 USD': -300n }],
  ['a loss where it was given back as well', [found, ...lost, given], TWICE],
  ['the same where it was given back before it was lost', [found, given, ...lost], TWICE],
  ['no loss where what was given back came back', [found, ...lost, given, cameBack], {}],
  ['a loss where the scheme took it, too', [found, ...lost, fell], { '5200 USD': 1099n }],
  ['the same where the scheme took it before', [found, fell, ...lost], { '5200 USD': 1099n }],
  ['no loss where the PSP took it once more', [found, ...lost, fell, takenAgain], {}],
  [
    'a loss and a debt in two currencies: they have no sum',
    [found, told('lost', 2, 'EUR')],
    { ...OWED, '5200 EUR': 1099n },
  ],
])('of a charge without a sale that a bank takes there stands %s', (_, commands, expected) => {
  expect(standing(commands)).toEqual(expected);
});

it('of the sale a lost dispute is a loss, and settles nothing of another charge', () => {
  const second = recordOutcome({ ...outcomes.captured, pspReference: 'pi_2' }, false);
  const { events } = tell([found, second, ...lost], initiate());
  const rows = balancesOf(journalsOfStream(events), 'key').filter((row) => netOf(row) !== 0n);
  const stands = rows.map((row) => `${row.account} ${row.key} ${netOf(row)}`);
  expect(stands).toEqual(expect.arrayContaining([`2190 ${SAMPLE_ATTEMPT_ID} -1099`, '5200  1099']));
});
