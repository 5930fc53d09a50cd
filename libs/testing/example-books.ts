import type {
  CaptureMethod,
  DomainEvent,
  Journal,
  PaymentEvent,
  PaymentInitiated,
  Posting,
  RefundEvent,
  StreamBooks,
} from '@tender/domain';
import { book, journalsOf, post, PSP_CHARGE_RECORDED, PSP_REFUND_RECORDED } from '@tender/domain';
import { recordedAs } from './books';
import { sampleInitiated } from './payment-samples';
import { bookedRefundInitiated } from './refund-histories';

/** What one event of an example posted. */
export interface ExampleStep {
  /** The event, in words for the page. */
  readonly says: string;
  readonly eventType: string;
  readonly journals: readonly Journal[];
}

export interface Example {
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly ExampleStep[];
}

/** Events in full, with what every example has in common filled in. */
type Told<Event extends DomainEvent> = {
  readonly [Type in Event['type']]: Partial<Extract<Event, { type: Type }>['data']>;
};

export interface ExampleBooks {
  /** An event of a payment's stream, booked as the ledger books it. */
  readonly payment: <Type extends PaymentEvent['type']>(
    id: string,
    type: Type,
    data?: Told<PaymentEvent>[Type],
    says?: string,
  ) => void;
  /** An event of a refund's stream. */
  readonly refund: <Type extends RefundEvent['type']>(
    id: string,
    type: Type,
    data?: Told<RefundEvent>[Type],
    says?: string,
  ) => void;
  /** An event that Tender does not record yet: by the template that is ready for it. */
  readonly later: (eventType: string, says: string, ...postings: readonly Posting[]) => void;
  readonly example: (title: string, meaning: string, tell: () => void) => void;
  readonly examples: readonly Example[];
}

export const psp = 'stripe';
export const pspAccount = 'stripe';
export const currency = 'USD';
export const money = { psp, currency } as const;

const MERCHANT = 'demo';

export function exampleBooks(): ExampleBooks {
  const examples: Example[] = [];
  const streams = new Map<string, { books: StreamBooks | null; revision: number; common: object }>();
  let steps: ExampleStep[] = [];
  const now = (): string => `2026-03-${(examples.length + 1).toString().padStart(2, '0')}T12:00:00.000Z`;

  const record = (stream: string, { type, data }: DomainEvent, says: string): void => {
    const known = streams.get(stream) ?? { books: null, revision: 0, common: data };
    const full = { ...known.common, occurredAt: now(), rank: 1, ...data };
    const booked = book(recordedAs({ type, data: full }, stream, known.revision, now()), known.books);
    streams.set(stream, { ...known, books: booked.books, revision: known.revision + 1 });
    steps.push({ says, eventType: type, journals: booked.journals });
  };

  return {
    examples,
    payment(id, type, data, says = '') {
      const common = { attemptId: `att_${id}`, operationId: null, pspReference: `pi_${id}` };
      const initiated: Partial<PaymentInitiated> = { paymentId: id, merchant: MERCHANT };
      const rest = type === 'PaymentInitiated' ? sampleInitiated({ ...initiated, ...data }) : data;
      record(`payment-${id}`, { type, data: { ...common, ...rest } }, says);
    },
    refund(id, type, data, says = '') {
      const rest =
        type === 'RefundInitiated'
          ? bookedRefundInitiated({ refundId: id, merchant: MERCHANT, ...data })
          : { refundId: id, number: 1, ...data };
      record(`refund-${id}`, { type, data: rest }, says);
    },
    later(eventType, says, ...postings) {
      const id = `later-${examples.length + 1}-${steps.length + 1}`;
      const event = { id, type: eventType, stream: 'settlement-1', revision: 0n, recordedAt: now() };
      const circumstances = { event, ledger: MERCHANT, payment: null, effectiveAt: now() };
      steps.push({ says, eventType, journals: journalsOf(circumstances, postings) });
    },
    example(title, meaning, tell) {
      steps = [];
      tell();
      examples.push({ title, meaning, steps });
    },
  };
}

export function begun(
  { payment }: ExampleBooks,
  id: string,
  amountMinor: bigint,
  captureMethod: CaptureMethod,
  cur = currency,
): void {
  payment(id, 'PaymentInitiated', { amountMinor, captureMethod, currency: cur });
  payment(id, 'AttemptStarted', { psp });
}

export function sold(books: ExampleBooks, id: string, amountMinor: bigint, fee: bigint): void {
  begun(books, id, amountMinor, 'automatic');
  books.payment(id, 'PaymentCaptured', { amountMinor });
  charged(books, id, amountMinor, fee);
}

export const charged = ({ later }: ExampleBooks, id: string, gross: bigint, fee: bigint): void => {
  later(
    'PspEntryRecorded',
    'the PSP’s record of the charge, less its fee',
    post(PSP_CHARGE_RECORDED, { ...money, pspAccount, attempt: `att_${id}`, gross, fee }),
  );
};

export const refundRecorded = ({ later }: ExampleBooks, refund: string, refunded: bigint): void => {
  later(
    'PspEntryRecorded',
    'the PSP’s record of the refund: it has left the balance',
    post(PSP_REFUND_RECORDED, { ...money, pspAccount, refund, refunded, fee: 0n }),
  );
};
