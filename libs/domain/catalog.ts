import type { PaymentEvent } from './payment/payment.events';
import { RESULT_RANK } from './psp/fact-order';
import type { RefundEvent } from './refund/refund.events';
import type { WebhookEvent } from './webhook/webhook.events';

/** How the log stores one type of event. */
export interface EventSchema {
  /** Version that new events are written with; the golden files hold one example of each. */
  readonly version: number;
  readonly upcast?: Readonly<Record<number, (data: Record<string, unknown>) => Record<string, unknown>>>;
  /** One sentence for the generated catalogue of events. */
  readonly meaning: string;
}

/** What streams `payment-…` hold. */
export const PAYMENT_EVENTS: Readonly<Record<PaymentEvent['type'], EventSchema>> = {
  PaymentInitiated: {
    version: 2,
    upcast: { 1: (data) => ({ ...data, buyerReturnUrl: null }) },
    meaning: 'A merchant asked for a charge; everything requested is in it.',
  },
  AttemptStarted: {
    version: 1,
    meaning: 'One PSP is about to be asked, with this idempotency key. Durable before the call.',
  },
  AttemptActionRequired: { version: 1, meaning: 'The PSP wants the buyer to authenticate first.' },
  AttemptAuthorized: { version: 1, meaning: 'The PSP holds the amount for us.' },
  AttemptDeclined: { version: 1, meaning: 'The PSP or the issuer said no; nothing was charged.' },
  AttemptNotSent: { version: 1, meaning: 'Proof that the PSP processed nothing for this attempt.' },
  AttemptOutcomeUnknown: {
    version: 1,
    meaning: 'A PSP was asked and we do not know; a search for evidence begins.',
  },
  EvidenceRecorded: {
    version: 2,
    upcast: { 1: (data) => ({ ...data, operationId: null }) },
    meaning: 'One step of a search was taken and proved nothing yet.',
  },
  PaymentCaptured: {
    version: 3,
    upcast: {
      1: (data) => ({ ...data, operationId: null }),
      2: (data) => ({ ...data, rank: RESULT_RANK }),
    },
    meaning: 'The money is taken; the PSP owes it to the merchant.',
  },
  PaymentFailed: { version: 1, meaning: 'No attempt charged the buyer, and none will be made.' },
  LateSuccessFound: {
    version: 1,
    meaning: 'A charge surfaced for an attempt that had ended as not charged, or that nobody wants any more.',
  },
  LateSuccessFellBack: {
    version: 1,
    meaning: 'The scheme took back the money of such a charge; the PSP has nothing of it.',
  },
  LateSuccessTakenAgain: { version: 1, meaning: 'The PSP has the money of such a charge once more.' },
  CaptureStarted: {
    version: 1,
    meaning: 'The merchant wants the held money; the PSP is about to be asked, with this key.',
  },
  CaptureFailed: { version: 1, meaning: 'The PSP did not capture, and that is final.' },
  CaptureReversed: {
    version: 1,
    meaning: 'The scheme took back what had been captured; the PSP owes it no more.',
  },
  CaptureOutcomeUnknown: {
    version: 1,
    meaning: 'The PSP was asked to capture and has not said how it ended; a search begins.',
  },
  CancelRequested: {
    version: 1,
    meaning: 'The merchant wants the payment ended; nothing that could charge leaves any more.',
  },
  CancelStarted: { version: 1, meaning: 'The PSP is about to be asked to end an attempt, with this key.' },
  CancelFailed: { version: 1, meaning: 'The PSP did not end the attempt, and that is final.' },
  CancelOutcomeUnknown: {
    version: 1,
    meaning: 'The PSP was asked to end an attempt and has not said how it ended; a search begins.',
  },
  AttemptVoided: { version: 1, meaning: 'The PSP ended the attempt; it holds nothing and took nothing.' },
  AuthorizationExpired: { version: 1, meaning: 'Nobody captured in time; the PSP holds nothing any more.' },
  PaymentCanceled: { version: 1, meaning: 'The payment ended without a charge, on purpose.' },
  ReversalStarted: {
    version: 1,
    meaning: 'A charge that has no sale is about to be given back, with this key.',
  },
  ReversalWithheld: {
    version: 1,
    meaning: 'A charge that has no sale is not given back as long as a bank has money of it.',
  },
  ChargeReversed: { version: 1, meaning: 'That charge was given back in full.' },
  ReversalFailed: { version: 1, meaning: 'The PSP did not give the charge back, and that is final.' },
  ReversalOutcomeUnknown: {
    version: 1,
    meaning: 'The PSP was asked to give a charge back and has not said how it ended; a search begins.',
  },
  OperationResolved: {
    version: 1,
    meaning: 'An operator found out at the PSP how an operation stands; what follows stands before it.',
  },
  ActionReturned: { version: 1, meaning: 'The buyer is back from the PSP’s page.' },
  RefundReserved: {
    version: 1,
    meaning: 'A merchant wants money given back: so much of what was captured is spoken for.',
  },
  RefundSettled: { version: 1, meaning: 'The PSP has given that money back.' },
  RefundReturned: {
    version: 1,
    meaning: 'What had been given back came back to us: it is owed still, and stays reserved.',
  },
  RefundRetryGranted: {
    version: 1,
    meaning:
      'Money of a refund that is owed still may be given back by another try: no dispute has taken it.',
  },
  RefundReservationReleased: { version: 1, meaning: 'The refund takes nothing of the payment any more.' },
  DisputeOpened: {
    version: 2,
    upcast: { 1: (data) => ({ ...data, paymentReference: null }) },
    meaning: 'The buyer’s bank asks about the charge, or wants it back.',
  },
  DisputeFundsWithdrawn: { version: 1, meaning: 'The PSP has taken the disputed amount from the balance.' },
  DisputeWon: {
    version: 1,
    meaning: 'A dispute was decided for the merchant, or the PSP has put its amount back.',
  },
  DisputeLost: { version: 1, meaning: 'A dispute was decided for the buyer, for good.' },
  DisputeUpdated: {
    version: 1,
    meaning: 'Another word about a dispute, which moves no money by itself; a fee may come with it.',
  },
};

