import type { TruthRow } from '../truth';
import { isoMinor } from './amounts';
import { disputeStatus } from './dispute';
import {
  isAuthorised,
  isExpired,
  standing,
  statusOf,
  type Modification,
  type ModificationKind,
  type Payment,
} from './payment';

const KIND: Readonly<Record<ModificationKind, TruthRow['kind']>> = {
  capture: 'capture',
  cancel: 'void',
  refund: 'refund',
};

/** One charge row a payment (an attempt of ours is one payment), then what was done to it. */
export function* truthRows(payments: Iterable<Payment>, nowMs: number): Generator<TruthRow> {
  for (const payment of payments) {
    const row = (
      more: Pick<TruthRow, 'kind' | 'status' | 'our_reference'>,
      by: Pick<Modification, 'key' | 'value' | 'atMs'>,
    ): TruthRow => ({
      reference: payment.pspReference,
      our_reference: more.our_reference,
      idempotency_key: by.key,
      kind: more.kind,
      amount: isoMinor(by.value, payment.currency),
      currency: payment.currency,
      status: more.status,
      at: new Date(by.atMs).toISOString(),
    });
    const ours = payment.merchantReference;
    const charge = { ...payment, atMs: payment.createdMs };
    yield row({ kind: 'charge', our_reference: ours, status: chargeStatus(payment, nowMs) }, charge);
    for (const one of payment.modifications) {
      const our_reference = one.kind === 'refund' ? refundIdOf(one.reference) : ours;
      yield row({ kind: KIND[one.kind], our_reference, status: statusOf(one, nowMs) }, one);
    }
    const { dispute } = payment;
    const status = dispute && disputeStatus(dispute, nowMs);
    if (dispute !== undefined && status !== undefined) {
      const atMs = dispute.steps[0]?.atMs ?? payment.createdMs;
      yield row({ kind: 'dispute', our_reference: ours, status }, { key: null, value: dispute.value, atMs });
    }
  }
}

/** Each try of a refund has a number behind the refund's own id: `re_…-1`. */
const refundIdOf = (reference: string | null): string | null =>
  /^(re_\w+)-\d+$/.exec(reference ?? '')?.[1] ?? reference;

function chargeStatus(payment: Payment, nowMs: number): TruthRow['status'] {
  if (isAuthorised(payment, nowMs)) {
    if (succeeded(payment, 'cancel', nowMs) || isExpired(payment, nowMs)) return 'canceled';
    if (payment.capture === 'immediate' || succeeded(payment, 'capture', nowMs)) return 'succeeded';
    return 'requires_capture';
  }
  switch (payment.resultCode) {
    case 'Received':
      return 'pending';
    case 'RedirectShopper':
      return 'requires_action';
    case 'Authorised':
    case 'Refused':
    case 'Error':
    case 'Cancelled':
      return 'failed';
  }
}

const succeeded = (payment: Payment, kind: ModificationKind, nowMs: number): boolean =>
  standing(payment, kind, nowMs) > 0 &&
  payment.modifications.some((one) => one.kind === kind && statusOf(one, nowMs) === 'succeeded');
