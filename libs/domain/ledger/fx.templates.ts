import { credit, debit, template } from './template';

/**
 * Two currencies in one journal, each balanced for itself: between them stands a position in fx_trading, and no rate.
 * The rate and its source are in the event; both amounts are here.
 */

export const PSP_CHARGE_RECORDED_FX = template({
  name: 'psp.charge.recorded.fx',
  version: 1,
  layer: 'posted',
  meaning: 'The PSP’s record of a charge that it settled in another currency.',
  lines: [
    debit('3900', 'gross'),
    credit('1110', 'gross'),
    debit('1120', { settled: 1, fee: -1 }, { currency: 'settledCurrency' }),
    debit('5100', 'fee', { currency: 'settledCurrency' }),
    credit('3900', 'settled', { currency: 'settledCurrency' }),
  ],
  signed: ['fee'],
});

export const FX_GAINED = template({
  name: 'fx.gained',
  version: 1,
  layer: 'posted',
  meaning: 'A position, valued at the close of a period: the rate moved in our favour.',
  lines: [debit('3900', 'gain'), credit('4200', 'gain')],
});

export const FX_LOST = template({
  name: 'fx.lost',
  version: 1,
  layer: 'posted',
  meaning: 'A position, valued at the close of a period: the rate moved against us.',
  lines: [debit('5400', 'loss'), credit('3900', 'loss')],
});
