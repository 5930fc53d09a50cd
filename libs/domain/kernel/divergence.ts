/**
 * What a checker may find that must not be, by what an operator has to do about it:
 * `missing`, `extra`, `different`: something stored is not what the streams say · `skipped_event`: something stored has
 * passed an event without it · `broken_chain`: the head of the journals is not the one of the streams · `gap`: a stream
 * lacks a revision · `truncated_stream`, `tombstoned_stream`: somebody took events away · `forbidden_metadata`: the store
 * was told to take events away by itself · `unreadable_event` · `broken_outcome`: a payment has not the one outcome that
 * its key is answered with.
 */
export const DIVERGENCE_KINDS = [
  'missing',
  'extra',
  'different',
  'skipped_event',
  'broken_chain',
  'gap',
  'truncated_stream',
  'tombstoned_stream',
  'forbidden_metadata',
  'unreadable_event',
  'broken_outcome',
] as const;

export type DivergenceKind = (typeof DIVERGENCE_KINDS)[number];

/** One difference between what is and what the streams say. */
export interface Divergence {
  /** `streams`, or the read model. */
  readonly where: string;
  readonly kind: DivergenceKind;
  /** Of the stream, the document or the journal. */
  readonly id: string;
  /** The field, the revision or the number within it; null where all of it is meant. */
  readonly at: string | null;
  readonly expected: string | null;
  readonly found: string | null;
}
