import { publicId } from '../kernel/ids';
import { jsonInteger } from '../money/money';
import type { Attempt, Payment } from './payment';
import { refundedMinor, refundPendingMinor } from './refund-reservation';

/** The version that new payments are rendered with; every older one stays here for the replays of its time. */
export const CURRENT_REPRESENTATION = 1;

/**
 * The public JSON of a payment (see the API's reference), pure and in a fixed key order: the same state gives the
 * same bytes on every process and in every later release, which is what makes an idempotent replay a replay.
 *
 * @param revision of the event that the state was folded to
 * @throws when the representation is not known to this release: answering in another one would break the promise
 */
export function representPayment(payment: Payment, revision: bigint): PaymentJson {
  if (payment.representation !== 1)
    throw new Error(`unknown payment representation ${payment.representation}`);
  return paymentV1(payment, revision);
}

export interface PaymentJson {
  readonly object: 'payment';
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly [field: string]: unknown;
}

function paymentV1(payment: Payment, revision: bigint): PaymentJson {
  const { freeText, failure, nextAction } = payment;
  return {
    object: 'payment',
    id: publicId('pay', payment.id),
    status: payment.status,
    amount: jsonInteger(payment.amountMinor),
    currency: payment.currency,
    amount_capturable:
      payment.status === 'requires_capture'
        ? jsonInteger(payment.authorizedMinor - payment.capturedMinor)
        : 0,
    amount_captured: jsonInteger(payment.capturedMinor),
    // both are 0 at every outcome of a creation, a capture or a cancel: replays of those stay the same bytes
    amount_refunded: jsonInteger(refundedMinor(payment)),
    amount_refund_pending: jsonInteger(refundPendingMinor(payment)),
    capture_method: payment.captureMethod,
    payment_method: payment.paymentMethod,
    customer_id: freeText.customerId,
    description: freeText.description,
    next_action: nextAction === null ? null : { type: nextAction.type, url: nextAction.url },
    failure:
      failure === null ? null : { code: failure.code, category: failure.category, message: failure.message },
    attempts: payment.attempts.map(attemptV1),
    metadata: Object.fromEntries(freeText.metadata.map(({ key, value }) => [key, value])),
    created_at: payment.createdAt,
    updated_at: payment.updatedAt,
    revision: Number(revision),
  };
}

function attemptV1(attempt: Attempt): Readonly<Record<string, unknown>> {
  const { decline } = attempt;
  return {
    id: attempt.id,
    number: attempt.number,
    psp: attempt.psp,
    status: attempt.status,
    psp_reference: attempt.pspReference,
    decline:
      decline === null ? null : { code: decline.code, category: decline.category, message: decline.message },
    started_at: attempt.startedAt,
    finished_at: attempt.finishedAt,
  };
}
