import type { RefundText } from '../payment/refund-reservation.events';
import type { Search } from '../payment/payment';
import type { RefundReason } from '../psp/gateway';
import type { FactOrder } from '../psp/news';
import type { PspName, RefundFailure } from '../psp/outcome';

/**
 * `started` the PSP is asked and has not answered · `pending` it has accepted, or the request has to wait before it can
 * leave · `outcome_unknown` it was asked and we do not know · `succeeded`, until the PSP says that the money came back ·
 * `failed` · `abandoned` failed, and given up.
 */
export type RefundStatus = 'started' | 'pending' | 'outcome_unknown' | 'succeeded' | 'failed' | 'abandoned';

/** One try at the PSP that captured. Times are RFC 3339. */
export interface RefundTry {
  readonly number: number;
  /** The PSP's idempotency key, and our reference in its books. */
  readonly operationId: string;
  /** The PSP's id of the refund, once it gave one. */
  readonly pspReference: string | null;
  readonly accepted: boolean;
  /** The latest fact that decided about it; null while none has. */
  readonly fact: FactOrder | null;
  readonly startedAt: string;
  /** Present from the first answer on that was no end: how far the ladder has been climbed. */
  readonly search: Search | null;
}

export interface RefundProblem {
  readonly why: RefundFailure;
  readonly detail: string;
  readonly occurredAt: string;
}

/** A refund as its stream tells it. Plain data: it is stored as it is in the read model. */
export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly merchant: string;
  readonly fingerprint: string;
  readonly representation: number;
  readonly status: RefundStatus;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly psp: PspName;
  readonly attemptId: string;
  /** The PSP's id of the charge. */
  readonly paymentReference: string;
  readonly captureReference: string | null;
  readonly requestVersion: number;
  readonly freeText: RefundText;
  /** Whether a PSP has ever accepted it, or given it back: if that comes to nothing, the money is owed still. */
  readonly owed: boolean;
  /** Given back once, and come back to us since. */
  readonly returned: boolean;
  /** The latest one; null where none is known, or the refund has succeeded since. */
  readonly failure: RefundProblem | null;
  /** The last one is live; of the others only money that surfaces still counts. */
  readonly tries: readonly RefundTry[];
  /** Earlier tries that the PSP paid out beside the one that counts: money that was given twice. */
  readonly givenTwice: readonly number[];
  /** Requests to try again, by what their idempotency keys name, each with the try that it led to. */
  readonly retries: readonly { readonly requestId: string; readonly number: number }[];
  /** Requests by which operators told how it stands. */
  readonly resolutions: readonly { readonly requestId: string; readonly fingerprint: string }[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** `null`: the stream has no event yet. */
export type RefundState = Refund | null;

export function currentTry({ id, tries }: Refund): RefundTry {
  const last = tries.at(-1);
  if (last === undefined) throw new Error(`refund ${id} has no try`);
  return last;
}

/** Whether its end is still to come. */
export const isOpenRefund = ({ status }: Refund): boolean =>
  status === 'started' || status === 'pending' || status === 'outcome_unknown';

/** Whether it has failed and its money is owed still: it can be tried again, or given up. */
export const isOwedStill = ({ status, owed }: Refund): boolean => status === 'failed' && owed;

/** The number that another try would have. */
export const nextTryOf = (refund: Refund): number => currentTry(refund).number + 1;

/** Whether there is something to tell whoever asked for it: a PSP has it in hand, or it has ended. */
export const isAnswered = (refund: Refund): boolean => !isOpenRefund(refund) || currentTry(refund).accepted;

const REASONS: Readonly<Record<RefundReason, true>> = {
  duplicate: true,
  fraudulent: true,
  requested_by_customer: true,
};

/** A merchant's reason in the PSPs' words; what is no such word stays with us. */
export const pspReasonOf = ({ reason }: RefundText): RefundReason | null =>
  reason !== null && Object.hasOwn(REASONS, reason) ? (reason as RefundReason) : null;
