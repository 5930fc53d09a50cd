/** The payment service providers that Tender can charge through. */
export type PspName = 'stripe' | 'adyen';

export const PSP_NAMES: readonly PspName[] = ['stripe', 'adyen'];

/**
 * What a decline allows next: `hard_decline` never retry · `soft_decline` may be asked elsewhere or later ·
 * `customer_action` the buyer has to do something first.
 */
export type DeclineCategory = 'hard_decline' | 'soft_decline' | 'customer_action';

/** Why we are sure that the PSP did not start on a request. */
export type NotSentReason =
  | 'connection_refused'
  | 'rejected_before_processing'
  | 'rate_limited'
  | 'no_permit'
  | 'circuit_open'
  | 'currency_not_supported'
  | 'expired'
  | 'never_received';

/** Why we cannot tell what the PSP did. */
export type UnknownReason =
  | 'timeout'
  | 'connection_lost'
  | 'server_error'
  | 'unreadable_reply'
  | 'key_in_progress'
  | 'key_conflict'
  | 'unlisted_reply'
  | 'amount_mismatch'
  | 'not_captured'
  | 'crashed_before_reply'
  | 'not_sent';

export interface CardSummary {
  readonly brand: string;
  readonly last4: string;
}

export interface Decline {
  /** One vocabulary over all PSPs: `insufficient_funds`, `stolen_card`, `do_not_honor`, … */
  readonly code: string;
  readonly category: DeclineCategory;
  readonly message: string;
  /** The PSP's own word, kept as evidence. */
  readonly pspCode: string;
}

/** Where a buyer has to go before the PSP can answer (3-D Secure). */
export interface RedirectAction {
  readonly type: 'redirect';
  readonly url: string;
}

/**
 * The closed set of answers to an authorisation. Whatever a gateway's table does not list is `unknown`:
 * a wrong "no" charges twice, a wrong "yes" ships for nothing, and "unknown" only costs a look-up.
 */
export type AuthorizeOutcome =
  | {
      readonly kind: 'approved';
      readonly pspReference: string;
      /** What the PSP authorised, ISO 4217 minor units. */
      readonly amountMinor: bigint;
      /** True when the PSP captured in the same step. */
      readonly captured: boolean;
      readonly card: CardSummary | null;
      /** The PSP's own time of the fact, RFC 3339. */
      readonly occurredAt: string;
    }
  | { readonly kind: 'pending'; readonly pspReference: string }
  | { readonly kind: 'action_required'; readonly pspReference: string; readonly action: RedirectAction }
  | {
      readonly kind: 'declined';
      readonly pspReference: string | null;
      readonly decline: Decline;
      readonly occurredAt: string;
    }
  | { readonly kind: 'not_sent'; readonly why: NotSentReason; readonly detail: string }
  | {
      readonly kind: 'unknown';
      readonly why: UnknownReason;
      readonly detail: string;
      /** The PSP's id when the reply gave it before it failed: then a look-up is one retrieve. */
      readonly pspReference: string | null;
      /** A stored 5xx is replayed for ever: this key can never reveal what happened. */
      readonly keyBurnt: boolean;
    };

/** What a consistent look-up by our own reference says. A failed look-up is not a failed payment. */
export type LookupOutcome =
  | { readonly kind: 'found'; readonly outcome: AuthorizeOutcome }
  | { readonly kind: 'not_found' }
  | {
      readonly kind: 'unavailable';
      readonly detail: string;
      /** The PSP works and asks for fewer requests. */
      readonly rateLimited?: true;
    };

/** What is done to an authorisation or a charge that exists at a PSP. */
export type OperationKind = 'capture' | 'cancel' | 'reversal';

/**
 * Why a PSP will not do it, in one vocabulary over all PSPs: `not_found` it holds nothing under this reference ·
 * `already_captured`, `already_canceled`, `expired` the authorisation has ended that way · `not_authorized` there is none,
 * and none comes without another request of ours · `never_received` look-ups prove that the request never arrived ·
 * `disputed` the buyer has claimed the money by a dispute · `refused` anything else that is final.
 */
