import { publicId } from '../kernel/ids';
import { jsonInteger } from '../money/money';
import type { RefundFailure } from '../psp/outcome';
import type { Refund, RefundStatus } from './refund';
import { currentTry } from './refund';

/** The version that new refunds are rendered with; every older one stays here for the replays of its time. */
export const CURRENT_REFUND_REPRESENTATION = 1;

export interface RefundJson {
  readonly object: 'refund';
  readonly id: string;
  readonly payment: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** What callers are told of each status. */
export const PUBLIC_REFUND_STATUS = {
  started: 'pending',
  pending: 'pending',
  outcome_unknown: 'outcome_unknown',
  succeeded: 'succeeded',
  failed: 'failed',
  abandoned: 'failed',
} as const satisfies Record<RefundStatus, string>;

/**
 * The public JSON of a refund, pure and in a fixed key order, as a payment's.
 *
 * @param revision of the event that the state was folded to
 * @throws when the representation is not known to this release
 */
export function representRefund(refund: Refund, revision: bigint): RefundJson {
  if (refund.representation !== 1) throw new Error(`unknown refund representation ${refund.representation}`);
  return refundV1(refund, revision);
}

function refundV1(refund: Refund, revision: bigint): RefundJson {
  const { freeText } = refund;
  return {
    object: 'refund',
    id: publicId('re', refund.id),
    payment: publicId('pay', refund.paymentId),
    amount: jsonInteger(refund.amountMinor),
    currency: refund.currency,
    status: PUBLIC_REFUND_STATUS[refund.status],
    reason: freeText.reason,
    failure: failureV1(refund),
    psp: refund.psp,
    psp_reference: currentTry(refund).pspReference,
    metadata: Object.fromEntries(freeText.metadata.map(({ key, value }) => [key, value])),
    created_at: refund.createdAt,
    updated_at: refund.updatedAt,
    revision: Number(revision),
  };
}

function failureV1({ status, failure }: Refund): { readonly code: string; readonly message: string } | null {
  if (status === 'abandoned') return { code: 'abandoned', message: 'The refund failed and was given up.' };
  if (status !== 'failed' || failure === null) return null;
  return { code: failure.why, message: FAILURE_MESSAGE[failure.why] };
}

const FAILURE_MESSAGE: Readonly<Record<RefundFailure, string>> = {
  card_expired_or_canceled: 'The card has expired or was canceled.',
  card_lost_or_stolen: 'The card was reported lost or stolen.',
  declined_by_issuer: 'The buyer’s bank did not accept the refund.',
  returned: 'The buyer’s bank sent the money back.',
  disputed: 'The buyer has claimed the money by a dispute.',
  insufficient_balance: 'The balance at the payment provider does not suffice.',
  exceeds_captured: 'The payment provider holds less than this of the payment.',
  not_refundable: 'The payment provider holds nothing that could be given back.',
  canceled: 'The refund was canceled at the payment provider.',
  never_received: 'The payment provider never received the refund.',
  refused: 'The payment provider refused the refund.',
};
