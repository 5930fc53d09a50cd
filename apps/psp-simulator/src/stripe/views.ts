import { declineOf } from './declines';
import { isDisputed } from './dispute';
import { amountCapturable, clientSecret, latestCharge, type Charge, type Intent } from './intent';
import { refundedAmount, type Refund } from './refund';
import { testPaymentMethod } from './test-payment-methods';

/** What rendering needs to know of the server. */
export interface View {
  /** Origin of the challenge pages. */
  readonly origin: string;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The fields of API version 2026-10-28 that card payments fill; what a list of one object needs is expanded on demand. */
export function intentJson(intent: Intent, expand: readonly string[], view: View): object {
  const charge = latestCharge(intent);
  const { cancel, paymentMethod } = intent;
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount,
    amount_capturable: amountCapturable(intent),
    amount_details: { tip: {} },
    amount_received: intent.amountReceived,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: cancel === null ? null : seconds(cancel.atMs),
    cancellation_reason: cancel?.reason ?? null,
    capture_method: intent.captureMethod,
    client_secret: clientSecret(intent),
    confirmation_method: intent.confirmationMethod,
    created: seconds(intent.createdMs),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    last_payment_error: lastErrorJson(intent, charge),
    latest_charge:
      charge === undefined ? null : expand.includes('latest_charge') ? chargeJson(charge, intent) : charge.id,
    livemode: false,
    metadata: intent.metadata,
    next_action: nextActionJson(intent, view),
    on_behalf_of: null,
    payment_method:
      paymentMethod !== null && expand.includes('payment_method')
        ? paymentMethodJson(paymentMethod, intent.createdMs)
        : paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: intent.paymentMethodTypes,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: intent.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: intent.statementDescriptor,
    statement_descriptor_suffix: intent.statementDescriptorSuffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: intent.transferGroup,
  };
}

function lastErrorJson(intent: Intent, charge: Charge | undefined): object | null {
  if (intent.lastError === null) return null;
  const decline = declineOf(intent.lastError.decline);
  return {
    ...(decline.adviceCode === null ? {} : { advice_code: decline.adviceCode }),
    ...(charge === undefined ? {} : { charge: charge.id }),
    code: decline.code,
    decline_code: decline.declineCode,
    message: decline.message,
    ...(decline.param === undefined ? {} : { param: decline.param }),
    payment_method: paymentMethodJson(intent.lastError.paymentMethod, intent.createdMs),
    type: decline.code === 'payment_intent_authentication_failure' ? 'invalid_request_error' : 'card_error',
  };
}

function nextActionJson(intent: Intent, view: View): object | null {
  if (intent.status !== 'requires_action') return null;
  return {
    redirect_to_url: { return_url: intent.returnUrl, url: `${view.origin}/_sim/3ds/${intent.id}` },
    type: 'redirect_to_url',
  };
}

export function chargeJson(charge: Charge, intent: Intent): object {
  const decline = charge.decline === null ? null : declineOf(charge.decline);
  const method = testPaymentMethod(charge.paymentMethod);
  const amountRefunded = charge.released
    ? charge.amount
    : charge.captured
      ? charge.amount - charge.amountCaptured + refundedAmount(intent)
      : 0;
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: amountRefunded,
    balance_transaction: null,
    captured: charge.captured,
    created: seconds(charge.createdMs),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: charge.captured && isDisputed(intent.dispute),
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    outcome: {
      advice_code: decline?.adviceCode ?? null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: decline === null ? 'approved_by_network' : 'declined_by_network',
      reason: decline?.declineCode ?? null,
      risk_level: 'normal',
      seller_message: decline === null ? 'Payment complete.' : 'The bank declined the payment.',
      type: decline === null ? 'authorized' : 'issuer_declined',
    },
    paid: decline === null,
    payment_intent: intent.id,
    payment_method: charge.paymentMethod,
    payment_method_details: {
      card: {
        amount_authorized: decline === null ? charge.amount : null,
        brand: method?.brand ?? 'unknown',
        country: method?.country ?? null,
        exp_month: 12,
        exp_year: 2034,
        funding: method?.funding ?? 'unknown',
        last4: method?.last4 ?? null,
        network: method?.brand ?? null,
      },
      type: 'card',
    },
    refunded: amountRefunded === charge.amount,
    status: decline === null ? 'succeeded' : 'failed',
  };
}

const balanceLine = ({ id }: Refund, suffix: 'a' | 'b'): string => `txn_${id.slice(3)}${suffix}`;

export function refundJson(refund: Refund, intent: Intent, expand: readonly string[], view: View): object {
  const charge = intent.charges.find(({ id }) => id === refund.chargeId);
  const isShown = expand.includes('charge') && charge !== undefined;
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: balanceLine(refund, 'a'),
    charge: isShown ? chargeJson(charge, intent) : refund.chargeId,
    created: seconds(refund.createdMs),
    currency: intent.currency,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    // what was taken from the balance is put back
    failure_balance_transaction: refund.status === 'failed' ? balanceLine(refund, 'b') : null,
    ...(refund.status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
    metadata: refund.metadata,
    payment_intent: expand.includes('payment_intent') ? intentJson(intent, [], view) : intent.id,
    pending_reason: refund.status === 'pending' ? 'processing' : null,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}

export function paymentMethodJson(id: string, createdMs: number): object {
  const method = testPaymentMethod(id);
  return {
    id,
    object: 'payment_method',
    billing_details: { address: null, email: null, name: null, phone: null },
    card: {
      brand: method?.brand ?? 'unknown',
      country: method?.country ?? null,
      exp_month: 12,
      exp_year: 2034,
      funding: method?.funding ?? 'unknown',
      last4: method?.last4 ?? null,
    },
    created: seconds(createdMs),
    customer: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}
