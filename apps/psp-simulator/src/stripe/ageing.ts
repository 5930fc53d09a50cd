import { disputeAged, disputeDueMs } from './dispute';
import { canceled, latestCharge, type Intent } from './intent';
import { settled } from './refund';

/** Authorisations on cards last seven days online. Source: Stripe docs, "Place a hold on a payment method". */
export const AUTHORIZATION_LIFE_MS = 7 * 24 * 3_600_000;

/** Why an intent was canceled that nobody canceled. Source: Stripe docs, PaymentIntent `cancellation_reason`. */
export const EXPIRED = 'automatic';

const expiresMs = (intent: Intent): number =>
  (latestCharge(intent)?.createdMs ?? intent.createdMs) + AUTHORIZATION_LIFE_MS;

/**
 * What time alone has made of an intent: an authorisation that nobody captured is given back, a refund is settled, a
 * dispute takes its next step: one at a time, since each is told.
 */
export function aged(intent: Intent, nowMs: number): Intent {
  if (intent.status === 'requires_capture') {
    return nowMs < expiresMs(intent) ? intent : canceled(intent, EXPIRED, null, expiresMs(intent));
  }
  if (!intent.refunds.some(({ due }) => due !== null && nowMs >= due.atMs)) return withDispute(intent, nowMs);
  const refunds = intent.refunds.map((refund) => settled(refund, nowMs));
  return { ...intent, rev: intent.rev + 1, refunds };
}

function withDispute(intent: Intent, nowMs: number): Intent {
  const dispute = intent.dispute === null ? undefined : disputeAged(intent.dispute, nowMs);
  return dispute === undefined ? intent : { ...intent, rev: intent.rev + 1, dispute };
}

/** When time will change it next; undefined when never. */
export function nextChangeMs(intent: Intent): number | undefined {
  if (intent.status === 'requires_capture') return expiresMs(intent);
  const dues = intent.refunds.flatMap(({ due }) => (due === null ? [] : [due.atMs]));
  const disputeMs = intent.dispute === null ? undefined : disputeDueMs(intent.dispute);
  if (disputeMs !== undefined) dues.push(disputeMs);
  return dues.length === 0 ? undefined : Math.min(...dues);
}
