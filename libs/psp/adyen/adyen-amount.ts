import type { Money } from '@tender/domain';
import { exponentOf, rescaleExactly } from '@tender/domain';

/** Adyen docs, "Currency codes". */
const CURRENCIES = (
  'AED ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BMD BND BOB BRL BSD BWP BYN BZD CAD CHF CLP CNY COP CRC CUP ' +
  'CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD ISK ' +
  'JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LYD MAD MDL MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN ' +
  'NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD ' +
  'STN SVC SZL THB TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
).split(' ');

/** Adyen docs, "Currency codes": the decimals that are not those of ISO 4217. */
const OTHER_DIGITS: ReadonlyMap<string, number> = new Map([
  ['CLP', 2],
  ['CVE', 0],
  ['IDR', 0],
  ['ISK', 2],
]);

const DIGITS: ReadonlyMap<string, number> = new Map(
  CURRENCIES.flatMap((code): (readonly [string, number])[] => {
    const isoDigits = exponentOf(code);
    return isoDigits === undefined ? [] : [[code, OTHER_DIGITS.get(code) ?? isoDigits]];
  }),
);

/** Every currency that Adyen can be asked for. */
export const ADYEN_CURRENCIES: readonly string[] = [...DIGITS.keys()];

/** Amounts travel as JSON numbers: beyond this, one that leaves exactly may arrive as another. */
export const MAX_ADYEN_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** @returns the amount in Adyen's units, or undefined when Adyen cannot be asked for exactly this */
export function toAdyenAmount({ amountMinor, currency }: Money): number | undefined {
  const digits = DIGITS.get(currency);
  const isoDigits = exponentOf(currency);
  if (digits === undefined || isoDigits === undefined || amountMinor <= 0n) return undefined;
  const value = rescaleExactly(amountMinor, isoDigits, digits);
  return value === undefined || value > MAX_ADYEN_AMOUNT ? undefined : Number(value);
}

/**
 * What an amount of Adyen's is in ISO 4217 minor units, wherever it was read.
 *
 * @returns undefined when it is no whole number of our minor units, or the currency is not in the table
 */
export function fromAdyenAmount(value: number, currency: string): Money | undefined {
  const digits = DIGITS.get(currency);
  const isoDigits = exponentOf(currency);
  if (digits === undefined || isoDigits === undefined || !Number.isSafeInteger(value)) return undefined;
  const amountMinor = rescaleExactly(BigInt(value), digits, isoDigits);
  return amountMinor === undefined ? undefined : { amountMinor, currency };
}

/** For routing: what this refuses never becomes an attempt. */
export const adyenAccepts = (money: Money): boolean => toAdyenAmount(money) !== undefined;
