import { disputeJson } from './dispute-json';
import type { StripeEvent } from './event';
import { latestCharge } from './intent';
import { refundOf } from './refund';
import { chargeJson, intentJson, refundJson, type View } from './views';

/** The version that webhooks and events are written in, whatever version a request asks for. */
export const API_VERSION = '2026-10-28.endive';

/** @param pendingWebhooks 1 in a webhook that is on its way, 0 in what is read */
export function eventJson(event: StripeEvent, pendingWebhooks: 0 | 1, view: View): object {
  const { id, createdMs, type, cause } = event;
  return {
    id,
    object: 'event',
    api_version: API_VERSION,
    created: Math.floor(createdMs / 1000),
    data: { object: objectOf(event, view) },
    livemode: false,
    pending_webhooks: pendingWebhooks,
    request: { id: cause?.requestId ?? null, idempotency_key: cause?.key ?? null },
    type,
  };
}

function objectOf({ type, intent, refundId }: StripeEvent, view: View): object {
  if (refundId !== null) return refundJson(refundOf(intent, refundId), intent, [], view);
  const charge = latestCharge(intent);
  if (type.startsWith('charge.dispute.') && intent.dispute !== null) {
    return disputeJson(intent.dispute, intent, charge);
  }
  return type.startsWith('charge.') && charge !== undefined
    ? chargeJson(charge, intent)
    : intentJson(intent, [], view);
}
