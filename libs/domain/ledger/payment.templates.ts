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

export const LATE_FELL_BACK = template({
  name: 'late.fell_back',
  version: 1,
  layer: 'posted',
  meaning: 'The scheme took back money for which there is no sale: nobody is owed it any more.',
  lines: [debit('2190', 'captured'), credit('1110', 'captured')],
});

export const GIVEN_BACK_FELL_BACK = template({
  name: 'given_back.fell_back',
  version: 1,
  layer: 'posted',
  meaning: 'The scheme took back money that was told as given back: the PSP has none to give.',
  lines: [debit('2010', 'captured'), credit('1110', 'captured')],
});

export const GIVEN_BACK_RETURNED = template({
  name: 'given_back.returned',
  version: 1,
  layer: 'posted',
  meaning: 'Money without a sale that was given back came back: it is somebody else’s once more.',
  lines: [debit('2010', 'returned'), credit('2190', 'returned')],
});

export const GIVEN_BACK_TAKEN_AGAIN = template({
  name: 'given_back.taken_again',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP has money once more that was told as given back: from now on it has it to give.',
  lines: [debit('1110', 'captured'), credit('2010', 'captured')],
});
