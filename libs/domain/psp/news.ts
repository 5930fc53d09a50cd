import type { AuthorizeOutcome, OperationKind, OperationOutcome, PspName, RefundOutcome } from './outcome';

/** The parts of a PSP's notice that are kept: plain JSON, by an allow-list of fields, nothing about a person. */
export type NoticeFields = Readonly<Record<string, unknown>>;

/**
 * What a notice is about. Of a `charge` the PSP says its own reference alone (Stripe's disputes carry nothing of ours):
 * whose it is has to be asked.
 */
export type NoticeSubject =
  | { readonly kind: 'attempt'; readonly attemptId: string }
  | { readonly kind: 'refund'; readonly refundId: string; readonly operationId: string }
  | { readonly kind: 'charge'; readonly pspReference: string };

/** What a notice is about has to agree with what was asked, before it may be believed. */
export interface NewsAsked {
  readonly attemptId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: 'automatic' | 'manual';
}

export interface RefundAsked {
  readonly attemptId: string;
  /** The try that the notice names. */
  readonly operationId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/**
 * Where a fact stands among those of the same operation, refund or dispute: the one with the greatest (`occurredAt`, `rank`)
 * decides, whichever came first; two that are equal in both say the same. PSPs' times are of seconds: of two facts in one,
 * the rank tells which the PSP can only have told after the other.
 */
export interface FactOrder {
  /** RFC 3339 */
  readonly occurredAt: string;
  readonly rank: number;
}

/**
 * How a dispute stands. `inquiry_opened` the bank asks, and no money moves · `inquiry_closed` it asks no more · `opened` the
 * buyer takes the money back, and the PSP has not yet · `under_review` our evidence is being read · `funds_withdrawn` it has
 * been taken from our balance · `funds_reinstated` it was put back; whether for good, `won` tells · `won`, `lost` for good, and
 * what had been put back and is `lost` has been taken again · `lost_in_part` a part was put back, and the rest is lost.
 *
 * Where the money is, the latest of `funds_…`, `won` and `lost…` tells; the others say nothing of it.
 */
export type DisputeStage =
  | 'inquiry_opened'
  | 'inquiry_closed'
  | 'opened'
  | 'under_review'
  | 'funds_withdrawn'
  | 'funds_reinstated'
  | 'won'
  | 'lost'
  | 'lost_in_part';

/**
 * Of two words about a dispute in the same second, which comes later: money moves after what it moves for, and before the
 * end.
 */
export const DISPUTE_RANK: Readonly<Record<DisputeStage, number>> = {
  inquiry_opened: 1,
  opened: 2,
  funds_withdrawn: 3,
  under_review: 4,
  funds_reinstated: 5,
  inquiry_closed: 6,
  won: 7,
  lost: 8,
  lost_in_part: 9,
};

/**
 * As in `FactOrder`, of captures and refunds: what has `failed` in the second of its success has failed after it. A `refused`
 * operation is one that never was done: its failure is the first word about it, and none of its being taken back.
 */
export const FACT_RANK = { pending: 0, done: 1, refused: 1, failed: 2, done_again: 3 } as const;

/** One word of a PSP about a dispute of one of our charges. */
export interface DisputeFact extends FactOrder {
  /** The PSP's id of the dispute: the same one through all its stages. */
  readonly disputeReference: string;
  /** The PSP's id of the payment that is disputed: an attempt may have had two. Null where the PSP does not say. */
  readonly paymentReference: string | null;
  readonly stage: DisputeStage;
  /** What is disputed, ISO 4217 minor units of the currency that the PSP tells it in. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Of it, what was put back: only of one that is `lost_in_part`. */
  readonly putBackMinor?: bigint;
  /** What the PSP charged (negative: gave back) for it with this step; null where it does not say. */
  readonly fee: { readonly amountMinor: bigint; readonly currency: string } | null;
  /** In the PSP's words: `fraudulent`, `product_not_received`, … */
  readonly reason: string | null;
  /** The scheme's code: `10.4`, `4853`, … */
  readonly networkReasonCode: string | null;
  /** RFC 3339; null where nothing can be handed in, or the PSP does not say until when. */
  readonly evidenceDueBy: string | null;
}

/** What a PSP says by itself of a payment, in the words of a reply. */
export type PspNews =
  | { readonly kind: 'authorization'; readonly outcome: AuthorizeOutcome }
  | {
      readonly kind: 'operation';
      readonly operation: OperationKind;
      /** The PSP's id of the operation: what its reply had given; null where the PSP has none for it. */
      readonly pspReference: string | null;
      /** The PSP's id of the payment that it was done to: an attempt may have had two. Null where the PSP does not say. */
      readonly paymentReference: string | null;
      /** A failure may be told of what had succeeded, and a success again of what had failed: captures and refunds. */
      readonly outcome: OperationOutcome;
      /** As in `FactOrder`; the time is the outcome's. */
      readonly rank: number;
    }
  /** The PSP has let the authorisation go by itself. */
  | { readonly kind: 'expired'; readonly pspReference: string; readonly occurredAt: string }
  | { readonly kind: 'dispute'; readonly fact: DisputeFact }
  | NewsIgnored;

/** What tells nobody anything. */
export interface NewsIgnored {
  readonly kind: 'ignored';
  readonly because: string;
  /** Money of ours has moved by it, or may have, and nothing here says so: a person has to look. */
  readonly needsPerson?: true;
}

/** What a PSP says by itself of a refund. */
export type RefundNews =
  | {
      readonly kind: 'refund';
      /** The PSP's id of the refund. */
      readonly pspReference: string;
      readonly outcome: RefundOutcome;
      /** As in `FactOrder`; the time is the outcome's. */
      readonly rank: number;
    }
  | { readonly kind: 'ignored'; readonly because: string };

/**
 * How one PSP's notices are read. Pure, so that what is stored can be read again after a mistake in it was mended;
 * verified is a notice before it gets here.
 */
export interface NoticeTranslator {
  readonly psp: PspName;
  /** Null: it is about something that is not ours. */
  subjectOf(fields: NoticeFields): NoticeSubject | null;
  /** Of a notice about an attempt or a charge. */
  translate(fields: NoticeFields, asked: NewsAsked): PspNews;
  /** Of a notice about a refund. */
  translateRefund(fields: NoticeFields, asked: RefundAsked): RefundNews;
}
