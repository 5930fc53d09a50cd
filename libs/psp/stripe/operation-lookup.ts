import type { OperationLookupOutcome, OperationLookupRequest } from '@tender/domain';
import type Stripe from 'stripe';
import type { IntentSweep } from './intent-sweep';
import { LAST_SEND_WITHIN_MS } from './intent-sweep';
import type { Judged } from './operation-outcome';
import { askedBy, heardAtOf, judgeCancel, judgeCapture, judgeReversal } from './operation-outcome';
import { describe } from './outcome';
import { findRefund } from './refund-search';
import { readFailure } from './reply';
import { retrieveIntent } from './send';
import { scrub } from '../scrub';

interface LookupPorts {
  readonly stripe: Stripe;
  readonly sweep: IntentSweep;
  readonly nowMs: () => number;
}

const unavailable = (detail: string): OperationLookupOutcome => ({ kind: 'unavailable', detail });

/**
 * Whether an operation has been done: the intent tells of a capture and a cancel, its refunds tell of a refund. Both
 * are read-after-write. A look-up that fails says nothing of the operation.
 */
export function createOperationLookup(
  ports: LookupPorts,
): (request: OperationLookupRequest) => Promise<OperationLookupOutcome> {
  return async (request) => {
    if (request.pspReference === null) return withoutReference(ports, request);
    return request.kind === 'reversal' && request.captured
      ? inRefunds(ports, request, request.pspReference)
      : inIntent(ports, request, request.pspReference);
  };
}

async function withoutReference(ports: LookupPorts, request: OperationLookupRequest) {
  const startedMs = Date.parse(request.startedAt);
  if (Number.isNaN(startedMs)) return unavailable('startedAt is not a time');
  try {
    const answer = await ports.sweep.find(request.attemptId, startedMs - LAST_SEND_WITHIN_MS);
    if (answer.kind === 'found') return await inIntent(ports, request, answer.intentId);
    // the attempt may have begun before the list does, so it cannot say that there is no intent
    return unavailable(answer.kind === 'unavailable' ? answer.detail : 'no intent of the attempt is seen');
  } catch (thrown) {
    return unavailable(describe(readFailure(thrown)));
  }
}

async function inIntent(
  { stripe, nowMs }: LookupPorts,
  request: OperationLookupRequest,
  intentId: string,
): Promise<OperationLookupOutcome> {
  const reply = await retrieveIntent(stripe, intentId);
  // also a 404: Stripe gave us this id, so it tells of a wrong account or mode
  if (reply.kind !== 'intent') return unavailable(scrub(`${intentId}: ${describe(reply)}`));
  const judge = request.kind === 'capture' ? judgeCapture : judgeCancel;
  return answerOf(judge(reply.intent, askedBy(request), heardAtOf(reply, nowMs)));
}

async function inRefunds(
  { stripe, nowMs }: LookupPorts,
  request: OperationLookupRequest,
  intentId: string,
): Promise<OperationLookupOutcome> {
  const answer = await findRefund(stripe, intentId, request.operationId);
  if (answer.kind !== 'found') return answer;
  return answerOf(judgeReversal(answer.refund, askedBy(request), new Date(nowMs()).toISOString()));
}

const answerOf = (judged: Judged): OperationLookupOutcome =>
  judged.kind === 'not_done' ? { kind: 'not_found' } : { kind: 'found', outcome: judged };
