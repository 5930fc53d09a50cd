import { createHmac } from 'node:crypto';

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
