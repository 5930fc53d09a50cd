import type { NoticeFields } from '@tender/domain';
import { ATTEMPT_ID } from './scripted-adyen.fixture';
import { readAdyenNotices } from './stored-notices';
import { signatureOf } from './verify-item';

export const HMAC_KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
export const MERCHANT_ACCOUNT = 'TenderECOM';

export type Item = Readonly<Record<string, unknown>>;

/** The approval of an attempt of 10.99 USD, as Adyen writes it. */
export const approvedItem = (changes: Item = {}): Item => ({
  additionalData: { cardSummary: '1111', cardHolderName: 'J. Doe', shopperEmail: 'j@doe.example' },
  amount: { currency: 'USD', value: 1099 },
  eventCode: 'AUTHORISATION',
  eventDate: '2026-01-01T01:00:00+01:00',
  merchantAccountCode: MERCHANT_ACCOUNT,
  merchantReference: ATTEMPT_ID,
  operations: ['CANCEL', 'CAPTURE', 'REFUND'],
  paymentMethod: 'visa',
  pspReference: 'NC6HT9CRT65ZGN82',
  reason: '064231:1111:03/2030',
  success: 'true',
  ...changes,
});

/** The result of an operation on it. */
export const resultItem = (eventCode: string, operation: string, changes: Item = {}): Item => ({
  additionalData: {},
  amount: { currency: 'USD', value: 1099 },
  eventCode,
  eventDate: '2026-01-02T01:00:00+01:00',
  merchantAccountCode: MERCHANT_ACCOUNT,
  merchantReference: `${ATTEMPT_ID}-${operation}-1`,
  originalReference: 'NC6HT9CRT65ZGN82',
  paymentMethod: 'visa',
  pspReference: 'WNS7WQ756L2GWR82',
  reason: '',
  success: 'true',
  ...changes,
});

export const signed = (item: Item, key = HMAC_KEY): Item => ({
  ...item,
  additionalData: { ...(item.additionalData as object), hmacSignature: signatureOf(item, key) },
});

export const webhookOf = (...items: readonly unknown[]): string =>
  JSON.stringify({
    live: 'false',
    notificationItems: items.map((item) => ({ NotificationRequestItem: item })),
  });

/** As it is stored: signed, verified, and through JSON. */
export function fieldsOf(item: Item): NoticeFields {
  const answer = readAdyenNotices({
    rawBody: webhookOf(signed(item)),
    keys: [HMAC_KEY],
    merchantAccount: MERCHANT_ACCOUNT,
  });
  if (answer.kind !== 'notices') throw new Error(answer.kind);
  return JSON.parse(JSON.stringify(answer.notices[0]?.fields)) as NoticeFields;
}
