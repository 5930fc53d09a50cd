import type { TruthRow } from '../truth';
import { isoMinor } from './amounts';
import { isDisputed, type Dispute } from './dispute';
import type { Intent } from './intent';

/** One charge row an intent (an attempt of ours is one intent), then its capture or void, and its refunds. */
export function* truthRows(intents: Iterable<Intent>): Generator<TruthRow> {
  for (const intent of intents) {
    const currency = intent.currency.toUpperCase();
    const row = (
      kind: TruthRow['kind'],
      amount: number,
      status: TruthRow['status'],
      key: string | null,
      atMs: number,
      ours: string | null = intent.metadata.attempt ?? null,
    ): TruthRow => ({
      reference: intent.id,
      our_reference: ours,
      idempotency_key: key,
      kind,
      amount: isoMinor(amount, intent.currency),
      currency,
      status,
      at: new Date(atMs).toISOString(),
    });
    yield row('charge', intent.amount, chargeStatus(intent), intent.key, intent.createdMs);
    if (intent.capture !== null) {
      yield row('capture', intent.amountReceived, 'succeeded', intent.capture.key, intent.capture.atMs);
    }
    if (intent.cancel !== null) {
      yield row('void', intent.amount, 'succeeded', intent.cancel.key, intent.cancel.atMs);
    }
    for (const { amount, status, key, createdMs, metadata } of intent.refunds) {
      yield row('refund', amount, status, key, createdMs, metadata.refund ?? null);
    }
    if (isDisputed(intent.dispute)) {
      const { amount, opensMs } = intent.dispute;
      yield row('dispute', amount, disputeStatus(intent.dispute), null, opensMs);
    }
  }
}

/** From the buyer's side: `succeeded` is money that the merchant has lost. */
function disputeStatus({ phase, script }: Dispute): TruthRow['status'] {
  if (phase !== 'ended') return 'pending';
  if (script.ends === 'inquiry_closed') return 'canceled';
  return script.ends === 'lost' ? 'succeeded' : 'failed';
}

function chargeStatus(intent: Intent): TruthRow['status'] {
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.lastError === null ? 'pending' : 'failed';
    case 'requires_confirmation':
    case 'processing':
      return 'pending';
    case 'requires_action':
    case 'requires_capture':
    case 'succeeded':
    case 'canceled':
      return intent.status;
  }
}
