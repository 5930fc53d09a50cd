import type { OperationOutcome, OperationRequest } from '@tender/domain';
import type Stripe from 'stripe';
import type { IntentSweep } from './intent-sweep';
import { LAST_SEND_WITHIN_MS } from './intent-sweep';
import {
  askedBy,
  intentIn,
  judgeCancel,
  judgeCapture,
  judgeReversal,
  operationOutcome,
  unknown,
} from './operation-outcome';
import type { BuiltOperation } from './operation-request';
import { buildOperationRequest } from './operation-request';
import { CANCEL_ROWS, CAPTURE_ROWS, REVERSAL_ROWS } from './operation-table';
import { describe } from './outcome';
import type { Reply } from './reply';
import { readFailure } from './reply';
import { replyTo } from './send';

export interface OperationPorts {
  readonly stripe: Stripe;
  readonly sweep: IntentSweep;
  readonly nowMs: () => number;
}

/**
 * Captures, cancels and reversals. Each is one keyed request; the key is the operation's id, and what is sent under
 * it depends on nothing but the recorded request.
 */
export function createOperations(ports: OperationPorts) {
  async function perform(request: OperationRequest): Promise<OperationOutcome> {
    if (request.pspReference !== null) return send(ports, request, request.pspReference);
    const found = await intentOf(ports, request.attemptId);
    return found.kind === 'found' ? send(ports, request, found.intentId) : found.outcome;
  }
  return { capture: perform, cancel: perform, reverse: perform };
}

async function send(
  { stripe, nowMs }: OperationPorts,
  request: OperationRequest,
  intentId: string,
): Promise<OperationOutcome> {
  const built = buildOperationRequest(request, intentId);
  switch (built.kind) {
    case 'currency_not_supported':
      return { kind: 'not_sent', why: 'currency_not_supported', detail: request.currency };
    case 'unknown_version':
      return {
        kind: 'not_sent',
        why: 'rejected_before_processing',
        detail: `request version ${request.requestVersion} is not known to this build`,
      };
    case 'capture':
    case 'cancel':
    case 'refund':
      return judged(await call(stripe, built, intentId, request.operationId), built.kind, request, nowMs);
  }
}

type Sendable = Extract<BuiltOperation, { readonly params: object }>;

function call(stripe: Stripe, built: Sendable, intentId: string, idempotencyKey: string): Promise<Reply> {
  switch (built.kind) {
    case 'capture':
      return replyTo(() => stripe.paymentIntents.capture(intentId, built.params, { idempotencyKey }));
    case 'cancel':
      return replyTo(() => stripe.paymentIntents.cancel(intentId, built.params, { idempotencyKey }));
    case 'refund':
      return replyTo(() => stripe.refunds.create(built.params, { idempotencyKey }));
  }
}

function judged(
  reply: Reply,
  kind: Sendable['kind'],
  request: OperationRequest,
  nowMs: () => number,
): OperationOutcome {
  const asked = askedBy(request);
  switch (kind) {
    case 'capture':
      return operationOutcome(reply, CAPTURE_ROWS, onIntent(judgeCapture), nowMs);
    case 'cancel':
      return operationOutcome(reply, CANCEL_ROWS, onIntent(judgeCancel), nowMs);
    case 'refund':
      return operationOutcome(
        reply,
        REVERSAL_ROWS,
        (heard, at) => (heard.kind === 'refund' ? judgeReversal(heard.refund, asked, at) : null),
        nowMs,
      );
  }

  function onIntent(judge: typeof judgeCapture): Parameters<typeof operationOutcome>[2] {
    return (heard, at) => {
      const intent = intentIn(heard);
      return intent === null ? null : judge(intent, asked, at);
    };
  }
}

type IntentOf =
  | { readonly kind: 'found'; readonly intentId: string }
  | { readonly kind: 'lost'; readonly outcome: OperationOutcome };

/**
 * Stripe cancels by its own id alone, so the intent is looked for first, among all that may still be made of a
 * recent attempt. When the attempt began is not in the request: that no intent is there proves nothing, and nothing
 * was sent to any. So it is `unknown`, like a list that cannot be had.
 */
async function intentOf({ sweep, nowMs }: OperationPorts, attemptId: string): Promise<IntentOf> {
  const lost = (detail: string): IntentOf => ({
    kind: 'lost',
    outcome: unknown('not_sent', detail, null),
  });
  try {
    const answer = await sweep.find(attemptId, nowMs() - LAST_SEND_WITHIN_MS);
    if (answer.kind === 'found') return answer;
    return lost(answer.kind === 'unavailable' ? answer.detail : 'no intent of the attempt is seen');
  } catch (thrown) {
    return lost(describe(readFailure(thrown)));
  }
}
