import { credit, debit, template } from './template';

/** A marketplace's sale: the sellers' shares are held until their release, and the platform's fee is earned with it. */

export const PAYMENT_CAPTURED_SPLIT = template({
  name: 'payment.captured.split',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP owes the sellers their shares and the platform its fee.',
  lines: [
    debit('1110', { share: 1, platformFee: 1 }),
    credit('2200', 'share', { each: true }),
    credit('2310', 'platformFee'),
  ],
});

export const HOLD_RELEASED = template({
  name: 'hold.released',
  version: 1,
  layer: 'posted',
  meaning: 'A seller has delivered: his share may be paid out, and its part of the fee is earned.',
  lines: [
    debit('2200', 'share'),
    debit('2310', 'platformFee'),
    credit('2210', 'share'),
    credit('4100', 'platformFee'),
  ],
});

export const SELLER_PAYOUT_SUBMITTED = template({
  name: 'seller.payout.submitted',
  version: 1,
  layer: 'posted',
  meaning: 'A seller’s money is on its way to him.',
  lines: [debit('2210', 'paidOut'), credit('2220', 'paidOut')],
});

export const SELLER_PAYOUT_PAID = template({
  name: 'seller.payout.paid',
  version: 1,
  layer: 'posted',
  meaning: 'The seller was paid from the PSP’s balance.',
  lines: [debit('2220', 'paidOut'), debit('5120', 'fee'), credit('1120', { paidOut: 1, fee: 1 })],
});

export const SELLER_PAYOUT_PAID_BY_BANK = template({
  name: 'seller.payout.paid_by_bank',
  version: 1,
  layer: 'posted',
  meaning: 'The seller was paid from our bank account.',
  lines: [debit('2220', 'paidOut'), debit('5120', 'fee'), credit('1010', { paidOut: 1, fee: 1 })],
});

export const SELLER_PAYOUT_RETURNED = template({
  name: 'seller.payout.returned',
  version: 1,
  layer: 'posted',
  meaning: 'A payout that was paid came back: it is the seller’s again.',
  lines: [debit('1120', 'paidOut'), credit('2210', 'paidOut')],
});

export const SELLER_PAYOUT_REJECTED = template({
  name: 'seller.payout.rejected',
  version: 1,
  layer: 'posted',
  meaning: 'A payout was refused before it left: it is the seller’s again.',
  lines: [debit('2220', 'paidOut'), credit('2210', 'paidOut')],
});

export const SELLER_DEBT_NETTED = template({
  name: 'seller.debt.netted',
  version: 1,
  layer: 'posted',
  meaning: 'What a seller owes is taken from what he has earned.',
  lines: [debit('2210', 'netted'), credit('1160', 'netted')],
});

export const SELLER_RESERVE_HELD = template({
  name: 'seller.reserve.held',
  version: 1,
  layer: 'posted',
  meaning: 'A part of a seller’s money is kept back.',
  lines: [debit('2210', 'reserved'), credit('2230', 'reserved')],
});

export const SELLER_RESERVE_RELEASED = template({
  name: 'seller.reserve.released',
  version: 1,
  layer: 'posted',
  meaning: 'What was kept back of a seller’s money is his again.',
  lines: [debit('2230', 'reserved'), credit('2210', 'reserved')],
});
