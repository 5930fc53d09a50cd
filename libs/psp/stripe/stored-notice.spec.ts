import * as fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { stripeNotices } from './notice-translator';
import { CREATED_S, intent } from './scripted-stripe.fixture';
import {
  MAX_KEPT_ITEMS,
  MAX_KEPT_TEXT_LENGTH,
  MAX_NOTICE_ID_LENGTH,
  readStripeNotice,
  type ReadNotice,
} from './stored-notice';

const SECRET = 'whsec_test_secret';
const NOW_MS = CREATED_S * 1000;

const EVENT = {
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  api_version: '2026-10-28.endive',
  created: CREATED_S,
  livemode: false,
  pending_webhooks: 1,
  request: { id: 'req_1', idempotency_key: 'att_1-authorize-1' },
  data: { object: intent({ latest_charge: 'ch_1' }) },
};

function read(body: string, secret = SECRET): ReadNotice {
  const v1 = createHmac('sha256', secret).update(`${CREATED_S}.${body}`).digest('hex');
  return readStripeNotice({
    rawBody: Buffer.from(body),
    signature: `t=${CREATED_S},v1=${v1}`,
    secrets: [SECRET],
    nowMs: NOW_MS,
    toleranceMs: 300_000,
  });
}

function kept(event: object): Record<string, unknown> {
  const answer = read(JSON.stringify(event));
  if (answer.kind !== 'notice') throw new Error(answer.kind);
  return answer.notice.fields;
}

it('an event is stored under its own id, and means the same as before', () => {
  const answer = read(JSON.stringify(EVENT));
  expect(answer).toMatchObject({ kind: 'notice', notice: { noticeId: 'evt_1' } });
  const asked = {
    attemptId: 'att_1',
    amountMinor: 1099n,
    currency: 'USD',
    captureMethod: 'automatic',
  } as const;
  expect(stripeNotices.translate(kept(EVENT), asked)).toEqual(stripeNotices.translate(EVENT, asked));
});

it('nothing about a person is kept, and nothing that nobody has listed', () => {
  const buyer = 'ada@example.org';
  const about = {
    customer: 'cus_1',
    receipt_email: buyer,
    description: buyer,
    client_secret: 'pi_1_secret_x',
    shipping: { name: buyer },
    metadata: { attempt: 'att_1', note: buyer },
    last_payment_error: { code: 'card_declined', payment_method: { billing_details: { email: buyer } } },
    // expanded where an id is expected
    latest_charge: { id: 'ch_1', billing_details: { email: buyer } },
    payment_method_details: { card: { last4: '4242', fingerprint: 'f' } },
  };
  const text = JSON.stringify(kept({ ...EVENT, data: { object: { ...intent(), ...about } } }));
  for (const secret of [buyer, 'cus_1', 'secret', '4242']) expect(text).not.toContain(secret);
  expect(text).toContain('"attempt":"att_1"');
  expect(text).toContain('"last_payment_error":{"code":"card_declined"}');
});

it('of a list no more is kept than the limit, and of its items what is listed', () => {
  const lines = (count: number) => {
    const line = { id: 'txn_1', amount: -1, fee: 1, description: 'ada@example.org' };
    const balance_transactions = Array.from({ length: count }, () => line);
    const fields = kept({ ...EVENT, data: { object: { id: 'du_1', balance_transactions } } });
    return (fields.data as { object: { balance_transactions: object[] } }).object.balance_transactions;
  };
  expect(lines(MAX_KEPT_ITEMS)).toHaveLength(MAX_KEPT_ITEMS);
  expect(lines(MAX_KEPT_ITEMS + 1)).toHaveLength(MAX_KEPT_ITEMS);
  expect(lines(1)).toEqual([{ id: 'txn_1', amount: -1, fee: 1 }]);
});

it('a text at the limit is kept, a longer one is not', () => {
  const withText = (length: number) => kept({ ...EVENT, type: 'x'.repeat(length) });
  expect(withText(MAX_KEPT_TEXT_LENGTH)).toHaveProperty('type');
  expect(withText(MAX_KEPT_TEXT_LENGTH + 1)).not.toHaveProperty('type');
});

it.each([
  ['no JSON', '<html>'],
  ['no object', '1'],
  ['no event', JSON.stringify({ ...EVENT, object: 'charge' })],
  ['no id', JSON.stringify({ ...EVENT, id: null })],
  ['an id beyond the limit', JSON.stringify({ ...EVENT, id: 'e'.repeat(MAX_NOTICE_ID_LENGTH + 1) })],
  ['no type', JSON.stringify({ ...EVENT, type: 7 })],
])('signed, and yet %s', (_name, body) => {
  expect(read(body).kind).toBe('unreadable');
});

it('an id at the limit is an id', () => {
  expect(read(JSON.stringify({ ...EVENT, id: 'e'.repeat(MAX_NOTICE_ID_LENGTH) })).kind).toBe('notice');
});

it('what is not signed is not read', () => {
  expect(read(JSON.stringify(EVENT), 'whsec_another').kind).toBe('not_signed');
});

it('whatever is signed is answered', () => {
  fc.assert(
    fc.property(fc.json(), (body) => {
      expect(['notice', 'unreadable']).toContain(read(body).kind);
    }),
  );
});
