import { CURRENT_REFUND_REPRESENTATION } from '../refund/refund-representation';
import { nothing, record, refuse } from '../kernel/decision';
import type { PaymentDecision } from './attempt.decider';
import type { Dispute } from './dispute';
import { disputedLateSuccess } from './late-success';
import type { Attempt, Payment, PaymentRefund, RefundStanding } from './payment';
import { findAttempt } from './payment';
import type { GrantRefundRetry, RecordRefundStanding, ReserveRefund } from './payment.commands';
import type { PaymentEvent } from './payment.events';
import type {
  RefundReservationEvent,
  RefundReserved,
  RefundRetryGranted,
  RefundText,
} from './refund-reservation.events';

/** More of them would make every command about the payment slow; nobody gives one sale back in so many parts. */
export const MAX_REFUNDS_PER_PAYMENT = 1_000;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

const sumOf = ({ refunds }: Payment, ...standings: readonly RefundStanding[]): bigint =>
  sum(refunds.filter(({ standing }) => standings.includes(standing)).map(({ amountMinor }) => amountMinor));

/** Given back and not come back, ISO 4217 minor units. */
export const refundedMinor = (payment: Payment): bigint => sumOf(payment, 'settled');

/** Reserved for refunds that are on their way, or owed still. */
export const refundPendingMinor = (payment: Payment): bigint => sumOf(payment, 'reserved', 'returned');

/** Disputes of the sale whose money is out: what a bank takes of another charge is nothing of what was captured. */
const withdrawnOfSale = (payment: Payment): readonly Dispute[] =>
  payment.disputes.filter(
    (dispute) => dispute.withdrawnMinor > 0n && disputedLateSuccess(payment, dispute) === undefined,
  );

/**
 * Taken out of the balance by disputes of the sale that were not won. Amounts of another currency have no sum with ours:
 * there the whole charge counts as taken.
 */
export function disputedMinor(payment: Payment): bigint {
  const { currency, capturedMinor } = payment;
  return sum(
    withdrawnOfSale(payment).map((dispute) =>
      dispute.currency === currency ? dispute.withdrawnMinor : capturedMinor,
    ),
  );
}

/** What is taken of the captured money, or may yet be. Never more than that by our own doing. */
export const spokenForMinor = (payment: Payment): bigint =>
  refundedMinor(payment) + refundPendingMinor(payment) + disputedMinor(payment);

/**
 * How much more was given back, promised or taken than is captured: not by our own doing, but by a chargeback after a
 * refund, or by a capture that the scheme took back. It needs a person.
 */
export function overdrawnMinor(payment: Payment): bigint {
  const overMinor = spokenForMinor(payment) - payment.capturedMinor;
  return overMinor > 0n ? overMinor : 0n;
}

export const findRefund = ({ refunds }: Payment, refundId: string): PaymentRefund | undefined =>
  refunds.find(({ id }) => id === refundId);

/** The attempt whose money the payment has: no other PSP can give it back. */
const capturedAttempt = ({ attempts }: Payment): Attempt | undefined =>
  attempts.find(({ status }) => status === 'succeeded');

/** Money that the buyer's bank has taken, and nobody has decided about: giving more back might pay twice. */
export const isWithdrawn = (payment: Payment): boolean =>
  withdrawnOfSale(payment).some(({ status }) => status !== 'lost');

