import { SAMPLE_ATTEMPT_ID, SAMPLE_PAYMENT_ID, sampleStart, SOME_TIME } from '@tender/testing';
import type { PaymentEvent } from '../payment/payment.events';
import { book } from './book';
import type { BookableEvent, StreamBooks } from './booking';
import type { Journal } from './journal';

const recorded = ({ type, data }: PaymentEvent, revision: number): BookableEvent => ({
  id: `event-${revision}`,
  type,
  data,
  stream: `payment-${SAMPLE_PAYMENT_ID}`,
  revision: BigInt(revision),
  recordedAt: SOME_TIME,
});

function journalsOf(events: readonly PaymentEvent[]): readonly Journal[] {
  let books: StreamBooks | null = null;
  return events.flatMap((event, revision) => {
    const booked = book(recorded(event, revision), books);
    books = booked.books;
    return booked.journals;
  });
}

const money = { amountMinor: 1099n, currency: 'USD' };
const occurredAt = '2026-03-01T12:59:59+01:00';

describe('a sale that is captured at once', () => {
  const charged = { rank: 1, attemptId: SAMPLE_ATTEMPT_ID, pspReference: 'pi_1', ...money, occurredAt };
  const journals = journalsOf([
    ...sampleStart(),
    { type: 'AttemptAuthorized', data: { ...charged, card: null } },
    { type: 'PaymentCaptured', data: { ...charged, operationId: null } },
  ]);

  it('is one journal: the PSP owes it, and the sale is to be cleared', () => {
    expect(journals.map(({ lines }) => lines)).toEqual([
      [
        { ...money, account: '1110', key: SAMPLE_ATTEMPT_ID, side: 'debit', psp: 'stripe' },
        { ...money, account: '2100', key: SAMPLE_PAYMENT_ID, side: 'credit', psp: null },
      ],
    ]);
  });

  it('says whose it is, what it comes from, and when it happened by the PSP’s clock', () => {
    expect(journals[0]).toMatchObject({
      id: 'event-3:1',
      ledger: 'demo',
      payment: SAMPLE_PAYMENT_ID,
      layer: 'posted',
      template: 'payment.captured@1',
      effectiveAt: '2026-03-01T11:59:59.000Z',
      recordedAt: SOME_TIME,
      source: { stream: `payment-${SAMPLE_PAYMENT_ID}`, revision: 3n, eventType: 'PaymentCaptured' },
    });
  });
});
