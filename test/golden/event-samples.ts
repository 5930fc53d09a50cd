import type {
  DisputeStage,
  EventType,
  OperationFailed,
  OperationKind,
  OperationOutcomeUnknown,
  PaymentEvent,
  RefundEvent,
  WebhookEvent,
} from '@tender/domain';
import { disputeIdOf, refundIdOf, refundReferenceOf } from '@tender/domain';
import { outcomes, SAMPLE_PAYMENT_ID, sampleInitiated, sampleStarted } from '@tender/testing';

// as it stands in the files: attempts that began before ids led to their payment keep the ids that they have
const attemptId = 'att_a79d65c9469e5468838592645995d513';
const operationIdOf = (kind: OperationKind): string => `${attemptId}-${kind}-1`;
const asked = { fingerprint: 'fingerprint-of-the-body', requestId: '5f4a0f0e-5a86-5d3c-9b1e-0d3f5a1c2b3d' };
const occurredAt = '2026-03-01T12:00:01.000Z';
const money = { amountMinor: 1099n, currency: 'USD' };

const failed = (kind: OperationKind): OperationFailed => ({
  operationId: operationIdOf(kind),
  attemptId,
  why: 'refused',
  detail: 'the issuer says no',
  pspReference: 'pi_1',
  occurredAt,
});

const unknown = (kind: OperationKind): OperationOutcomeUnknown => ({
  operationId: operationIdOf(kind),
  attemptId,
  why: 'timeout',
  detail: 'no reply in time',
  pspReference: 'pi_1',
  keyBurnt: false,
});

const refundId = refundIdOf('demo', SAMPLE_PAYMENT_ID, 'refund-1');
const given = { refundId, ...money };
const refundAsked = { ...given, fingerprint: asked.fingerprint };
const refundText = { reason: 'requested_by_customer', metadata: [{ key: 'ticket', value: 'T-9' }] };
const stood = { ...given, refundRevision: 4, number: 1 };

const disputed = <Stage extends DisputeStage>(stage: Stage) => ({
  disputeId: disputeIdOf('stripe', 'du_1'),
  attemptId,
  psp: 'stripe' as const,
  stage,
  occurredAt,
  rank: 1,
  feeMinor: 1500n,
  feeCurrency: 'USD',
  evidenceDueBy: '2026-03-15T23:59:59.000Z',
});

