import type { Money } from '@tender/domain';
import { exponentOf, rescaleExactly } from '@tender/domain';

/** How Stripe counts a currency, where that is not as ISO 4217 does. */
interface StripeUnit {
  readonly digits: number;
  /** Amounts must be a multiple of it, in Stripe's units. */
  readonly step: bigint;
}

const ISO_CURRENCIES = (
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC ' +
  'CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD JPY KES ' +
  'KGS KHR KMF KRW KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR ' +
  'NZD PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD ' +
  'TWD TZS UAH USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
).split(' ');

/**
 * Stripe docs, "Supported currencies": MGA is charged in whole ariary although ISO 4217 gives it two digits. ISK
 * and UGX have no minor unit any more but are still sent with two digits, which must be 00. Three-digit amounts
 * must end in 0.
 */
const SPECIAL: readonly (readonly [string, StripeUnit])[] = [
  ['MGA', { digits: 0, step: 1n }],
  ['ISK', { digits: 2, step: 100n }],
  ['UGX', { digits: 2, step: 100n }],
  ...['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code) => [code, { digits: 3, step: 10n }] as const),
];

const UNITS: ReadonlyMap<string, StripeUnit> = new Map([
  ...ISO_CURRENCIES.flatMap((code): (readonly [string, StripeUnit])[] => {
    const digits = exponentOf(code);
    return digits === undefined ? [] : [[code, { digits, step: 1n }]];
  }),
  ...SPECIAL,
]);

/** Every currency that Stripe can be asked for, ISO 4217 upper case. */
export const STRIPE_CURRENCIES: readonly string[] = [...UNITS.keys()];

/** Stripe docs, "amount": at most eight digits, in Stripe's units; rupiah may have twelve. */
export const MAX_STRIPE_AMOUNT = 99_999_999n;
export const MAX_STRIPE_AMOUNT_IDR = 999_999_999_999n;

/** @returns the amount in Stripe's units, or undefined when Stripe cannot be asked for exactly this */
export function toStripeAmount({ amountMinor, currency }: Money): number | undefined {
  const unit = UNITS.get(currency);
  const isoDigits = exponentOf(currency);
  if (unit === undefined || isoDigits === undefined || amountMinor <= 0n) return undefined;
  const amount = rescaleExactly(amountMinor, isoDigits, unit.digits);
  if (amount === undefined || amount % unit.step !== 0n) return undefined;
  return amount <= (currency === 'IDR' ? MAX_STRIPE_AMOUNT_IDR : MAX_STRIPE_AMOUNT)
    ? Number(amount)
    : undefined;
}

/**
 * What a reply's amount is in ISO 4217 minor units. No limit and no step here: what Stripe says it did is taken as
 * it is, so that a wrong amount is seen as wrong.
 *
 * @param currency as Stripe writes it, lower case
 * @returns undefined when it is no whole number of our minor units, or the currency is not in the table
 */
export function fromStripeAmount(amount: number, currency: string): Money | undefined {
  const code = currency.toUpperCase();
  const unit = UNITS.get(code);
  const isoDigits = exponentOf(code);
  if (unit === undefined || isoDigits === undefined || !Number.isSafeInteger(amount)) return undefined;
  const amountMinor = rescaleExactly(BigInt(amount), unit.digits, isoDigits);
  return amountMinor === undefined ? undefined : { amountMinor, currency: code };
}

/** For routing: what this refuses never becomes an attempt. */
export const stripeAccepts = (money: Money): boolean => toStripeAmount(money) !== undefined;
