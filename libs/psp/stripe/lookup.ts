import type { LookupOutcome, LookupRequest } from '@tender/domain';
import type Stripe from 'stripe';
import type { IntentSweep } from './intent-sweep';
import { describe, intentOutcome } from './outcome';
import type { Reply } from './reply';
import { readFailure } from './reply';
import { retrieveIntent } from './send';
import { scrub } from '../scrub';

interface LookupPorts {
  readonly stripe: Stripe;
  readonly sweep: IntentSweep;
}

/**
 * Finds what Stripe knows of an attempt: by id when a reply gave it, else in the list of the intents of that time.
 * Both are read-after-write. The search endpoint is not: it trails by up to an hour (Stripe docs, "Search"), and a
 * "not found" from it would let another PSP charge again.
 */
export function createIntentLookup({
  stripe,
  sweep,
}: LookupPorts): (request: LookupRequest) => Promise<LookupOutcome> {
  return async (request) => {
    if (request.pspReference !== null) return retrieve(stripe, request.pspReference, request);
    const seen = await findByAttempt(sweep, request);
    return seen.kind === 'found' ? retrieve(stripe, seen.intentId, request) : seen;
  };
}

async function findByAttempt(sweep: IntentSweep, { attemptId, startedAt }: LookupRequest) {
  const startedMs = Date.parse(startedAt);
  // it would spoil the window of everybody who shares the sweep
  if (Number.isNaN(startedMs)) return { kind: 'unavailable' as const, detail: 'startedAt is not a time' };
  try {
    return await sweep.find(attemptId, startedMs);
  } catch (thrown) {
    return unavailable(readFailure(thrown));
  }
}

async function retrieve(stripe: Stripe, id: string, request: LookupRequest): Promise<LookupOutcome> {
  const reply = await retrieveIntent(stripe, id);
  // also a 404: Stripe gave us this id, so "no such intent" tells of a wrong account or mode, not of the payment
  return reply.kind === 'intent'
    ? { kind: 'found', outcome: intentOutcome(reply.intent, request) }
    : unavailable(reply, `${id}: `);
}

function unavailable(reply: Reply, about = '') {
  const detail = scrub(`${about}${describe(reply)}`);
  const rateLimited = reply.kind === 'error' && reply.status === 429;
  return { kind: 'unavailable' as const, detail, ...(rateLimited && { rateLimited }) };
}
