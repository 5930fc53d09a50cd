import type { NoticeFields } from '../psp/news';
import type { PspName } from '../psp/outcome';

/**
 * What happens to a PSP's notice, each in a stream of its own: so that copies of one collapse, however many come at
 * once. The names and fields are the storage format, as in `payment.events.ts`.
 */
export interface WebhookEvent {
  readonly type: 'WebhookNoticeReceived';
  readonly data: WebhookNoticeReceived;
}

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
