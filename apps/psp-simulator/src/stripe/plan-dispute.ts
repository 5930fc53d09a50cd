import type { Dispute } from './dispute';
import type { Intent } from './intent';
import { disputeScript } from './test-payment-methods';

/** What becomes of a charge that was taken just now by a method that is known for it. */
export function plannedDispute(
  before: Intent | undefined,
  after: Intent,
  nextId: () => string,
  { nowMs, resultsAfterMs }: { readonly nowMs: number; readonly resultsAfterMs: number },
): Intent {
  const charge = after.charges.find(({ captured }) => captured);
  if (charge === undefined || before?.charges.some(({ captured }) => captured) === true) return after;
  const script = disputeScript(charge.paymentMethod);
  if (script === undefined) return after;
  const opensMs = nowMs + resultsAfterMs;
  const dispute: Dispute = {
    id: nextId(),
    amount: charge.amountCaptured,
    script,
    phase: 'planned',
    opensMs,
    endsMs: script.ends === null ? null : opensMs + resultsAfterMs,
  };
  return { ...after, dispute };
}
