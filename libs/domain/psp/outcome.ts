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
 * `refused` anything else that is final.
 */
export type OperationFailure =
  | 'not_found'
  | 'already_captured'
  | 'already_canceled'
  | 'expired'
  | 'not_authorized'
  | 'never_received'
  | 'refused';

/**
 * The closed set of answers to a capture, a cancel or a reversal. As for an authorisation, whatever a gateway's table
 * does not list is `unknown`.
 */
export type OperationOutcome =
  | {
      readonly kind: 'succeeded';
      /** The PSP's id of what was done; of the payment where it gives none of its own. */
      readonly pspReference: string;
      /** What was captured or given back, ISO 4217 minor units; null where a void has no amount. */
      readonly amountMinor: bigint | null;
      readonly occurredAt: string;
    }
  /** The PSP has taken the request and tells the result later, by a webhook alone. */
  | { readonly kind: 'pending'; readonly pspReference: string }
  | {
      readonly kind: 'failed';
      readonly why: OperationFailure;
      /** The PSP's own words, scrubbed. */
      readonly detail: string;
      readonly pspReference: string | null;
      readonly occurredAt: string;
    }
  | { readonly kind: 'not_sent'; readonly why: NotSentReason; readonly detail: string }
  | {
      readonly kind: 'unknown';
      readonly why: UnknownReason;
      readonly detail: string;
      readonly pspReference: string | null;
      readonly keyBurnt: boolean;
    };

/** What a consistent look-up says of an operation. */
export type OperationLookupOutcome =
  | { readonly kind: 'found'; readonly outcome: OperationOutcome }
  /** The payment is there, and what was asked has not been done to it. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly rateLimited?: true };
