import { credit, debit, template } from './template';

/**
 * Money that no event of ours explains. A receipt is somebody else's (a liability), a deduction is a claim (an asset);
 * the two are never netted. What becomes of it is decided in a case.
 */

export const ORPHAN_RECORDED = template({
  name: 'orphan.recorded',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP’s record tells of a charge that we do not know.',
  lines: [debit('1120', { gross: 1, fee: -1 }), debit('5100', 'fee'), credit('2190', 'gross')],
  signed: ['fee'],
});

export const SUSPENSE_REFUNDED = template({
  name: 'suspense.refunded',
  version: 1,
  layer: 'posted',
  meaning: 'Money without a sale is given back; the PSP’s record of the refund clears it.',
  lines: [debit('2190', 'refunded'), credit('2010', 'refunded')],
});

export const SUSPENSE_VOIDED = template({
  name: 'suspense.voided',
  version: 1,
  layer: 'posted',
  meaning: 'A charge without a sale was undone before it settled: the PSP will show neither it nor a refund.',
  lines: [debit('2190', 'captured'), credit('1110', 'captured')],
});

export const SUSPENSE_PAID_BY_BANK = template({
  name: 'suspense.paid_by_bank',
  version: 1,
  layer: 'posted',
  meaning: 'Money without a sale that a bank has got for its buyer: what stood as a loss settles the debt.',
  lines: [debit('2190', 'settled'), credit('5200', 'settled')],
});

export const SUSPENSE_PAID_TWICE = template({
  name: 'suspense.paid_twice',
  version: 1,
  layer: 'posted',
  meaning:
    'Money without a sale went another way, too, than by its buyer’s bank: what the bank got is a loss.',
  lines: [debit('5200', 'settled'), credit('2190', 'settled')],
});

export const ORPHAN_ATTRIBUTED = template({
  name: 'orphan.attributed',
  version: 1,
  layer: 'posted',
  meaning: 'The sale that an unknown charge belongs to was found: the record clears what that sale opened.',
  lines: [debit('2190', 'gross'), credit('1110', 'gross')],
});

export const DEDUCTION_FOUND = template({
  name: 'deduction.found',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP took something and does not say what for: a claim until it is explained.',
  lines: [debit('1190', 'deducted'), credit('1120', 'deducted')],
});

export const DEDUCTION_EXPLAINED = template({
  name: 'deduction.explained',
  version: 1,
  layer: 'posted',
  meaning: 'A deduction turned out to be a fee; what is left is written off, with a case and an approval.',
  lines: [debit('5100', 'fee'), debit('5900', 'writtenOff'), credit('1190', { fee: 1, writtenOff: 1 })],
});

export const RESIDUE_WRITTEN_OFF = template({
  name: 'residue.written_off',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP paid less than it took by a rounding; capped by day and currency.',
  lines: [debit('5900', 'residue'), credit('1110', 'residue')],
});

export const RESIDUE_GAINED = template({
  name: 'residue.gained',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP paid more than it took by a rounding; capped by day and currency.',
  lines: [debit('1110', 'residue'), credit('4900', 'residue')],
});
