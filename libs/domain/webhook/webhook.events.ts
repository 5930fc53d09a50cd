import type { NoticeFields } from '../psp/news';
import type { PspName } from '../psp/outcome';

/**
 * What happens to a PSP's notice, each in a stream of its own: so that copies of one collapse, however many come at
 * once. The names and fields are the storage format, as in `payment.events.ts`. Of a notice that told its payment or its
 * refund something, those have the event; only where nobody was told does its own stream say why.
 */
export type WebhookEvent =
  | { readonly type: 'WebhookNoticeReceived'; readonly data: WebhookNoticeReceived }
  | { readonly type: 'WebhookNoticeSetAside'; readonly data: WebhookNoticeSetAside }
  | { readonly type: 'WebhookNoticeTakenUp'; readonly data: WebhookNoticeTakenUp };

/** Recorded only after its signature was verified over the bytes as they came. */
export interface WebhookNoticeReceived {
  readonly psp: PspName;
  /** Names the notice within the PSP: two that mean different things never share it. Names the stream, too. */
  readonly noticeId: string;
  /** What a translation may need, chosen by an allow-list of fields. */
  readonly fields: NoticeFields;
  /** Of the bytes that the notice came in, in hex: proof of what was sent, without keeping what it says of persons. */
  readonly bodySha256: string;
}

/**
 * Why a notice told nobody anything: `ignored` it says nothing that is read · `foreign` it is about nothing of ours ·
 * `parked` it names something that would be ours and is not known: it is read again for a while.
 */
export type SetAsideAs = 'ignored' | 'foreign' | 'parked';

export interface WebhookNoticeSetAside {
  readonly as: SetAsideAs;
  readonly because: string;
}

/** What had been set aside was read again, and told: what it waited for has appeared, or a mistake in reading was mended. */
export interface WebhookNoticeTakenUp {
  readonly setAsideAs: SetAsideAs;
}
