/** How Adyen counts a currency. Source: Adyen docs, "Currency codes". */
interface CurrencyRule {
  /** Adyen's units are worth 10^shift ISO 4217 minor units. */
  readonly isoShift: number;
}

const PLAIN: CurrencyRule = { isoShift: 0 };
const rules = new Map<string, CurrencyRule>();

const AS_ISO =
  'AED ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BMD BND BOB BRL BSD BWP BYN BZD CAD CHF CNY COP CRC CUP CZK ' +
  'DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF ILS INR IQD JMD JOD JPY KES ' +
  'KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LYD MAD MDL MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK ' +
  'NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STN SVC SZL THB ' +
  'TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW';
for (const currency of AS_ISO.split(' ')) rules.set(currency, PLAIN);
// two decimals at Adyen, none in ISO 4217
for (const currency of ['CLP', 'ISK']) rules.set(currency, { isoShift: -2 });
// none at Adyen, two in ISO 4217
for (const currency of ['CVE', 'IDR']) rules.set(currency, { isoShift: 2 });

export const isCurrency = (currency: string): boolean => rules.has(currency);

/** Whether the amount is one that exists: a hundredth of a peso is none, and the truth is told in whole minor units. */
export function isAmount(value: number, currency: string): boolean {
  return Number.isSafeInteger(value) && value > 0 && Number.isSafeInteger(isoMinor(value, currency));
}

/** ISO 4217 minor units of an amount in Adyen's. */
export function isoMinor(value: number, currency: string): number {
  const shift = rules.get(currency)?.isoShift ?? 0;
  return shift < 0 ? value / 10 ** -shift : value * 10 ** shift;
}
