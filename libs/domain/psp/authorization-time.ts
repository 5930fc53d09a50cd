import type { PspName } from './outcome';

const DAY_MS = 24 * 3_600_000;

/**
 * How long a PSP holds an authorisation that nobody captures, ms. Stripe docs, "Place a hold on a payment method": seven
 * days for most cards; Adyen docs, "Capture": 28 days for most schemes.
 */
export const AUTHORIZATION_HELD_FOR_MS: Readonly<Record<PspName, number>> = {
  stripe: 7 * DAY_MS,
  adyen: 28 * DAY_MS,
};
