import type { AuthorizeOutcome, OperationKind, OperationOutcome, PspName } from './outcome';

/** The parts of a PSP's notice that are kept: plain JSON, by an allow-list of fields, nothing about a person. */
export type NoticeFields = Readonly<Record<string, unknown>>;

/** What a notice is about has to agree with what was asked, before it may be believed. */
export interface NewsAsked {
  readonly attemptId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: 'automatic' | 'manual';
}

/** What a PSP says by itself, in the words of a reply. */
export type PspNews =
  | { readonly kind: 'authorization'; readonly outcome: AuthorizeOutcome }
  | {
      readonly kind: 'operation';
      readonly operation: OperationKind;
      /** The PSP's id of the operation: what its reply had given; null where the PSP has none for it. */
      readonly pspReference: string | null;
      readonly outcome: OperationOutcome;
    }
  /** The PSP has let the authorisation go by itself. */
  | { readonly kind: 'expired'; readonly pspReference: string; readonly occurredAt: string }
  | { readonly kind: 'ignored'; readonly because: string };

/**
 * How one PSP's notices are read. Pure, so that what is stored can be read again after a mistake in it was mended;
 * verified is a notice before it gets here.
 */
export interface NoticeTranslator {
  readonly psp: PspName;
  /** Our attempt's id in the notice, or null: it is about something that is not ours. */
  attemptOf(fields: NoticeFields): string | null;
  translate(fields: NoticeFields, asked: NewsAsked): PspNews;
}
