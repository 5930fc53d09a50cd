import { publicId } from '../kernel/ids';
import { jsonInteger } from '../money/money';
import type { Dispute } from './dispute';

export interface DisputeJson {
  readonly object: 'dispute';
  readonly id: string;
  readonly payment: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** The public JSON of a dispute, pure and in a fixed key order. */
export function representDispute(dispute: Dispute, paymentId: string): DisputeJson {
  return {
    object: 'dispute',
    id: publicId('dp', dispute.id),
    payment: publicId('pay', paymentId),
    status: dispute.status,
    amount: jsonInteger(dispute.amountMinor),
    currency: dispute.currency,
    amount_withdrawn: jsonInteger(dispute.withdrawnMinor),
    reason: dispute.reason,
    network_reason_code: dispute.networkReasonCode,
    evidence_due_by: dispute.evidenceDueBy,
    attempt: dispute.attemptId,
    psp: dispute.psp,
    psp_reference: dispute.reference,
    created_at: dispute.createdAt,
    updated_at: dispute.updatedAt,
  };
}
