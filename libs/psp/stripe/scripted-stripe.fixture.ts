import type { AuthorizeRequest, OperationRequest, RefundRequest } from '@tender/domain';

export {
  json,
  startScriptedPsp as startScriptedStripe,
  type Script,
  type SeenRequest,
  type ScriptedPsp as ScriptedStripe,
} from '../scripted-psp.fixture';

export const REQUEST: AuthorizeRequest = {
  requestVersion: 1,
  attemptId: 'att_1',
  paymentId: 'pay_1',
  idempotencyKey: 'att_1-authorize-1',
  amountMinor: 1099n,
  currency: 'USD',
  token: 'pm_card_visa',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
};

/** A capture of the intent that `REQUEST` gives. */
export const OPERATION: OperationRequest = {
  kind: 'capture',
  requestVersion: 1,
  operationId: 'att_1-capture-1',
  attemptId: 'att_1',
  paymentId: 'pay_1',
  pspReference: 'pi_1',
  amountMinor: 1099n,
  currency: 'USD',
  captured: false,
};

/** A refund of the charge that `REQUEST` gives. */
export const REFUND: RefundRequest = {
  requestVersion: 1,
  operationId: 're_0a1b2c3d4e5f50608a90a0b0c0d0e0f0-1',
  refundId: '0a1b2c3d-4e5f-5060-8a90-a0b0c0d0e0f0',
  attemptId: 'att_1',
  paymentId: 'pay_1',
  pspReference: 'pi_1',
  captureReference: null,
  amountMinor: 1099n,
  currency: 'USD',
  reason: null,
};

/** When the intents of these specs were created: 2025-11-23T12:13:20Z. */
export const CREATED_S = 1_763_900_000;

/** The intent that a successful `REQUEST` gives, as Stripe writes it. */
export const intent = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 1099,
  amount_capturable: 0,
  amount_received: 1099,
  created: CREATED_S,
  currency: 'usd',
  last_payment_error: null,
  latest_charge: {
    id: 'ch_1',
    object: 'charge',
    created: CREATED_S + 1,
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
  },
  metadata: { attempt: 'att_1', payment: 'pay_1' },
  next_action: null,
  status: 'succeeded',
  ...changes,
});

/** A refund that gives all of it back, as Stripe writes it. */
export const refund = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: 're_1',
  object: 'refund',
  amount: 1099,
  balance_transaction: 'txn_1',
  charge: 'ch_1',
  created: CREATED_S + 60,
  currency: 'usd',
  metadata: { attempt: 'att_1', payment: 'pay_1', operation: 'att_1-reversal-1' },
  payment_intent: 'pi_1',
  status: 'succeeded',
  ...changes,
});
