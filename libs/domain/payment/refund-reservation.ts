import { CURRENT_REFUND_REPRESENTATION } from '../refund/refund-representation';
import { nothing, record, refuse } from '../kernel/decision';
import type { PaymentDecision } from './attempt.decider';
import type { Attempt, Payment, PaymentRefund, RefundStanding } from './payment';
import { findAttempt } from './payment';
import type { RecordRefundStanding, ReserveRefund } from './payment.commands';
import type { PaymentEvent } from './payment.events';
import type { RefundReservationEvent, RefundReserved, RefundText } from './refund-reservation.events';

/** More of them would make every command about the payment slow; nobody gives one sale back in so many parts. */
export const MAX_REFUNDS_PER_PAYMENT = 1_000;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

const sumOf = ({ refunds }: Payment, ...standings: readonly RefundStanding[]): bigint =>
  sum(refunds.filter(({ standing }) => standings.includes(standing)).map(({ amountMinor }) => amountMinor));

/** Given back and not come back, ISO 4217 minor units. */
export const refundedMinor = (payment: Payment): bigint => sumOf(payment, 'settled');

/** Reserved for refunds that are on their way, or owed still. */
export const refundPendingMinor = (payment: Payment): bigint => sumOf(payment, 'reserved', 'returned');

/**
 * Taken out of the balance by disputes that were not won. Amounts of another currency have no sum with ours: there the
 * whole charge counts as taken.
 */
export function disputedMinor({ disputes, currency, capturedMinor }: Payment): bigint {
  return sum(
    disputes
      .filter(({ withdrawnMinor }) => withdrawnMinor > 0n)
      .map((dispute) => (dispute.currency === currency ? dispute.withdrawnMinor : capturedMinor)),
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
export const isWithdrawn = ({ disputes }: Payment): boolean =>
  disputes.some(({ withdrawnMinor, status }) => withdrawnMinor > 0n && status !== 'lost');

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
  }
}

const withStanding = (
  state: Payment,
  { refundId, number, refundRevision }: Pick<Stood, 'refundId' | 'number' | 'refundRevision'>,
  standing: RefundStanding,
): Payment => ({
  ...state,
  refunds: state.refunds.map((refund) =>
    refund.id === refundId ? { ...refund, standing, number, refundRevision } : refund,
  ),
});
