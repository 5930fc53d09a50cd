import { createHash } from 'node:crypto';
import type { NoticeFields } from '@tender/domain';
import { scrub } from '../scrub';
import { field, integer, parsed, text } from './json-fields';
import { verifyAdyenItem } from './verify-item';

/** Longer names and references are none of Adyen's (docs, "Webhook structure": 80 characters at most). */
export const MAX_KEPT_TEXT_LENGTH = 255;

/** One item that is Adyen's for certain, as it is stored before anybody reads it. */
export interface AdyenNotice {
  readonly noticeId: string;
  readonly fields: NoticeFields;
}

export type ReadAdyenNotices =
  | { readonly kind: 'notices'; readonly notices: readonly AdyenNotice[] }
  /** One item that does not verify makes all of them somebody else's. */
  | { readonly kind: 'not_signed' }
  /** Adyen's for certain, and about another merchant account. To take it would be to lose it for whoever it is for. */
  | { readonly kind: 'not_ours'; readonly merchantAccount: string }
  /** No webhook of Adyen's: nothing that was signed is in it. */
  | { readonly kind: 'unreadable'; readonly detail: string };

export interface AdyenNoticesReading {
  /** As it came. */
  readonly rawBody: Buffer | string;
  /** Hexadecimal; several during a rotation. */
  readonly keys: readonly string[];
  readonly merchantAccount: string;
}

/**
 * From a webhook's body, which is a batch, to what is stored of it.
 *
 * @throws never
 */
export function readAdyenNotices({ rawBody, keys, merchantAccount }: AdyenNoticesReading): ReadAdyenNotices {
  const batch = field(parsed(rawBody.toString()), 'notificationItems');
  if (!Array.isArray(batch) || batch.length === 0) {
    return { kind: 'unreadable', detail: 'the body has no notificationItems' };
  }
  const items = batch.map((wrapped: unknown) => field(wrapped, 'NotificationRequestItem'));
  if (!items.every((item) => verifyAdyenItem(item, keys))) return { kind: 'not_signed' };
  const notices: AdyenNotice[] = [];
  for (const item of items) {
    const account = text(item, 'merchantAccountCode') ?? '';
    if (account !== merchantAccount) return { kind: 'not_ours', merchantAccount: scrub(account) };
    const fields = keptOf(item);
    if (fields === null) return { kind: 'unreadable', detail: 'an item has no eventCode or no pspReference' };
    notices.push({ noticeId: noticeIdOf(fields), fields });
  }
  return { kind: 'notices', notices };
}

/**
 * A list of what is kept, not of what is left out: Adyen adds fields, and many are about the buyer or the card. Null
 * when an item cannot be told from others.
 */
function keptOf(item: unknown): NoticeFields | null {
  const kept = (json: unknown, name: string): string | null => {
    const value = text(json, name);
    return value !== null && value.length <= MAX_KEPT_TEXT_LENGTH ? value : null;
  };
  const eventCode = kept(item, 'eventCode');
  const pspReference = kept(item, 'pspReference');
  if (eventCode === null || pspReference === null) return null;
  const amount = field(item, 'amount');
  const additional = field(item, 'additionalData');
  const success = kept(item, 'success');
  const reason = text(item, 'reason');
  // of an approval the reason is "<authorisation code>:<last four digits>:<expiry date>"
  const isCardData = eventCode === 'AUTHORISATION' && success === 'true';
  return {
    merchantAccountCode: kept(item, 'merchantAccountCode'),
    eventCode,
    success,
    pspReference,
    originalReference: kept(item, 'originalReference'),
    merchantReference: kept(item, 'merchantReference'),
    amount: { value: integer(amount, 'value'), currency: kept(amount, 'currency') },
    eventDate: kept(item, 'eventDate'),
    reason: reason === null || isCardData ? null : scrub(reason),
    paymentMethod: kept(item, 'paymentMethod'),
    additionalData: {
      'modification.action': kept(additional, 'modification.action'),
      merchantAdviceCode: kept(additional, 'merchantAdviceCode'),
      cardSummary: lastFour(text(additional, 'cardSummary') ?? (isCardData ? reason?.split(':')[1] : null)),
      ...presentOf(DISPUTE_FIELDS.map((name) => [name, kept(additional, name)] as const)),
    },
  };
}

/** What a dispute is about and until when it may be answered. */
const DISPUTE_FIELDS = [
  'chargebackReasonCode',
  'chargebackSchemeCode',
  'rfiReasonCode',
  'defensePeriodEndsAt',
  'defendable',
  'disputeStatus',
  'capturePspReference',
] as const;

/** Only what is there: a notice without them is known again by what was kept of it before they were. */
const presentOf = (fields: readonly (readonly [string, string | null])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));

const lastFour = (digits: string | null | undefined): string | null =>
  /^\d{4}$/.test(digits ?? '') ? (digits ?? null) : null;

/**
 * Adyen gives its notices no id. Told again they come in the same words, so one is known by all that is kept of it:
 * whatever could change its meaning makes it another. A key of fewer fields would drop, of one capture, the success that
 * follows a failure.
 */
const noticeIdOf = (fields: NoticeFields): string =>
  createHash('sha256').update(JSON.stringify(fields)).digest('hex');
