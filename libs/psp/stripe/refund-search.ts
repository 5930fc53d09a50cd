import type Stripe from 'stripe';
import { describe } from './outcome';
import type { Reply, SeenRefund } from './reply';
import { field, readFailure, readRefund } from './reply';
import { replyTo } from './send';
import { scrub } from '../scrub';

/** Stripe's largest page. */
export const REFUND_PAGE_SIZE = 100;

/** An intent with more refunds is none of ours: Stripe itself takes no more than some dozens. */
export const MAX_REFUND_PAGES = 10;

export type RefundSearch =
  | { readonly kind: 'found'; readonly refund: SeenRefund }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly rateLimited?: true };

/** A refund whose id is known. */
export async function retrieveRefund(stripe: Stripe, refundId: string): Promise<RefundSearch> {
  const reply = await replyTo(() => stripe.refunds.retrieve(refundId));
  // also a 404: Stripe gave us this id, so it tells of a wrong account or mode
  return reply.kind === 'refund' ? { kind: 'found', refund: reply.refund } : unavailable(reply, refundId);
}

/** The refund that an operation of ours made, among all of an intent's: the list is read-after-write. */
export async function findRefund(
  stripe: Stripe,
  intentId: string,
  operationId: string,
): Promise<RefundSearch> {
  let cursor: string | undefined;
  try {
    for (let page = 0; page < MAX_REFUND_PAGES; page += 1) {
      const { refunds, hasMore } = await readPage(stripe, intentId, cursor);
      const ours = refunds.find(({ operation }) => operation === operationId);
      if (ours !== undefined) return { kind: 'found', refund: ours };
      if (!hasMore) return { kind: 'not_found' };
      cursor = refunds.at(-1)?.id;
    }
    return { kind: 'unavailable', detail: `${intentId} has more than ${MAX_REFUND_PAGES} pages of refunds` };
  } catch (thrown) {
    return unavailable(readFailure(thrown), intentId);
  }
}

function unavailable(reply: Reply, about: string): Extract<RefundSearch, { kind: 'unavailable' }> {
  const rateLimited = reply.kind === 'error' && reply.status === 429;
  const detail = scrub(`${about}: ${describe(reply)}`);
  return { kind: 'unavailable', detail, ...(rateLimited && { rateLimited }) };
}

async function readPage(
  stripe: Stripe,
  intentId: string,
  cursor: string | undefined,
): Promise<{ readonly refunds: readonly SeenRefund[]; readonly hasMore: boolean }> {
  const page = await stripe.refunds.list({
    payment_intent: intentId,
    limit: REFUND_PAGE_SIZE,
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  const data = field(page, 'data');
  const hasMore = field(page, 'has_more');
  // an empty page that promises more would be asked for ever; any other shape is no list at all
  if (!Array.isArray(data) || typeof hasMore !== 'boolean' || (hasMore && data.length === 0)) {
    throw new Error('not a list of refunds');
  }
  const refunds = data.map(readRefund);
  if (page.lastResponse.statusCode !== 200 || !refunds.every((refund) => refund !== null)) {
    throw new Error('not a list of refunds');
  }
  return { refunds, hasMore };
}
