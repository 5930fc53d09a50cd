import type { DisputeStage, PaymentCommand } from '@tender/domain';
import { RESULT_RANK } from '@tender/domain';
import { SAMPLE_ATTEMPT_ID } from './payment-samples';
import { secondsLater } from './refund-samples';

/** A PSP's word about a dispute of the sample attempt. */
export const disputeTold = (
  stage: DisputeStage,
  atS: number,
  amountMinor = 1099n,
  {
    feeMinor = null,
    rank = RESULT_RANK,
    currency = 'USD',
    putBackMinor,
    disputeReference = 'du_1',
    paymentReference = null,
  }: {
    readonly feeMinor?: bigint | null;
    readonly rank?: number;
    readonly currency?: string;
    /** Of a dispute that is lost in part. */
    readonly putBackMinor?: bigint;
    readonly disputeReference?: string;
    /** The charge that is disputed; not named where it is left out. */
    readonly paymentReference?: string | null;
  } = {},
): PaymentCommand => ({
  type: 'RecordDisputeFact',
  data: {
    attemptId: SAMPLE_ATTEMPT_ID,
    fact: {
      disputeReference,
      paymentReference,
      stage,
      amountMinor,
      ...(putBackMinor !== undefined && { putBackMinor }),
      currency,
      fee: feeMinor === null ? null : { amountMinor: feeMinor, currency: 'USD' },
      reason: 'fraudulent',
      networkReasonCode: '10.4',
      evidenceDueBy: null,
      occurredAt: secondsLater(atS),
      rank,
    },
  },
});
