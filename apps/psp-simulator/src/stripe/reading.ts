import type { CreationOrder } from './creation-order';
import type { StripeEvent } from './event';
import type { IntentStore } from './intent-store';
import type { RefundIndex } from './refund-index';
import type { View } from './views';

/** What a GET may look at. */
export interface Reading {
  readonly intents: IntentStore;
  readonly refunds: RefundIndex;
  readonly events: CreationOrder<StripeEvent>;
  readonly view: View;
  readonly nowMs: number;
  /** Lists show nothing created within this long: an API that lags behind its own writes. */
  readonly staleMs: number;
}

export const hiddenFromMs = ({ nowMs, staleMs }: Reading): number =>
  staleMs === 0 ? Infinity : nowMs - staleMs;
