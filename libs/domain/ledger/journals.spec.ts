import { MAX_INT64 } from '../money/money';
import { linesOf } from './journals';
import { PAYMENT_CAPTURED_SPLIT } from './marketplace.templates';
import { PAYMENT_CAPTURED } from './payment.templates';
import { PSP_CHARGE_RECORDED } from './psp-record.templates';
import { credit, debit, post, template } from './template';
import type { Posting } from './template';

const charge = (gross: bigint, fee: bigint): Posting =>
  post(PSP_CHARGE_RECORDED, {
    psp: 'stripe',
    attempt: 'a1',
    pspAccount: 'acct',
    currency: 'USD',
    gross,
    fee,
  });
const capture = (captured: bigint): Posting =>
  post(PAYMENT_CAPTURED, { psp: 'adyen', attempt: 'a1', payment: 'p1', currency: 'USD', captured });
const linesFor = ({ template: used, facts }: Posting): unknown[] =>
  linesOf(used, facts).map(({ account, side, amountMinor }) => `${account} ${side} ${amountMinor}`);

describe('lines', () => {
  it('are the template’s, for these amounts', () => {
    expect(linesFor(charge(10_000n, 320n))).toEqual([
      '1120 debit 9680',
      '5100 debit 320',
      '1110 credit 10000',
    ]);
  });

  it('that come to zero are left out', () => {
    expect(linesFor(charge(10_000n, 0n))).toEqual(['1120 debit 10000', '1110 credit 10000']);
    expect(linesFor(charge(0n, 0n))).toEqual([]);
  });

  it('that come to less than zero stand on the other side', () => {
    expect(linesFor(charge(30n, 40n))).toEqual(['1120 credit 10', '5100 debit 40', '1110 credit 30']);
    expect(linesFor(charge(0n, -40n))).toEqual(['1120 debit 40', '5100 credit 40']);
  });

  it('are made for each member, and its sum stands on the other lines', () => {
    const split = post(PAYMENT_CAPTURED_SPLIT, {
      psp: 'stripe',
      attempt: 'a1',
      payment: 'm1',
      currency: 'USD',
      platformFee: 2_000n,
      members: [
        { seller: 'A', share: 12_000n },
        { seller: 'B', share: 6_000n },
      ],
    });
    expect(linesFor(split)).toEqual([
      '1110 debit 20000',
      '2200 credit 12000',
      '2200 credit 6000',
      '2310 credit 2000',
    ]);
  });

  it('name the PSP where its record clears them, and nobody elsewhere', () => {
    const { facts } = capture(5n);
    expect(linesOf(PAYMENT_CAPTURED, facts).map(({ psp }) => psp)).toEqual(['adyen', null]);
  });

  it('are refused below zero where the amount cannot be negative', () => {
    expect(() => linesFor(capture(-1n))).toThrow(
      'payment.captured@1: captured is -1, and must not be negative',
    );
  });

  it('reach to the edge of int64', () => {
    expect(linesFor(capture(MAX_INT64))).toHaveLength(2);
    expect(() => linesFor(capture(MAX_INT64 + 1n))).toThrow('outside int64');
  });

  it('are refused without a key, an amount, or a currency', () => {
    const { facts } = capture(5n);
    expect(() => linesOf(PAYMENT_CAPTURED, { ...facts, payment: '' })).toThrow('payment is missing');
    expect(() => linesOf(PAYMENT_CAPTURED, { ...facts, captured: 5 })).toThrow('captured is no amount');
    expect(() => linesOf(PAYMENT_CAPTURED, { ...facts, currency: undefined })).toThrow('currency is missing');
  });

  it('of a template that does not balance are refused, too', () => {
    const broken = template({
      ...PAYMENT_CAPTURED,
      lines: [debit('1110', 'captured'), credit('2100', { captured: 2 })],
    });
    expect(() => linesOf(broken, capture(5n).facts)).toThrow('payment.captured@1 is off balance by -5 USD');
  });
});

it('facts that a template needs are asked for by the compiler', () => {
  const psp = null;
  const rest = { attempt: 'a', currency: 'USD' };
  // @ts-expect-error the amount is missing
  const withoutAmount = (): Posting => post(PAYMENT_CAPTURED, { psp, ...rest, payment: 'p' });
  // @ts-expect-error 2100 is keyed by the payment
  const wrongKey = (): Posting => post(PAYMENT_CAPTURED, { psp, ...rest, order: 'o', captured: 1n });
  const split = { psp, ...rest, payment: 'p', platformFee: 1n };
  // @ts-expect-error the shares are missing
  const withoutMembers = (): Posting => post(PAYMENT_CAPTURED_SPLIT, split);
  expect(() => linesFor(withoutAmount())).toThrow('captured');
  expect(() => linesFor(wrongKey())).toThrow('payment');
  expect(() => linesFor(withoutMembers())).toThrow('members');
});
