import type { AuthorizeOutcome, CardSummary, UnknownReason } from '@tender/domain';
import { declineOf } from './decline-table';
import type { IntentMeaning } from './outcome-table';
import { INTENT_ROWS, verdictOf } from './outcome-table';
import type { ErrorReply, Reply, SeenIntent } from './reply';
import { rfc3339 } from './reply';
import { scrub } from '../scrub';
import { fromStripeAmount } from './stripe-amount';

/** What a reply has to agree with before it may be believed. */
export interface Asked {
  readonly attemptId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/**
 * @param nowMs used for a decline whose reply carries no time at all
 */
export function outcomeOf(reply: Reply, asked: Asked, nowMs: () => number): AuthorizeOutcome {
  const verdict = verdictOf(reply);
  switch (verdict.kind) {
    case 'judge_intent':
      return reply.kind === 'intent'
        ? intentOutcome(reply.intent, asked)
        : unknown('unlisted_reply', '', null);
    case 'declined':
      return reply.kind === 'error' ? declined(reply, asked, nowMs) : unknown('unlisted_reply', '', null);
    case 'not_sent':
      return { kind: 'not_sent', why: verdict.why, detail: describe(reply) };
    case 'unknown':
      return unknown(verdict.why, describe(reply), referenceIn(reply, asked), verdict.keyBurnt);
  }
}

/** Also the answer of a look-up: an intent means the same wherever it was read. */
export function intentOutcome(intent: SeenIntent, asked: Asked): AuthorizeOutcome {
  const mismatch = disagreement(intent, asked);
  if (mismatch !== null) return unknown('amount_mismatch', mismatch, intent.id);
  const meaning: IntentMeaning | undefined = Object.hasOwn(INTENT_ROWS, intent.status)
    ? INTENT_ROWS[intent.status]
    : undefined;
  switch (meaning) {
    case 'captured':
      return approved(intent, asked, true, intent.amountReceived);
    case 'authorized':
      return approved(intent, asked, false, intent.amountCapturable);
    case 'pending':
      return { kind: 'pending', pspReference: intent.id };
    case 'action_required':
      return intent.redirectUrl === null
        ? unknown('unlisted_reply', 'an action is required and no address for it was given', intent.id)
        : {
            kind: 'action_required',
            pspReference: intent.id,
            action: { type: 'redirect', url: intent.redirectUrl },
          };
    case 'refused':
      return refused(intent);
    case 'canceled':
      return canceled(intent);
    case undefined:
      return unknown('unlisted_reply', `intent status ${scrub(intent.status)}`, intent.id);
  }
}

function approved(
  intent: SeenIntent,
  asked: Asked,
  captured: boolean,
  stripeAmount: number | null,
): AuthorizeOutcome {
  const held = stripeAmount === null ? undefined : fromStripeAmount(stripeAmount, intent.currency ?? '');
  if (held?.amountMinor !== asked.amountMinor) {
    const what = captured ? 'amount_received' : 'amount_capturable';
    return unknown('amount_mismatch', `${what} is ${stripeAmount ?? 'absent'}`, intent.id);
  }
  const occurredAt = timeOf(intent);
  if (occurredAt === null) return unknown('unreadable_reply', 'the intent has no time', intent.id);
  return {
    kind: 'approved',
    pspReference: intent.id,
    amountMinor: held.amountMinor,
    captured,
    card: cardOf(intent),
    occurredAt,
  };
}

function refused(intent: SeenIntent): AuthorizeOutcome {
  const occurredAt = timeOf(intent);
  if (intent.refusal === null || occurredAt === null) {
    return unknown('unlisted_reply', 'the intent waits for a payment method and tells no error', intent.id);
  }
  return { kind: 'declined', pspReference: intent.id, decline: declineOf(intent.refusal), occurredAt };
}

/** Somebody ended the intent on purpose: it holds nothing, and nobody should go on elsewhere behind their back. */
function canceled(intent: SeenIntent): AuthorizeOutcome {
  const occurredAt = timeOf(intent);
  if (occurredAt === null) return unknown('unreadable_reply', 'the intent has no time', intent.id);
  return {
    kind: 'declined',
    pspReference: intent.id,
    decline: {
      code: 'canceled_at_psp',
      category: 'hard_decline',
      message: 'The payment was canceled at the payment provider.',
      pspCode: 'canceled',
    },
    occurredAt,
  };
}

function declined(reply: ErrorReply, asked: Asked, nowMs: () => number): AuthorizeOutcome {
  const { intent } = reply;
  if (intent !== null) {
    const mismatch = disagreement(intent, asked);
    if (mismatch !== null) return unknown('amount_mismatch', mismatch, intent.id);
    const meaning = INTENT_ROWS[intent.status];
    if (meaning !== 'refused' && meaning !== 'canceled') {
      return unknown('unlisted_reply', `a decline with an intent in ${scrub(intent.status)}`, intent.id);
    }
  }
  return {
    kind: 'declined',
    pspReference: intent?.id ?? null,
    decline: declineOf(reply),
    occurredAt: (intent && timeOf(intent)) ?? reply.date ?? new Date(nowMs()).toISOString(),
  };
}

/** Another attempt's intent, another amount or another currency: whatever it says, it does not say it about ours. */
export function disagreement(intent: SeenIntent, asked: Asked): string | null {
  if (intent.attempt !== asked.attemptId) return `metadata.attempt is ${scrub(intent.attempt ?? 'absent')}`;
  const seen = intent.amount === null ? undefined : fromStripeAmount(intent.amount, intent.currency ?? '');
  return seen?.amountMinor === asked.amountMinor && seen.currency === asked.currency
    ? null
    : `amount is ${intent.amount ?? 'absent'} ${scrub(intent.currency ?? 'without a currency')}`;
}

function timeOf({ charge, created }: SeenIntent): string | null {
  const seconds = charge?.created ?? created;
  return seconds === null ? null : rfc3339(seconds * 1000);
}

function cardOf({ charge }: SeenIntent): CardSummary | null {
  const { brand, last4 } = charge ?? { brand: null, last4: null };
  // a longer number is not a last4, and must not be recorded as one
  return brand !== null && last4 !== null && /^\d{4}$/.test(last4) ? { brand, last4 } : null;
}

/** Only an intent that is our attempt's may lead a later look-up to it. */
function referenceIn(reply: Reply, asked: Asked): string | null {
  if (reply.kind !== 'error' || reply.intent === null) return null;
  return reply.intent.attempt === asked.attemptId ? reply.intent.id : null;
}

/** For people and logs; decisions are made on the fields. */
export function describe(reply: Reply): string {
  switch (reply.kind) {
    case 'intent':
    case 'refund':
      return '';
    case 'transport':
    case 'unreadable':
      return scrub(reply.detail);
    case 'error': {
      const { status, type, code, param, requestId, message } = reply;
      const facts = [`HTTP ${status}`, type, code, param, requestId].filter((fact) => fact !== null);
      return scrub(`${facts.join(' ')}: ${message}`);
    }
  }
}

function unknown(
  why: UnknownReason,
  detail: string,
  pspReference: string | null,
  keyBurnt = false,
): AuthorizeOutcome {
  return { kind: 'unknown', why, detail, pspReference, keyBurnt };
}
