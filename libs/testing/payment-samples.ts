import type {
  AttemptStarted,
  AuthorizeOutcome,
  InitiatePayment,
  PaymentCommand,
  PaymentEvent,
  PaymentInitiated,
} from '@tender/domain';
import { attemptIdOf, paymentIdOf } from '@tender/domain';

export const SAMPLE_PAYMENT_ID = paymentIdOf('demo', 'order-17');
export const SAMPLE_ATTEMPT_ID = attemptIdOf(SAMPLE_PAYMENT_ID, 1);

export const sampleInitiated = (change: Partial<PaymentInitiated> = {}): PaymentInitiated => ({
  paymentId: SAMPLE_PAYMENT_ID,
  merchant: 'demo',
  fingerprint: 'fingerprint-of-the-body',
  representation: 1,
  waitUntil: '2026-03-01T12:00:10.000Z',
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
  paymentMethod: 'pm_card_visa',
  statementDescriptor: null,
  returnUrl: null,
  buyerReturnUrl: null,
  routingWish: null,
  candidates: [{ psp: 'stripe', token: 'pm_card_visa', requestVersion: 1, reason: 'default order' }],
  freeText: { customerId: null, description: null, metadata: [] },
  ...change,
});

export const sampleStarted = (change: Partial<AttemptStarted> = {}): AttemptStarted => ({
  attemptId: SAMPLE_ATTEMPT_ID,
  number: 1,
  psp: 'stripe',
  reason: 'default order',
  requestVersion: 1,
  pspIdempotencyKey: `${SAMPLE_ATTEMPT_ID}-authorize-1`,
  token: 'pm_card_visa',
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
  ...change,
});

/** A payment whose first attempt is under way: two events in one append. */
export const sampleStart = (change: Partial<PaymentInitiated> = {}): readonly PaymentEvent[] => {
  const initiated = sampleInitiated(change);
  const { captureMethod, amountMinor, currency } = initiated;
  return [
    { type: 'PaymentInitiated', data: initiated },
    { type: 'AttemptStarted', data: sampleStarted({ captureMethod, amountMinor, currency }) },
  ];
};

export const initiate = (change: Partial<PaymentInitiated> = {}): PaymentCommand => ({
  type: 'InitiatePayment',
  data: { initiated: sampleInitiated(change) } satisfies InitiatePayment,
});

export const recordOutcome = (outcome: AuthorizeOutcome, surelyFirstSend = true): PaymentCommand => ({
  type: 'RecordAttemptOutcome',
  data: {
    attemptId: SAMPLE_ATTEMPT_ID,
    outcome,
    heardBy: 'reply',
    surelyFirstSend,
    heardAt: '2026-03-01T12:00:01.000Z',
  },
});

/** One outcome of every kind. */
export const outcomes = {
  captured: {
    kind: 'approved',
    pspReference: 'pi_1',
    amountMinor: 1099n,
    captured: true,
    card: { brand: 'visa', last4: '4242' },
    occurredAt: '2026-03-01T12:00:01.000Z',
  },
  authorized: {
    kind: 'approved',
    pspReference: 'pi_1',
    amountMinor: 1099n,
    captured: false,
    card: null,
    occurredAt: '2026-03-01T12:00:01.000Z',
  },
  declined: {
    kind: 'declined',
    pspReference: 'pi_1',
    decline: {
      code: 'insufficient_funds',
      category: 'soft_decline',
      message: 'The card has insufficient funds.',
      pspCode: 'insufficient_funds',
    },
    occurredAt: '2026-03-01T12:00:01.000Z',
  },
  notSent: { kind: 'not_sent', why: 'connection_refused', detail: 'ECONNREFUSED' },
  pending: { kind: 'pending', pspReference: 'pi_1' },
  actionRequired: {
    kind: 'action_required',
    pspReference: 'pi_1',
    action: { type: 'redirect', url: 'https://psp.example/3ds' },
  },
  unknown: { kind: 'unknown', why: 'timeout', detail: '', pspReference: null, keyBurnt: false },
  burnt: { kind: 'unknown', why: 'server_error', detail: '', pspReference: null, keyBurnt: true },
} as const satisfies Record<string, AuthorizeOutcome>;
