import type Stripe from 'stripe';
import type { Reply } from './reply';
import { readFailure, readResult } from './reply';
import { withoutStackTraces } from './without-stack-traces';

/** One call of the SDK, whose every ending is a reply. */
export async function replyTo(call: () => Promise<Stripe.Response<object>>): Promise<Reply> {
  try {
    return readResult(await withoutStackTraces(call));
  } catch (thrown) {
    return readFailure(thrown);
  }
}

/** An intent as Stripe knows it now: read-after-write, with its charge. */
export const retrieveIntent = (stripe: Stripe, intentId: string): Promise<Reply> =>
  replyTo(() => stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] }));
