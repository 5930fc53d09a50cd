import type { PspName } from '../psp/outcome';

/**
 * `posted` is the trial balance. `memo` is what is only promised or not known (an authorisation is the issuer's hold
 * on the buyer's money, no asset of ours): zero-sum for itself, never mixed with the posted.
 */
export type Layer = 'posted' | 'memo';

export type Side = 'debit' | 'credit';

/** One side of a movement. Positive always; the side tells the direction. */
export interface JournalLine {
  /** A number of the chart of accounts. */
  readonly account: string;
  /** What must clear within the account: an attempt, a refund, a dispute, a payout; the chart says which. */
  readonly key: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly side: Side;
  /** ISO 4217 minor units, > 0. */
  readonly amountMinor: bigint;
  /** Whose record will clear it; null where no PSP is concerned. */
  readonly psp: PspName | null;
}

/**
 * One balanced movement, made from one event by one template: the same event always makes the same journals, byte
 * for byte, so that the books can be made again from the streams.
 */
export interface Journal {
  /** `<event id>:<n>`, n from 1 over the journals of the event: a second delivery has nothing to add. */
  readonly id: string;
  /** Whose books: the merchant's id. */
  readonly ledger: string;
  readonly layer: Layer;
  /** `name@version` of the template that made it. */
  readonly template: string;
  /** When it happened, by the clock of the PSP where one told; RFC 3339, UTC, ms. */
  readonly effectiveAt: string;
  /** When the event store recorded the event; RFC 3339, UTC, ms. */
  readonly recordedAt: string;
  /** Uuid of the payment that caused it; null where none did (a payout, a reserve). */
  readonly payment: string | null;
  readonly source: JournalSource;
  readonly lines: readonly JournalLine[];
  /** The journal that this one takes back, whole; a journal is taken back once. */
  readonly reverses: string | null;
}

export interface JournalSource {
  readonly stream: string;
  readonly revision: bigint;
  readonly eventId: string;
  readonly eventType: string;
}
