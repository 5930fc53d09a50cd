import type { IncomingHttpHeaders } from 'node:http';
import type { NoticeFields, PspName } from '@tender/domain';

/** A PSP's news as it came over HTTP: signatures are over the bytes, so they stay as they are. */
export interface Delivery {
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
}

export interface VerifiedNotice {
  /** Names it within the PSP: everything that changes the meaning is in it. */
  readonly noticeId: string;
  /** What is kept of it. */
  readonly fields: NoticeFields;
}

/**
 * What a delivery is worth. All or nothing: one item that is not signed makes a whole batch worthless, since nobody
 * but a forger sends such a batch.
 */
export type Verdict =
  | { readonly kind: 'verified'; readonly notices: readonly VerifiedNotice[] }
  /** Whoever sent it does not know our secrets. */
  | { readonly kind: 'forged' }
  | { readonly kind: 'unauthenticated' }
  /** Signed, and about a merchant account that is not ours: to take it would be to lose it for whoever it is for. */
  | { readonly kind: 'not_ours' }
  /** The sender knows our secrets, or could not prove it, and what was sent has not the form of a notice. */
  | { readonly kind: 'unreadable' };

/** How one PSP's deliveries are told from everybody else's. */
export interface WebhookSource {
  readonly psp: PspName;
  verify(delivery: Delivery, nowMs: number): Verdict;
}
