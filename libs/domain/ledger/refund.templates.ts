import { credit, debit, template } from './template';

/** Refunds: owed to the buyer from the moment when the PSP accepts, until its record shows the money gone. */

export const REFUND_ACCEPTED = template({
  name: 'refund.accepted',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has accepted the refund: so much of the sale is now owed to the buyer.',
  lines: [debit('2100', 'refunded'), credit('2010', 'refunded')],
});

export const REFUND_ACCEPTED_SPLIT = template({
  name: 'refund.accepted.split',
  version: 1,
  layer: 'posted',
  meaning: 'A refund of a sale that was split, before its release: borne by the sellers’ shares and the fee.',
  lines: [
    debit('2200', 'share', { each: true }),
    debit('2310', 'platformFee'),
    credit('2010', { share: 1, platformFee: 1 }),
  ],
});

export const REFUND_FAILED_BEFORE_DEBIT = template({
  name: 'refund.failed.before_debit',
  version: 1,
  layer: 'posted',
  meaning: 'The refund failed and the PSP never took the money: it is still owed, and not on its way.',
  lines: [debit('2010', 'refunded'), credit('2015', 'refunded', { key: 'failed' })],
});

export const REFUND_FAILED_AFTER_DEBIT = template({
  name: 'refund.failed.after_debit',
  version: 1,
  layer: 'posted',
  meaning: 'The refund came back to the PSP’s balance: it is still owed, and not on its way.',
  lines: [debit('1120', 'refunded'), credit('2015', 'refunded')],
});

export const REFUND_REISSUED = template({
  name: 'refund.reissued',
  version: 1,
  layer: 'posted',
  meaning: 'What is still owed is sent again, as a refund of its own.',
  lines: [debit('2015', 'refunded'), credit('2010', 'refunded', { key: 'reissuedAs' })],
});

export const REFUND_ABANDONED = template({
  name: 'refund.abandoned',
  version: 1,
  layer: 'posted',
  meaning: 'The buyer agreed to do without: the money belongs to the sale again.',
  lines: [debit('2015', 'refunded'), credit('2100', 'refunded')],
});

export const REFUND_GIVEN_TWICE = template({
  name: 'refund.given_twice',
  version: 1,
  layer: 'posted',
  meaning:
    'An earlier try was paid out beside the one that counts: a claim, and another record of the PSP to come.',
  lines: [debit('1190', 'refunded'), credit('2010', 'refunded')],
});
