/** Longer evidence is cut: it ends up in an event, for ever. */
export const MAX_DETAIL_LENGTH = 300;

/** 12 to 19 digits, however they are grouped: a card number, or near enough to one. */
const CARD_NUMBER = /\d(?:[ -]?\d){11,18}/g;

/** Stripe's secret, restricted and webhook keys, and Adyen's API keys. Publishable keys and tokens are no secret. */
const SECRET = /\b(?:(?:sk|rk|whsec|ek)_[\w*]+|AQE[\w+/=*-]{20,})/g;

/**
 * Makes a PSP's free text fit to be recorded and logged. PSPs repeat parts of the request in their messages; the
 * request holds no card data, but what a caller put into the wrong field is not in our hands.
 */
export function scrub(text: string): string {
  const clean = text.replace(SECRET, '[secret]').replace(CARD_NUMBER, '[number]');
  return clean.length <= MAX_DETAIL_LENGTH ? clean : `${clean.slice(0, MAX_DETAIL_LENGTH - 1)}…`;
}
