import type { EventType, PaymentEvent, WebhookEvent } from '@tender/domain';
import { outcomes, SAMPLE_ATTEMPT_ID, sampleInitiated, sampleStarted } from '@tender/testing';

const attemptId = SAMPLE_ATTEMPT_ID;
const occurredAt = '2026-03-01T12:00:01.000Z';
const money = { amountMinor: 1099n, currency: 'USD' };

/** One event of every type, with every field filled. A new type does not compile until it has its sample. */
export const EVENT_SAMPLES: {
  readonly [Type in EventType]: Extract<PaymentEvent | WebhookEvent, { type: Type }>['data'];
} = {
  PaymentInitiated: sampleInitiated({
    paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_card_ok' },
    statementDescriptor: 'TENDER A-17',
    returnUrl: 'https://shop.example/return',
    routingWish: { kind: 'order', psps: ['stripe', 'adyen'] },
    freeText: {
      customerId: 'cus-9',
      description: 'Two tickets',
      metadata: [{ key: 'order', value: 'A-17' }],
    },
  }),
  AttemptStarted: sampleStarted({
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
    rung: 'lookup',
    answer: 'not_found',
    detail: 'listed 3 intents',
    pspReference: 'pi_1',
    keyBurnt: false,
  },
  PaymentCaptured: { attemptId, pspReference: 'pi_1', ...money, occurredAt },
  PaymentFailed: {
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
  },
  LateSuccessFound: { attemptId, pspReference: 'pi_1', ...money, captured: true, occurredAt },
  WebhookNoticeReceived: {
    psp: 'adyen',
    noticeId: 'ShopEU/BJTK53QWERTY1234/CAPTURE/true',
    fields: { eventCode: 'CAPTURE', success: 'true', amount: { value: 1099, currency: 'USD' } },
    bodySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
};
