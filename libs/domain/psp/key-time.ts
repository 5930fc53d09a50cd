import type { PspName } from './outcome';

const HOUR_MS = 3_600_000;

/**
 * How long after its first send a key of ours may be sent again, ms. Stripe keeps a key for at least 24 h and then charges
 * again; Adyen for at least 7 days (docs, "API idempotency"). An hour is left for clocks and for the request.
 */
export const KEY_SAFE_FOR_MS: Readonly<Record<PspName, number>> = {
  stripe: 23 * HOUR_MS,
  adyen: (7 * 24 - 1) * HOUR_MS,
};
