import type { AuthorizeRequest } from '@tender/domain';

export const REQUEST: AuthorizeRequest = {
  requestVersion: 1,
  attemptId: 'att_1',
  paymentId: 'pay_1',
  idempotencyKey: 'att_1-authorize-1',
  amountMinor: 1099n,
  currency: 'USD',
  token: 'adyen_card_ok',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
};

/** What a successful `REQUEST` is answered with, as Adyen writes it. */
export const payment = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  pspReference: 'NC6HT9CRT65ZGN82',
  resultCode: 'Authorised',
  merchantReference: 'att_1',
  amount: { currency: 'USD', value: 1099 },
  paymentMethod: { brand: 'visa', type: 'scheme' },
  additionalData: { authCode: '064231', cardSummary: '1111' },
  ...changes,
});

/** A refusal as the docs show one: no amount and no reference of ours in it. */
export const refusal = (refusalReasonCode: string, refusalReason = 'Refused') => ({
  pspReference: 'KNBFXHZ7KTZG5S82',
  resultCode: 'Refused',
  refusalReason,
  refusalReasonCode,
});
