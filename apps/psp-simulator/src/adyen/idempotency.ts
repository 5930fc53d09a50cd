import { IdempotencyStore, type KeyRecord as KeptUnderKey } from '../idempotency-store';
import { REGIONS, type Region } from './routes';

/** Source: Adyen docs, "API idempotency": at least 7 days. */
export const KEY_LIFE_MS = 7 * 24 * 3_600_000;
/** Source: the same page. */
export const KEY_MAX_LENGTH = 64;

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export type KeyRecord = KeptUnderKey<StoredAnswer>;
export type AdyenKeys = Readonly<Record<Region, IdempotencyStore<StoredAnswer>>>;

export const createKeys = (): AdyenKeys => ({
  eu: new IdempotencyStore(KEY_LIFE_MS),
  us: new IdempotencyStore(KEY_LIFE_MS),
});

export function* liveKeys(keys: AdyenKeys, nowMs: number): Generator<{ region: Region; record: KeyRecord }> {
  for (const region of REGIONS) for (const record of keys[region].live(nowMs)) yield { region, record };
}