/** One event of every type, with every field filled. A new type does not compile until it has its sample. */
export const EVENT_SAMPLES: {
  readonly [Type in EventType]: Extract<PaymentEvent | RefundEvent | WebhookEvent, { type: Type }>['data'];
} = {
  PaymentInitiated: sampleInitiated({
    paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
    statementDescriptor: 'TENDER A-17',
    returnUrl: 'https://shop.example/return',
    buyerReturnUrl: 'https://pay.example/v1/return/pay_486bf88da9ab524e86d8a43de26b4164',
    routingWish: { kind: 'order', psps: ['stripe', 'adyen'] },
    freeText: {
      customerId: 'cus-9',
      description: 'Two tickets',
      metadata: [{ key: 'order', value: 'A-17' }],
    },
  }),
  AttemptStarted: sampleStarted({
    attemptId,
    pspIdempotencyKey: `${attemptId}-authorize-1`,
    statementDescriptor: 'TENDER A-17',
    returnUrl: 'https://shop.example/return',
    customerId: 'cus-9',
  }),
  AttemptActionRequired: { attemptId, pspReference: 'pi_1', action: outcomes.actionRequired.action },
  AttemptAuthorized: {
    attemptId,
    pspReference: 'pi_1',
    ...money,
    card: { brand: 'visa', last4: '4242' },
    occurredAt,
  },
  AttemptDeclined: { attemptId, pspReference: 'pi_1', decline: outcomes.declined.decline, occurredAt },
  AttemptNotSent: { attemptId, why: 'connection_refused', detail: 'ECONNREFUSED' },
  AttemptOutcomeUnknown: {
    attemptId,
    why: 'timeout',
    detail: 'no reply in time',
    pspReference: 'pi_1',
    keyBurnt: false,
  },
  EvidenceRecorded: {
    attemptId,
    operationId: operationIdOf('capture'),
    rung: 'lookup',
    answer: 'not_found',
    detail: 'listed 3 intents',
    pspReference: 'pi_1',
    keyBurnt: false,
  },
  PaymentCaptured: {
    attemptId,
    operationId: operationIdOf('capture'),
    pspReference: 'pi_1',
    ...money,
    occurredAt,
    rank: 1,
  },
  PaymentFailed: {
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
  },
  LateSuccessFound: { attemptId, pspReference: 'pi_1', ...money, captured: true, occurredAt },
  LateSuccessFellBack: {
    attemptId,
    pspReference: 'pi_1',
    ...money,
    detail: 'CAPTURE_FAILED: Capture expired',
    occurredAt,
    rank: 2,
  },
  LateSuccessTakenAgain: { attemptId, pspReference: 'pi_1', ...money, occurredAt, rank: 3 },
  CaptureStarted: {
    operationId: operationIdOf('capture'),
    attemptId,
    pspReference: 'pi_1',
    ...money,
    ...asked,
  },
  CaptureFailed: failed('capture'),
  CaptureReversed: {
    attemptId,
    operationId: operationIdOf('capture'),
    pspReference: 'BJTK53QWERTY0002',
    ...money,
    detail: 'CAPTURE_FAILED: Capture expired',
    occurredAt,
    rank: 2,
  },
  CaptureOutcomeUnknown: unknown('capture'),
  CancelRequested: { ...asked, reason: 'requested_by_customer' },
  CancelStarted: {
    operationId: operationIdOf('cancel'),
    attemptId,
    pspReference: 'pi_1',
    ...money,
    purpose: 'requested',
  },
  CancelFailed: failed('cancel'),
  CancelOutcomeUnknown: unknown('cancel'),
  AttemptVoided: { attemptId, operationId: operationIdOf('cancel'), pspReference: 'pi_1', occurredAt },
  AuthorizationExpired: { attemptId, pspReference: 'pi_1', occurredAt },
  PaymentCanceled: { because: 'requested' },
  ReversalStarted: {
    operationId: operationIdOf('reversal'),
    attemptId,
    pspReference: 'pi_1',
    ...money,
    captured: true,
  },
  ChargeReversed: {
    operationId: operationIdOf('reversal'),
    attemptId,
    pspReference: 're_1',
    ...money,
    captured: true,
    occurredAt,
  },
  ReversalFailed: failed('reversal'),
  ReversalOutcomeUnknown: unknown('reversal'),
  OperationResolved: {
    operationId: operationIdOf('reversal'),
    attemptId,
    found: 'done',
    pspReference: 'BJTK53QWERTY0004',
    occurredAt,
    requestId: asked.requestId,
    fingerprint: asked.fingerprint,
    freeText: { by: 'R. Jansen', evidence: 'Customer Area, refund of 1 March' },
  },
  ActionReturned: { attemptId, result: [{ name: 'redirectResult', value: 'X6XtfGC3' }] },
  RefundReserved: {
    ...refundAsked,
    psp: 'adyen',
    attemptId,
    pspReference: 'BJTK53QWERTY0001',
    captureReference: 'BJTK53QWERTY0002',
    requestVersion: 1,
    representation: 1,
    freeText: refundText,
  },
  RefundSettled: { ...stood, occurredAt },
  RefundReturned: { ...stood, occurredAt },
  RefundRetryGranted: { ...given, number: 2, requestId: asked.requestId },
  RefundReservationReleased: { ...stood, why: 'abandoned' },
  DisputeOpened: {
    ...disputed('opened'),
    reference: 'du_1',
    kind: 'chargeback',
    ...money,
    reason: 'fraudulent',
    networkReasonCode: '10.4',
  },
  DisputeFundsWithdrawn: { ...disputed('funds_withdrawn'), ...money },
  DisputeWon: { ...disputed('funds_reinstated'), ...money, wasLost: false },
  DisputeLost: { ...disputed('lost'), ...money },
  DisputeUpdated: { ...disputed('under_review'), reason: 'fraudulent', networkReasonCode: '10.4' },
  RefundInitiated: {
    ...refundAsked,
    paymentId: SAMPLE_PAYMENT_ID,
    merchant: 'demo',
    psp: 'adyen',
    attemptId,
    pspReference: 'BJTK53QWERTY0001',
    captureReference: 'BJTK53QWERTY0002',
    requestVersion: 1,
    representation: 1,
    freeText: refundText,
  },
  RefundAttemptStarted: {
    ...given,
    number: 1,
    operationId: refundReferenceOf(refundId, 1),
    psp: 'adyen',
    attemptId,
    pspReference: 'BJTK53QWERTY0001',
    captureReference: 'BJTK53QWERTY0002',
    requestVersion: 1,
    reason: 'requested_by_customer',
  },
  RefundAccepted: { ...given, number: 1, pspReference: 'BJTK53QWERTY0003', first: true, occurredAt },
  RefundSucceeded: { ...given, number: 1, pspReference: 'BJTK53QWERTY0003', occurredAt, rank: 1 },
  RefundFailed: {
    ...given,
    number: 1,
    when: 'after_debit',
    reservation: 'kept',
    why: 'returned',
    detail: 'REFUND_FAILED: Account closed',
    pspReference: 'BJTK53QWERTY0003',
    occurredAt,
    rank: 2,
  },
  RefundOutcomeUnknown: {
    refundId,
    number: 1,
    why: 'timeout',
    detail: 'no reply in time',
    pspReference: 'BJTK53QWERTY0003',
    keyBurnt: false,
  },
  RefundEvidenceRecorded: {
    refundId,
    number: 1,
    rung: 'lookup',
    answer: 'not_found',
    detail: 'listed 3 refunds',
    pspReference: 'BJTK53QWERTY0003',
    keyBurnt: false,
  },
  RefundReissued: { ...given, number: 2, requestId: asked.requestId },
  RefundAbandoned: { ...given, reason: 'The buyer was paid by bank transfer' },
  WebhookNoticeReceived: {
    psp: 'adyen',
    noticeId: 'ShopEU/BJTK53QWERTY1234/CAPTURE/true',
    fields: { eventCode: 'CAPTURE', success: 'true', amount: { value: 1099, currency: 'USD' } },
    bodySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
  WebhookNoticeSetAside: { as: 'parked', because: 'no_refund' },
  WebhookNoticeTakenUp: { setAsideAs: 'parked' },
};
