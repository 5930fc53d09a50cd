import type {
  NewsAsked,
  NoticeFields,
  NoticeSubject,
  NoticeTranslator,
  OperationOutcome,
  PspNews,
  RefundAsked,
  RefundNews,
} from '@tender/domain';
import { FACT_RANK, partsOfRefundReference } from '@tender/domain';
import { disputeNews } from './dispute-news';
import type { AskedOperation } from './operation-outcome';
import { judgeCancel, judgeCapture, judgeReversal } from './operation-outcome';
import { EXPIRED_REASONS } from './operation-table';
import { disagreement, intentOutcome } from './outcome';
import { judgeRefund } from './refund-outcome';
import type { SeenIntent } from './reply';
import { field, integer, readIntent, readRefund, rfc3339, text } from './reply';
import { fromStripeAmount } from './stripe-amount';
import { scrub } from '../scrub';

/** What one event is read with: all that is known besides the object itself. */
interface Told {
  readonly type: string;
  readonly object: unknown;
  readonly asked: NewsAsked;
  readonly occurredAt: string;
}

/** How each type of event is read. A type that is not here is ignored, and said so. */
const READINGS: Readonly<Record<string, (told: Told) => PspNews>> = {
  'payment_intent.processing': intentNews,
  'payment_intent.requires_action': intentNews,
  'payment_intent.amount_capturable_updated': intentNews,
  'payment_intent.succeeded': intentNews,
  'payment_intent.payment_failed': intentNews,
  'payment_intent.canceled': intentNews,
  'charge.captured': chargeCaptured,
  'charge.expired': chargeExpired,
  // also told of an authorisation that was given back, and as soon as a refund has begun
  'charge.refunded': () => ignored('what became of a refund is told by refund.…'),
  'refund.created': reversalNews,
  'refund.updated': reversalNews,
  'refund.failed': reversalNews,
  // the older name of the same
  'charge.refund.updated': reversalNews,
  'charge.dispute.created': aboutDispute,
  'charge.dispute.updated': aboutDispute,
  'charge.dispute.closed': aboutDispute,
  'charge.dispute.funds_withdrawn': aboutDispute,
  'charge.dispute.funds_reinstated': aboutDispute,
};

/** The events that have a refund as their object, whoever asked for it. */
const REFUND_EVENT_TYPES: readonly string[] = Object.keys(READINGS).filter(
  (type) => READINGS[type] === reversalNews,
);

/** Every type of event that is read; what an endpoint at Stripe has to be subscribed to. */
export const STRIPE_EVENT_TYPES: readonly string[] = Object.keys(READINGS);

/**
 * Stripe's events, in the words of replies. An event shows its object as it was then: an intent in it is judged by the
 * same tables as one in a reply, whatever the event's name promises.
 */
export const stripeNotices: NoticeTranslator = {
  psp: 'stripe',
  subjectOf(fields) {
    const object = objectOf(fields);
    if (text(object, 'object') === 'dispute') {
      // a dispute has metadata of its own, so nothing of ours is in it
      return chargeIn(object);
    }
    const operationId = operationIn(object);
    const refundId = partsOfRefundReference(operationId ?? '')?.refundId;
    if (operationId !== null && refundId !== undefined) return { kind: 'refund', refundId, operationId };
    const attemptId = attemptIn(object);
    if (attemptId !== null) return { kind: 'attempt', attemptId };
    return isUnaskedRefund(fields) ? chargeIn(object) : null;
  },
  translate(fields, asked) {
    const told = toldBy(fields);
    if (typeof told === 'string') return ignored(told);
    const { type, object, occurredAt } = told;
    const isByCharge = READINGS[type] === aboutDispute || isUnaskedRefund(fields);
    if (!isByCharge && attemptIn(object) !== asked.attemptId) return ignored('it is about another attempt');
    return READINGS[type]?.({ type, object, asked, occurredAt }) ?? ignored(`${type} is not read`);
  },
  translateRefund(fields, asked) {
    const told = toldBy(fields);
    if (typeof told === 'string') return { kind: 'ignored', because: told };
    return REFUND_EVENT_TYPES.includes(told.type)
      ? refundNews(told, asked)
      : { kind: 'ignored', because: `${told.type} tells nothing of a refund` };
  },
};

/** The event's parts, or why it is not read. */
function toldBy(fields: NoticeFields): Omit<Told, 'asked'> | string {
  const type = text(fields, 'type') ?? '';
  const created = integer(fields, 'created');
  const occurredAt = created === null ? null : rfc3339(created * 1000);
  if (!Object.hasOwn(READINGS, type)) return `${scrub(type) || 'no type'} is not read`;
  if (occurredAt === null) return 'the event has no time';
  return { type, object: objectOf(fields), occurredAt };
}

const attemptIn = (object: unknown): string | null => text(field(object, 'metadata'), 'attempt');

const operationIn = (object: unknown): string | null => text(field(object, 'metadata'), 'operation');

/** By the payment, where nothing of ours is in it. */
function chargeIn(object: unknown): NoticeSubject | null {
  const pspReference = text(object, 'payment_intent');
  return pspReference === null ? null : { kind: 'charge', pspReference };
}

/**
 * Made in Stripe's dashboard, or by whoever else has the account: whose money it is, only its payment tells. It is asked for
 * once, and once more when it fails, since each question is a request.
 */