export type OperationFailure =
  | 'not_found'
  | 'already_captured'
  | 'already_canceled'
  | 'expired'
  | 'not_authorized'
  | 'never_received'
  | 'disputed'
  | 'refused';

/** The closed set of answers to something that is done to a charge; `Failed` is how the PSP says no. */
type ChangeOutcome<Amount, Failed> =
  | {
      readonly kind: 'succeeded';
      /** The PSP's id of what was done; of the payment where it gives none of its own. */
      readonly pspReference: string;
      /** What was captured or given back, ISO 4217 minor units; null where a void has no amount. */
      readonly amountMinor: Amount;
      readonly occurredAt: string;
    }
  /** The PSP has taken the request and tells the result later. */
  | { readonly kind: 'pending'; readonly pspReference: string }
  | (Failed & {
      readonly kind: 'failed';
      /** The PSP's own words, scrubbed. */
      readonly detail: string;
      readonly pspReference: string | null;
      readonly occurredAt: string;
    })
  | { readonly kind: 'not_sent'; readonly why: NotSentReason; readonly detail: string }
  | {
      readonly kind: 'unknown';
      readonly why: UnknownReason;
      readonly detail: string;
      readonly pspReference: string | null;
      readonly keyBurnt: boolean;
    };

/**
 * The closed set of answers to a capture, a cancel or a reversal. As for an authorisation, whatever a gateway's table
 * does not list is `unknown`.
 */
export type OperationOutcome = ChangeOutcome<bigint | null, { readonly why: OperationFailure }>;

/**
 * Why a refund will not be, or has not stayed, in one vocabulary over all PSPs: `card_expired_or_canceled`,
 * `card_lost_or_stolen`, `declined_by_issuer` the money does not reach the buyer · `returned` it had reached them and came
 * back · `disputed` the buyer has claimed it by a dispute · `insufficient_balance` our own at the PSP ·
 * `exceeds_captured` more than is left of the charge · `not_refundable` the PSP holds nothing that could be given back ·
 * `canceled` by somebody at the PSP · `never_received` look-ups prove that the request never arrived · `refused` anything
 * else that is final.
 */
export type RefundFailure =
  | 'card_expired_or_canceled'
  | 'card_lost_or_stolen'
  | 'declined_by_issuer'
  | 'returned'
  | 'disputed'
  | 'insufficient_balance'
  | 'exceeds_captured'
  | 'not_refundable'
  | 'canceled'
  | 'never_received'
  | 'refused';

/**
 * The closed set of answers to a refund, as replies, look-ups and notices give it. `succeeded` is as good as it gets and
 * still no end: a PSP takes it back when the buyer's bank does. Whatever a gateway's table does not list is `unknown`.
 */
export type RefundOutcome = ChangeOutcome<
  bigint,
  {
    readonly why: RefundFailure;
    /** Whether the PSP had taken the amount out of our balance: then it has put it back, and the books have to say both. */
    readonly debited: boolean;
  }
>;

/** What a consistent look-up says of a refund. */
export type RefundLookupOutcome =
  | { readonly kind: 'found'; readonly outcome: RefundOutcome }
  /** The charge is there, and no such refund of it. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly rateLimited?: true };

/** What a consistent look-up says of an operation. */
export type OperationLookupOutcome =
  | { readonly kind: 'found'; readonly outcome: OperationOutcome }
  /** The payment is there, and what was asked has not been done to it. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly rateLimited?: true };

/** Whose a charge is, as the PSP's own record of it says. */
export type IdentifyOutcome =
  | { readonly kind: 'ours'; readonly attemptId: string }
  /** The PSP knows it by nothing of ours, or does not know it. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly rateLimited?: true };
