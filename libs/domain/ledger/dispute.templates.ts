import { credit, debit, template } from './template';

/** Disputes: the money is a claim against the outcome from the day on which the PSP takes it. */

const FEE = [
  debit('5110', 'fee', { currency: 'feeCurrency' }),
  credit('1120', 'fee', { currency: 'feeCurrency' }),
] as const;

export const DISPUTE_FUNDS_WITHDRAWN = template({
  name: 'dispute.funds_withdrawn',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has taken the disputed money, and its fee.',
  lines: [debit('1150', 'disputed'), credit('1120', 'disputed'), ...FEE],
  signed: ['fee'],
});

export const DISPUTE_FEE_CHARGED = template({
  name: 'dispute.fee_charged',
  version: 1,
  layer: 'posted',
  meaning: 'A fee that comes with a word about a dispute; below zero it is given back.',
  lines: FEE,
  signed: ['fee'],
});

export const DISPUTE_WON = template({
  name: 'dispute.won',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP gives the disputed money back, with or without its fee.',
  lines: [debit('1120', 'disputed'), credit('1150', 'disputed'), ...FEE],
  signed: ['fee'],
});

export const DISPUTE_LOST = template({
  name: 'dispute.lost',
  version: 1,
  layer: 'posted',
  meaning: 'The money is lost, and the merchant bears it.',
  lines: [debit('5200', 'disputed'), credit('1150', 'disputed')],
});

export const DISPUTE_LOSS_UNDONE = template({
  name: 'dispute.loss_undone',
  version: 1,
  layer: 'posted',
  meaning: 'A dispute that was lost is decided otherwise: the money is a claim again.',
  lines: [debit('1150', 'disputed'), credit('5200', 'disputed')],
});

export const DISPUTE_LOST_OWED = template({
  name: 'dispute.lost.owed',
  version: 1,
  layer: 'posted',
  meaning:
    'The money is lost, and was owed: the buyer has got it by his bank, so nobody is owed it any more.',
  lines: [debit('2190', 'disputed'), credit('1150', 'disputed')],
});

export const DISPUTE_OWED_AGAIN = template({
  name: 'dispute.owed_again',
  version: 1,
  layer: 'posted',
  meaning: 'A dispute that had settled a debt is decided otherwise: the money is a claim again, and owed.',
  lines: [debit('1150', 'disputed'), credit('2190', 'disputed')],
});

export const DISPUTE_LOST_SELLER = template({
  name: 'dispute.lost.seller',
  version: 1,
  layer: 'posted',
  meaning: 'The money is lost, and the seller bears it: from what he has, and the rest is his debt.',
  lines: [debit('2210', 'available'), debit('1160', 'owed'), credit('1150', { available: 1, owed: 1 })],
});

export const DISPUTE_PROVIDED = template({
  name: 'dispute.provided',
  version: 1,
  layer: 'posted',
  meaning: 'Only where losses are provided for when a dispute opens: expected to be lost.',
  lines: [debit('5200', 'disputed'), credit('2400', 'disputed')],
});

export const DISPUTE_PROVISION_RELEASED = template({
  name: 'dispute.provision_released',
  version: 1,
  layer: 'posted',
  meaning: 'What was provided for was not lost.',
  lines: [debit('2400', 'disputed'), credit('5200', 'disputed')],
});

export const DISPUTE_LOST_PROVIDED = template({
  name: 'dispute.lost.provided',
  version: 1,
  layer: 'posted',
  meaning: 'The money is lost, and was provided for.',
  lines: [debit('2400', 'disputed'), credit('1150', 'disputed')],
});
