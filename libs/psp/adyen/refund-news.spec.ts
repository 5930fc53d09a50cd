import type { RefundAsked, RefundNews } from '@tender/domain';
import * as fc from 'fast-check';
import type { Item } from './adyen-notice.fixture';
import { fieldsOf, resultItem } from './adyen-notice.fixture';
import { REFUND_NOTICE_ROWS } from './notice-table';
import { adyenNotices } from './notice-translator';
import { ATTEMPT_ID, REFUND } from './scripted-adyen.fixture';

const { operationId, refundId } = REFUND;
const ASKED: RefundAsked = { attemptId: ATTEMPT_ID, operationId, amountMinor: 1099n, currency: 'USD' };

const refundItem = (eventCode: string, changes: Item = {}): Item =>
  resultItem(eventCode, 'x', { merchantReference: operationId, ...changes });
const newsOf = (item: Item, asked: Partial<RefundAsked> = {}): RefundNews =>
  adyenNotices.translateRefund(fieldsOf(item), { ...ASKED, ...asked });

const told = (rank: number, outcome: object) => ({
  kind: 'refund',
  pspReference: 'WNS7WQ756L2GWR82',
  rank,
  outcome: { pspReference: 'WNS7WQ756L2GWR82', ...outcome },
});
const failed = (why: string, debited: boolean) => told(2, { kind: 'failed', why, debited });
const NOT_SUCCESSFUL = { success: 'false' };

// Written from Adyen's docs ("Refund", "Failed refund", "Reversed refund") without the tables.
it.each<[string, Item, object]>([
  [
    'given back, and our balance debited',
    refundItem('REFUND'),
    told(1, { kind: 'succeeded', amountMinor: 1099n, occurredAt: '2026-01-02T00:00:00.000Z' }),
  ],
  [
    'rejected before any money moved',
    refundItem('REFUND', { ...NOT_SUCCESSFUL, reason: 'No' }),
    failed('refused', false),
  ],
  [
    'rejected since there is not so much left',
    refundItem('REFUND', { ...NOT_SUCCESSFUL, reason: 'Insufficient balance on payment' }),
    failed('exceeds_captured', false),
  ],
  [
    'rejected since nothing was taken',
    refundItem('REFUND', {
      ...NOT_SUCCESSFUL,
      reason: 'Transaction hasn’t been captured, refund not possible',
    }),
    failed('not_refundable', false),
  ],
  ['failed after the debit', refundItem('REFUND_FAILED'), failed('refused', true)],
  ['come back from the buyer’s bank', refundItem('REFUNDED_REVERSED'), failed('returned', true)],
  [
    'another amount',
    refundItem('REFUND', { amount: { currency: 'USD', value: 1098 } }),
    told(0, { kind: 'unknown' }),
  ],
  [
    'another currency',
    refundItem('REFUND', { amount: { currency: 'EUR', value: 1099 } }),
    told(0, { kind: 'unknown' }),
  ],
  [
    'a failure of another amount',
    refundItem('REFUND_FAILED', { amount: { currency: 'USD', value: 1 } }),
    told(0, { kind: 'unknown' }),
  ],
])('%s', (_name, item, expected) => {
  expect(newsOf(item)).toMatchObject(expected);
});

it.each(['REFUND_FAILED', 'REFUNDED_REVERSED'])('a %s that itself failed tells nothing', (eventCode) => {
  expect(newsOf(refundItem(eventCode, NOT_SUCCESSFUL))).toMatchObject({ kind: 'ignored' });
});

it('amounts are told in our units', () => {
  const item = refundItem('REFUND', { amount: { currency: 'IDR', value: 15_000 } });
  expect(newsOf(item, { currency: 'IDR', amountMinor: 1_500_000n })).toMatchObject({
    outcome: { kind: 'succeeded', amountMinor: 1_500_000n },
  });
});

it('leads to the refund and to the try that it is about', () => {
  expect(adyenNotices.subjectOf(fieldsOf(refundItem('REFUND')))).toEqual({
    kind: 'refund',
    refundId,
    operationId,
  });
});

it('says of another try nothing about this one', () => {
  const merchantReference = operationId.replace(/1$/, '2');
  expect(newsOf(refundItem('REFUND', { merchantReference })).kind).toBe('ignored');
});

it('no event but the three says anything of a refund', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constantFrom('AUTHORISATION', 'CAPTURE', 'CANCEL_OR_REFUND', 'CHARGEBACK', 'constructor', ''),
        fc.string({ minLength: 1, maxLength: 20 }),
      ),
      fc.constantFrom('true', 'false'),
      (eventCode, success) => {
        fc.pre(!Object.hasOwn(REFUND_NOTICE_ROWS, eventCode));
        const fields = { ...fieldsOf(refundItem('REFUND')), eventCode, success };
        expect(adyenNotices.translateRefund(fields, ASKED).kind).toBe('ignored');
      },
    ),
  );
});