/** One decision for each refund, on the payment alone: so however many ask at once, they share what is there. */
export function reserveRefund(command: ReserveRefund, payment: Payment): PaymentDecision {
  if (payment.merchant !== command.merchant) return refuse({ code: 'payment_not_found' });
  const before = findRefund(payment, command.refundId);
  if (before !== undefined) {
    return before.fingerprint === command.fingerprint
      ? nothing('the same request under the same key was recorded before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  const attempt = capturedAttempt(payment);
  if (attempt?.pspReference == null) return refuse({ code: 'amount_exceeds_captured' });
  if (isWithdrawn(payment)) return refuse({ code: 'payment_disputed' });
  const leftMinor = payment.capturedMinor - spokenForMinor(payment);
  const amountMinor = command.amountMinor ?? leftMinor;
  if (amountMinor <= 0n || amountMinor > leftMinor) return refuse({ code: 'amount_exceeds_captured' });
  if (payment.refunds.length >= MAX_REFUNDS_PER_PAYMENT) return refuse({ code: 'too_many_refunds' });
  const { refundId: id, fingerprint, freeText } = command;
  const refund = { id, fingerprint, amountMinor, attemptId: attempt.id };
  return record({ type: 'RefundReserved', data: reservationOf(payment, refund, freeText) });
}

/** All that a refund's stream begins with, as it is reserved on the payment. */
export function reservationOf(
  payment: Payment,
  refund: Pick<PaymentRefund, 'id' | 'fingerprint' | 'amountMinor' | 'attemptId'>,
  freeText: RefundText,
): RefundReserved {
  const attempt = findAttempt(payment, refund.attemptId);
  if (attempt?.pspReference == null) throw new Error(`refund ${refund.id} is of no charge`);
  return {
    refundId: refund.id,
    fingerprint: refund.fingerprint,
    amountMinor: refund.amountMinor,
    currency: payment.currency,
    psp: attempt.psp,
    attemptId: attempt.id,
    pspReference: attempt.pspReference,
    captureReference: captureReferenceOf(payment, attempt),
    requestVersion: attempt.requestVersion,
    representation: CURRENT_REFUND_REPRESENTATION,
    freeText,
  };
}

/** The PSP's id of the capture, where it is not that of the payment. */
function captureReferenceOf({ captures }: Payment, attempt: Attempt): string | null {
  const reference = captures.find(({ attemptId }) => attemptId === attempt.id)?.pspReference ?? null;
  return reference === attempt.pspReference ? null : reference;
}

/** Why no more may be given back of the payment now, by whichever try; undefined: it may. */
function barredBy(payment: Payment): 'payment_disputed' | 'amount_exceeds_captured' | undefined {
  if (isWithdrawn(payment)) return 'payment_disputed';
  // a bank or a scheme has taken what was to be given: to give it, too, would pay it twice
  return overdrawnMinor(payment) > 0n ? 'amount_exceeds_captured' : undefined;
}

/**
 * Whether what is owed still may be given back by another try: a decision under the payment's revision, as the reservation
 * was, so no dispute comes between the look and the leave. One that is told afterwards finds the try allowed.
 */
export function grantRefundRetry(command: GrantRefundRetry, payment: Payment): PaymentDecision {
  const { refundId, number, requestId } = command;
  const refund = findRefund(payment, refundId);
  if (refund === undefined) return refuse({ code: 'refund_not_found', refundId });
  const bar = barredBy(payment);
  if (bar !== undefined) return refuse({ code: bar });
  // what holds nothing may give nothing
  if (refund.standing === 'released') return refuse({ code: 'not_retryable' });
  const { granted, amountMinor } = refund;
  if (granted?.number === number && granted.requestId === requestId) return nothing('it was allowed before');
  const { currency } = payment;
  return record({ type: 'RefundRetryGranted', data: { refundId, number, requestId, amountMinor, currency } });
}

/** Whether a try that was allowed may begin still: it is the latest one, and nobody has taken the money since. */
export const isGranted = (payment: Payment, { refundId, requestId }: RefundRetryGranted): boolean =>
  findRefund(payment, refundId)?.granted?.requestId === requestId && barredBy(payment) === undefined;

/** What became of a refund, as its own stream has it at a revision: the latest one counts, whichever comes first. */
export function recordRefundStanding(command: RecordRefundStanding, payment: Payment): PaymentDecision {
  const { refundId, number, refundRevision, standing } = command;
  const refund = findRefund(payment, refundId);
  if (refund === undefined) return refuse({ code: 'refund_not_found', refundId });
  if (refund.refundRevision >= refundRevision) return nothing('a later word of this refund is recorded');
  if (refund.standing === standing && refund.number === number) return nothing('it stands so already');
  const { amountMinor } = refund;
  const stood = { refundId, refundRevision, number, amountMinor, currency: payment.currency };
  return record(stoodEvent(command, stood));
}

type Stood = Omit<Extract<RefundReservationEvent, { type: 'RefundSettled' }>['data'], 'occurredAt'>;

function stoodEvent({ standing, occurredAt }: RecordRefundStanding, stood: Stood): PaymentEvent {
  switch (standing) {
    case 'settled':
      return { type: 'RefundSettled', data: { ...stood, occurredAt } };
    case 'returned':
      return { type: 'RefundReturned', data: { ...stood, occurredAt } };
    case 'failed':
    case 'abandoned':
      return { type: 'RefundReservationReleased', data: { ...stood, why: standing } };
  }
}

export function evolveReservation(state: Payment, event: RefundReservationEvent, at: string): Payment {
  switch (event.type) {
    case 'RefundReserved': {
      const { refundId, fingerprint, amountMinor, attemptId } = event.data;
      const refund: PaymentRefund = {
        id: refundId,
        fingerprint,
        amountMinor,
        attemptId,
        standing: 'reserved',
        number: 1,
        refundRevision: -1,
        granted: null,
        reservedAt: at,
      };
      return { ...state, refunds: [...state.refunds, refund] };
    }
    case 'RefundSettled':
      return withStanding(state, event.data, 'settled');
    case 'RefundReturned':
      return withStanding(state, event.data, 'returned');
    case 'RefundReservationReleased':
      return withStanding(state, event.data, 'released');
    case 'RefundRetryGranted': {
      const { refundId, number, requestId } = event.data;
      return withRefund(state, refundId, { granted: { number, requestId } });
    }
  }
}

const withStanding = (
  state: Payment,
  { refundId, number, refundRevision }: Pick<Stood, 'refundId' | 'number' | 'refundRevision'>,
  standing: RefundStanding,
): Payment => withRefund(state, refundId, { standing, number, refundRevision });

const withRefund = (state: Payment, refundId: string, change: Partial<PaymentRefund>): Payment => ({
  ...state,
  refunds: state.refunds.map((refund) => (refund.id === refundId ? { ...refund, ...change } : refund)),
});