/** What streams `refund-…` hold. */
export const REFUND_EVENTS: Readonly<Record<RefundEvent['type'], EventSchema>> = {
  RefundInitiated: {
    version: 1,
    meaning: 'A refund begins; its amount is reserved on the payment already.',
  },
  RefundAttemptStarted: {
    version: 1,
    meaning: 'The PSP that captured is about to be asked, with this key. Durable before the call.',
  },
  RefundAccepted: {
    version: 1,
    meaning: 'The PSP has taken the refund upon itself: from here on the money is owed to the buyer.',
  },
  RefundSucceeded: { version: 1, meaning: 'The PSP has given the money back.' },
  RefundFailed: {
    version: 1,
    meaning: 'The money does not reach the buyer, or came back, before or after the PSP’s debit.',
  },
  RefundOutcomeUnknown: {
    version: 1,
    meaning: 'The PSP was asked and has not said how it ended; a search begins.',
  },
  RefundEvidenceRecorded: {
    version: 1,
    meaning: 'One step of a search was taken and proved nothing yet, or an earlier try was paid out.',
  },
  RefundReissued: { version: 1, meaning: 'Money that is owed still is given back by another try.' },
  RefundResolved: {
    version: 1,
    meaning: 'An operator found out at the PSP how a refund stands; what follows stands before it.',
  },
  RefundAbandoned: { version: 1, meaning: 'An operator gave a failed refund up; nothing is owed any more.' },
};

/** What streams `webhook-…` hold. */
export const WEBHOOK_EVENTS: Readonly<Record<WebhookEvent['type'], EventSchema>> = {
  WebhookNoticeReceived: {
    version: 1,
    meaning: 'A PSP told us something by itself: its signature fits, and what it means is read later.',
  },
  WebhookNoticeSetAside: {
    version: 1,
    meaning: 'A notice was read and told nobody anything, because of this.',
  },
  WebhookNoticeTakenUp: {
    version: 1,
    meaning: 'A notice that had been set aside was read again, and told.',
  },
};

export type PaymentEventType = PaymentEvent['type'];
export type EventType = PaymentEventType | RefundEvent['type'] | WebhookEvent['type'];

/**
 * Every event that Tender records. A new event does not compile until it stands here, and a stored event that
 * does not stand here stops its reader: skipping what we do not understand would be losing money quietly.
 */
export const EVENT_CATALOG: Readonly<Record<EventType, EventSchema>> = {
  ...PAYMENT_EVENTS,
  ...REFUND_EVENTS,
  ...WEBHOOK_EVENTS,
};
