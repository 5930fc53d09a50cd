import { IdempotencyStore, type KeyRecord as KeptUnderKey } from '../idempotency-store';
import type { StoredAnswer } from './answer';

/** Stripe removes keys once they are at least 24 hours old; the same key then executes again. */
export const KEY_LIFE_MS = 24 * 3_600_000;
/** Source: Stripe docs, "Idempotent requests". */
export const KEY_MAX_LENGTH = 255;

export type KeyRecord = KeptUnderKey<StoredAnswer>;
export type StripeKeys = IdempotencyStore<StoredAnswer>;

export const createKeys = (): StripeKeys => new IdempotencyStore(KEY_LIFE_MS);