function isUnaskedRefund(fields: NoticeFields): boolean {
  const type = text(fields, 'type');
  const isOnceTold = type === 'refund.created' || type === 'refund.failed';
  const object = objectOf(fields);
  return isOnceTold && attemptIn(object) === null && operationIn(object) === null;
}

const objectOf = (fields: NoticeFields): unknown => field(fields.data, 'object');

const ignored = (because: string): PspNews => ({ kind: 'ignored', because });

function intentNews({ object, asked, occurredAt }: Told): PspNews {
  const intent = readIntent(object);
  if (intent === null) return ignored('the object is no payment intent');
  if (disagreement(intent, asked) === null) {
    if (intent.status === 'canceled') return canceled(intent, asked, occurredAt);
    if (intent.status === 'succeeded' && asked.captureMethod === 'manual') {
      const outcome = judgeCapture(intent, untold(asked), occurredAt);
      if (outcome.kind !== 'not_done')
        return operation('capture', intent.id, { intentId: intent.id, outcome, occurredAt });
    }
  }
  const outcome = intentOutcome(intent, asked);
  return {
    kind: 'authorization',
    outcome: 'occurredAt' in outcome ? { ...outcome, occurredAt } : outcome,
  };
}

/** An intent that Stripe itself let go had held money that nobody captured in time. */
function canceled(intent: SeenIntent, asked: NewsAsked, occurredAt: string): PspNews {
  if (EXPIRED_REASONS.includes(intent.cancellationReason ?? '')) {
    return { kind: 'expired', pspReference: intent.id, occurredAt };
  }
  const outcome = judgeCancel(intent, untold(asked), occurredAt);
  return outcome.kind === 'not_done'
    ? ignored('the intent is not canceled')
    : operation('cancel', intent.id, { intentId: intent.id, outcome, occurredAt });
}

/** Told only of a charge that had been authorised before. */
function chargeCaptured({ object, asked, occurredAt }: Told): PspNews {
  const pspReference = text(object, 'payment_intent');
  const amount = integer(object, 'amount_captured');
  const currency = text(object, 'currency');
  const taken = amount === null ? undefined : fromStripeAmount(amount, currency ?? '');
  if (pspReference === null || field(object, 'captured') !== true) return ignored('no intent was captured');
  const outcome: OperationOutcome =
    taken?.currency === asked.currency && taken.amountMinor > 0n
      ? { kind: 'succeeded', pspReference, amountMinor: taken.amountMinor, occurredAt }
      : {
          kind: 'unknown',
          why: 'amount_mismatch',
          detail: `amount_captured is ${amount ?? 'absent'} ${scrub(currency ?? 'without a currency')}`,
          pspReference,
          keyBurnt: false,
        };
  return operation('capture', pspReference, { intentId: pspReference, outcome, occurredAt });
}

function chargeExpired({ object, occurredAt }: Told): PspNews {
  const pspReference = text(object, 'payment_intent');
  return pspReference === null
    ? ignored('the charge has no payment intent')
    : { kind: 'expired', pspReference, occurredAt };
}

function aboutDispute({ type, object, occurredAt }: Told): PspNews {
  return disputeNews(type, object, occurredAt);
}

function reversalNews({ object, asked, occurredAt }: Told): PspNews {
  const refund = readRefund(object);
  if (refund === null) return ignored('the object is no refund');
  if (refund.operation === null) {
    return { kind: 'ignored', because: 'nobody here has asked for this refund', needsPerson: true };
  }
  const outcome = judgeReversal(refund, { ...untold(asked), operationId: refund.operation }, occurredAt);
  return operation('reversal', refund.id, { intentId: refund.intentId, outcome, occurredAt });
}

function refundNews({ object, occurredAt }: Omit<Told, 'asked'>, asked: RefundAsked): RefundNews {
  const refund = readRefund(object);
  if (refund === null) return { kind: 'ignored', because: 'the object is no refund' };
  if (refund.operation !== asked.operationId) {
    return { kind: 'ignored', because: 'it is about another try of the refund' };
  }
  const outcome = judgeRefund(refund, asked, occurredAt);
  return {
    kind: 'refund',
    pspReference: refund.id,
    rank: rankOf(outcome.kind),
    outcome: 'occurredAt' in outcome ? { ...outcome, occurredAt } : outcome,
  };
}

const rankOf = (kind: OperationOutcome['kind']): number =>
  kind === 'failed' ? FACT_RANK.failed : kind === 'succeeded' ? FACT_RANK.done : FACT_RANK.pending;

/** Which operation of ours it was and how much it asked for is not known here: the amount is taken as it is. */
const untold = ({ attemptId, currency }: NewsAsked): AskedOperation => ({
  attemptId,
  currency,
  amountMinor: null,
  operationId: null,
});

const operation = (
  kind: 'capture' | 'cancel' | 'reversal',
  pspReference: string,
  {
    intentId: paymentReference,
    outcome,
    occurredAt,
  }: {
    readonly intentId: string | null;
    readonly outcome: OperationOutcome;
    readonly occurredAt: string;
  },
): PspNews => ({
  kind: 'operation',
  operation: kind,
  pspReference,
  paymentReference,
  // a refund may fail after it has succeeded; a capture or a cancel that failed never was done
  rank: outcome.kind === 'failed' && kind !== 'reversal' ? FACT_RANK.refused : rankOf(outcome.kind),
  // the object's own times are those of its beginning; the event's is that of the fact
  outcome: 'occurredAt' in outcome ? { ...outcome, occurredAt } : outcome,
});
