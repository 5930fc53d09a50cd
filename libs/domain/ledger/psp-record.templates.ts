import { credit, debit, template } from './template';

/**
 * The PSP's own records, row by row, and the bank's. Evidence comes second: each row clears the key that an event of ours
 * has opened, and moves the money to the balance that the PSP reports. Fees are recognised here.
 */

export const PSP_CHARGE_RECORDED = template({
  name: 'psp.charge.recorded',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP’s record of a charge: what it owed is in its balance, less its fee.',
  lines: [debit('1120', { gross: 1, fee: -1 }), debit('5100', 'fee'), credit('1110', 'gross')],
  signed: ['fee'],
});

export const PSP_PARTIAL_CAPTURE_RECORDED = template({
  name: 'psp.partial_capture.recorded',
  version: 1,
  layer: 'posted',
  meaning: 'Stripe records the whole authorisation, and in a second row what of it was not captured.',
  lines: [debit('1110', 'notCaptured'), credit('1120', 'notCaptured')],
});

export const PSP_REFUND_RECORDED = template({
  name: 'psp.refund.recorded',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP’s record of a refund: the money has left its balance.',
  lines: [debit('2010', 'refunded'), debit('5100', 'fee'), credit('1120', { refunded: 1, fee: 1 })],
  signed: ['fee'],
});

export const FEE_ACCRUED = template({
  name: 'fee.accrued',
  version: 1,
  layer: 'posted',
  meaning: 'Only where fees are accrued at capture: what the contract says the PSP will keep.',
  lines: [debit('5100', 'accrued'), credit('2050', 'accrued')],
});

export const PSP_CHARGE_RECORDED_ACCRUED = template({
  name: 'psp.charge.recorded.accrued',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP’s record of a charge whose fee was accrued: the fee is corrected to what it was.',
  lines: [
    debit('1120', { gross: 1, fee: -1 }),
    debit('2050', 'accrued'),
    debit('5100', { fee: 1, accrued: -1 }),
    credit('1110', 'gross'),
  ],
  signed: ['fee'],
});

export const PSP_PAYOUT_CREATED = template({
  name: 'psp.payout.created',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has sent money to the bank.',
  lines: [debit('1140', 'paidOut'), credit('1120', 'paidOut')],
});

export const PSP_PAYOUT_FAILED = template({
  name: 'psp.payout.failed',
  version: 1,
  layer: 'posted',
  meaning: 'The bank sent it back: it is in the PSP’s balance again.',
  lines: [debit('1120', 'paidOut'), credit('1140', 'paidOut')],
});

export const BANK_CREDIT_MATCHED = template({
  name: 'bank.credit.matched',
  version: 1,
  layer: 'posted',
  meaning: 'The bank’s statement shows a payout.',
  lines: [debit('1010', 'paidOut'), credit('1140', 'paidOut')],
});

export const PSP_RESERVE_HELD = template({
  name: 'psp.reserve.held',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP keeps a part of its balance back.',
  lines: [debit('1130', 'reserved'), credit('1120', 'reserved')],
});

export const PSP_RESERVE_RELEASED = template({
  name: 'psp.reserve.released',
  version: 1,
  layer: 'posted',
  meaning: 'What the PSP kept back is in its balance again.',
  lines: [debit('1120', 'reserved'), credit('1130', 'reserved')],
});
