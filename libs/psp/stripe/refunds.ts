import type {
  IdentifyOutcome,
  IdentifyRequest,
  RefundLookupOutcome,
  RefundLookupRequest,
  RefundOutcome,
  RefundRequest,
} from '@tender/domain';
import type Stripe from 'stripe';
import { heardAtOf } from './operation-outcome';
import { describe } from './outcome';
import { judgeRefund, refundReplyOutcome } from './refund-outcome';
import { buildRefundRequest } from './refund-request';
import { findRefund, retrieveRefund } from './refund-search';
import { replyTo, retrieveIntent } from './send';
import { scrub } from '../scrub';

export interface RefundPorts {
  readonly stripe: Stripe;
  readonly nowMs: () => number;
}

/** Refunds: one keyed request each, and a look-up among those of the intent. */
export function createRefunds({ stripe, nowMs }: RefundPorts) {
  async function refund(request: RefundRequest): Promise<RefundOutcome> {
    const { operationId: idempotencyKey, requestVersion, currency } = request;
    const built = buildRefundRequest(request);
    switch (built.kind) {
      case 'currency_not_supported':
        return { kind: 'not_sent', why: 'currency_not_supported', detail: currency };
      case 'unknown_version':
        return {
          kind: 'not_sent',
          why: 'rejected_before_processing',
          detail: `request version ${requestVersion} is not known to this build`,
        };
      case 'built': {
        const reply = await replyTo(() => stripe.refunds.create(built.params, { idempotencyKey }));
        return refundReplyOutcome(reply, request, heardAtOf(reply, nowMs));
      }
    }
  }

  async function lookupRefund(request: RefundLookupRequest): Promise<RefundLookupOutcome> {
    const { refundReference, pspReference, operationId } = request;
    const answer =
      refundReference === null
        ? await findRefund(stripe, pspReference, operationId)
        : await retrieveRefund(stripe, refundReference);
    if (answer.kind !== 'found') return answer;
    return { kind: 'found', outcome: judgeRefund(answer.refund, request, new Date(nowMs()).toISOString()) };
  }

  async function identify({ pspReference }: IdentifyRequest): Promise<IdentifyOutcome> {
    const reply = await retrieveIntent(stripe, pspReference);
    if (reply.kind === 'intent') {
      const { attempt } = reply.intent;
      return attempt === null ? { kind: 'foreign' } : { kind: 'ours', attemptId: attempt };
    }
    // also a 404: who is told of an intent and may not see it has a wrong key, not a foreign intent
    const rateLimited = reply.kind === 'error' && reply.status === 429;
    const detail = scrub(`${pspReference}: ${describe(reply)}`);
    return { kind: 'unavailable', detail, ...(rateLimited && { rateLimited }) };
  }

  return { refund, lookupRefund, identify };
}
