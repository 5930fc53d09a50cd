import { credit, debit, template } from './template';

/** What a payment's own events post. Own claims come first: the PSP's record clears them by key, later. */

export const AUTHORIZATION_OPENED = template({
  name: 'authorization.opened',
  version: 1,
  layer: 'memo',
  meaning: 'The issuer holds the amount for us: a promise, and no asset of ours.',
  lines: [debit('9010', 'held'), credit('9020', 'held')],
});

export const AUTHORIZATION_CLOSED = template({
  name: 'authorization.closed',
  version: 1,
  layer: 'memo',
  meaning: 'The hold has ended: captured, voided, or expired.',
  lines: [debit('9020', 'held'), credit('9010', 'held')],
});

export const UNKNOWN_OPENED = template({
  name: 'unknown.opened',
  version: 1,
  layer: 'memo',
  meaning: 'A PSP was asked and nobody knows what it did: so much is in doubt, and nothing is posted.',
  lines: [debit('9030', 'doubt'), credit('9040', 'doubt')],
});

export const UNKNOWN_CLOSED = template({
  name: 'unknown.closed',
  version: 1,
  layer: 'memo',
  meaning: 'The doubt has ended by proof, whichever way.',
  lines: [debit('9040', 'doubt'), credit('9030', 'doubt')],
});

export const PAYMENT_CAPTURED = template({
  name: 'payment.captured',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has taken the buyer’s money and owes it to the merchant.',
  lines: [debit('1110', 'captured'), credit('2100', 'captured')],
});

export const CAPTURE_REVERSED = template({
  name: 'capture.reversed',
  version: 1,
  layer: 'posted',
  meaning: 'A capture that was told did not come about after all, or is proven never to have been.',
  lines: [debit('2100', 'captured'), credit('1110', 'captured')],
});

export const LATE_FOUND = template({
  name: 'late.found',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has taken money for which there is no sale: it is somebody else’s.',
  lines: [debit('1110', 'captured'), credit('2190', 'captured')],
});
