import { createHmac } from 'node:crypto';
import { adyenSignatureOf } from '@tender/psp/adyen';

export const STRIPE_SECRETS = [`whsec_${'old'.repeat(10)}`, `whsec_${'new'.repeat(10)}`] as const;

/** An event as Stripe tells it, with what a person's data would look like beside it. */
export const stripeEvent = (id: string, type = 'payment_intent.succeeded', object: object = {}): object => ({
  id,
  object: 'event',
  api_version: '2026-10-28.endive',
  created: 1_772_366_401,
  livemode: false,
  request: { id: 'req_1', idempotency_key: 'att_1' },
  type,
  data: { object: { id: 'pi_1', object: 'payment_intent', receipt_email: 'jane@buyer.example', ...object } },
});

/** The value of `Stripe-Signature` for these bytes. */
export function stripeSignature(body: string, secret: string = STRIPE_SECRETS[0], atMs = Date.now()): string {
  const time = Math.floor(atMs / 1_000);
  const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return `t=${time},v1=${mac}`;
}

export const ADYEN_ACCOUNT = {
  hmacKeys: ['0f'.repeat(32), 'f0'.repeat(32)],
  merchantAccount: 'TenderECOM',
  basicAuth: null,
} as const;

/** One item of a batch, signed with the first key unless another is given; null: not signed. */
export function adyenItem(change: object = {}, key: string | null = ADYEN_ACCOUNT.hmacKeys[0]): object {
  const item = {
    amount: { currency: 'EUR', value: 1099 },
    eventCode: 'CAPTURE',
    eventDate: '2026-03-01T12:00:01+00:00',
    merchantAccountCode: ADYEN_ACCOUNT.merchantAccount,
    merchantReference: 'order-1',
    originalReference: 'BJTK53QWERTY0001',
    pspReference: 'BJTK53QWERTY0002',
    reason: '',
    shopperEmail: 'jane@buyer.example',
    success: 'true',
    ...change,
  };
  if (key === null) return item;
  return { ...item, additionalData: { hmacSignature: adyenSignatureOf(item, key) } };
}

export const adyenBatch = (...items: readonly object[]): string =>
  JSON.stringify({
    live: 'false',
    notificationItems: items.map((item) => ({ NotificationRequestItem: item })),
  });
