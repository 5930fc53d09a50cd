import type { DisputeStage } from '../psp/news';
import type { PspName } from '../psp/outcome';

/**
 * What buyers' banks take back, or ask about. A dispute has no stream of its own: nobody acts on it here, and what it
 * takes counts against the same captured money as refunds do. These names and fields are the storage format.
 */
export type DisputeEvent =
  | { readonly type: 'DisputeOpened'; readonly data: DisputeOpened }
  | { readonly type: 'DisputeFundsWithdrawn'; readonly data: DisputeFundsWithdrawn }
  | { readonly type: 'DisputeWon'; readonly data: DisputeWon }
  | { readonly type: 'DisputeLost'; readonly data: DisputeLost }
  | { readonly type: 'DisputeUpdated'; readonly data: DisputeUpdated };

/** One word of a PSP about a dispute. */
interface DisputeFactRecorded {
  /** Ours: of the PSP and its id of the dispute. */
  readonly disputeId: string;
  readonly attemptId: string;
  readonly psp: PspName;
  /** The PSP's word that this follows from; `occurredAt` and `rank` order it among the others, whichever came first. */
  readonly stage: DisputeStage;
  readonly occurredAt: string;
  readonly rank: number;
  /** What the PSP charged with this word, negative: gave back. */
  readonly feeMinor: bigint;
  readonly feeCurrency: string;
  /** When evidence has to be handed in; null where the PSP does not say. */
  readonly evidenceDueBy: string | null;
}

/** Heard of for the first time. No money has moved by this. */
export interface DisputeOpened extends DisputeFactRecorded {
  /** The PSP's id of the dispute, the same one through all its stages. */
  readonly reference: string;
  /** The PSP's id of the payment that is disputed; null where its word did not say, or nobody kept it (version 1). */
  readonly paymentReference: string | null;
  /** `inquiry`: the bank asks, and takes nothing. */
  readonly kind: 'inquiry' | 'chargeback';
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: string | null;
  readonly networkReasonCode: string | null;
}

/** The PSP has taken the amount out of the balance: for the first time, or again after it was put back. */
export interface DisputeFundsWithdrawn extends DisputeFactRecorded {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Decided for the merchant, or put back by the PSP; a second chargeback may follow. */
export interface DisputeWon extends DisputeFactRecorded {
  /** What comes back: 0 where nothing is known to have been taken. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Whether it had been lost before, so that the loss comes back. */
  readonly wasLost: boolean;
}

/** Decided for the buyer, for good. */
export interface DisputeLost extends DisputeFactRecorded {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/**
 * Another word that moves no money by itself: evidence is wanted by another time or is being read, an inquiry became a
 * chargeback or ended, or a word that others have overtaken. A fee may come with it.
 */
export interface DisputeUpdated extends DisputeFactRecorded {
  readonly reason: string | null;
  readonly networkReasonCode: string | null;
}
