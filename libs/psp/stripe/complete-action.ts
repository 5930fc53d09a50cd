import type { AuthorizeOutcome, CompleteActionRequest } from '@tender/domain';
import type Stripe from 'stripe';
import { outcomeOf } from './outcome';
import type { Reply } from './reply';
import { replyTo, retrieveIntent } from './send';

/**
 * The buyer is back. What the browser brought along proves nothing and Stripe has no need of it: the intent is asked
 * itself. One that waits for its confirmation is confirmed, under the recorded key; the answer means the same as
 * that of an authorisation.
 */
export async function completeAction(
  { stripe, nowMs }: { readonly stripe: Stripe; readonly nowMs: () => number },
  request: CompleteActionRequest,
): Promise<AuthorizeOutcome> {
  const { pspReference } = request;
  if (pspReference === null) return unknown('Stripe’s id of the payment is not known', null);
  const seen = await retrieveIntent(stripe, pspReference);
  const reply = waitsForConfirmation(seen) ? await confirm(stripe, pspReference, request) : seen;
  const outcome = outcomeOf(reply, request, nowMs);
  // The charge was sent long ago: that this question did not arrive must not look as if there were none.
  if (outcome.kind === 'not_sent') return unknown(`${outcome.why}: ${outcome.detail}`, pspReference);
  return outcome.kind === 'unknown'
    ? { ...outcome, pspReference: outcome.pspReference ?? pspReference }
    : outcome;
}

const waitsForConfirmation = (reply: Reply): boolean =>
  reply.kind === 'intent' && reply.intent.status === 'requires_confirmation';

const confirm = (
  stripe: Stripe,
  intentId: string,
  { idempotencyKey }: CompleteActionRequest,
): Promise<Reply> =>
  replyTo(() => stripe.paymentIntents.confirm(intentId, { expand: ['latest_charge'] }, { idempotencyKey }));

const unknown = (detail: string, pspReference: string | null): AuthorizeOutcome => ({
  kind: 'unknown',
  why: 'not_sent',
  detail,
  pspReference,
  keyBurnt: false,
});
