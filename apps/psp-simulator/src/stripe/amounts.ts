import { invalidRequest, type ApiError } from './api-error';

/** Eight digits. Source: Stripe docs, PaymentIntent `amount`. */
export const AMOUNT_MAX = 99_999_999;

interface CurrencyRule {
  /** Stripe's units are worth 10^shift ISO minor units. */
  readonly isoShift: number;
  /** An amount must be a multiple of this. */
  readonly step: number;
}

const PLAIN: CurrencyRule = { isoShift: 0, step: 1 };
const rules = new Map<string, CurrencyRule>();

// Source: Stripe docs, "Currencies": presentment currencies, zero-decimal, three-decimal and special cases.
const TWO_DECIMALS =
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc ' +
  'cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt ' +
  'lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln ' +
  'qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer zar zmw';
const ZERO_DECIMALS = 'bif clp djf gnf jpy kmf krw pyg rwf vnd vuv xaf xof xpf';
const THREE_DECIMALS = 'bhd jod kwd omr tnd';
for (const currency of `${TWO_DECIMALS} ${ZERO_DECIMALS}`.split(' ')) rules.set(currency, PLAIN);
// in thousandths, but the last digit is always 0: card networks settle two decimals
for (const currency of THREE_DECIMALS.split(' ')) rules.set(currency, { isoShift: 0, step: 10 });
// ISO 4217 has no decimals here, Stripe's API has two of them, always 00
for (const currency of ['isk', 'ugx']) rules.set(currency, { isoShift: -2, step: 100 });
// the other way round: ISO 4217 has two decimals (a fifth of an ariary), Stripe none
rules.set('mga', { isoShift: 2, step: 1 });

export function isPresentmentCurrency(currency: string): boolean {
  return rules.has(currency);
}

/** What Stripe finds wrong with an amount that is already a positive integer; minimum amounts are not enforced. */
export function checkAmount(amount: number, currency: string, param: string): ApiError | undefined {
  if (amount > AMOUNT_MAX) {
    return invalidRequest(`Amount must be no more than ${AMOUNT_MAX}.`, 'amount_too_large', param);
  }
  const step = rules.get(currency)?.step ?? 1;
  if (amount % step !== 0) {
    return invalidRequest(`Amounts in ${currency} must be a multiple of ${step}.`, 'invalid_amount', param);
  }
  return undefined;
}

/** ISO 4217 minor units of an accepted amount. */
export function isoMinor(amount: number, currency: string): number {
  const shift = rules.get(currency)?.isoShift ?? 0;
  return shift === 0 ? amount : Math.round(amount * 10 ** shift);
}
