import { code as isoEntry } from 'currency-codes';

/**
 * The number of minor-unit digits of a currency by ISO 4217 (USD 2, JPY 0, BHD 3), or undefined when the
 * code is not in the standard's list. Codes are upper case.
 */
export function exponentOf(currency: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(currency) || NOT_MONEY.has(currency)) return undefined;
  return isoEntry(currency)?.digits;
}

/** ISO 4217 lists metals, bond units and test codes, too; nobody is charged in them. */
const NOT_MONEY = new Set([
  'XAU',
  'XAG',
  'XPT',
  'XPD',
  'XBA',
  'XBB',
  'XBC',
  'XBD',
  'XDR',
  'XSU',
  'XUA',
  'XTS',
  'XXX',
]);

export const isCurrency = (currency: string): boolean => exponentOf(currency) !== undefined;
