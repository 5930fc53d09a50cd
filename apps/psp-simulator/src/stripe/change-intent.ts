import { checkAmount } from './amounts';
import { invalidRequest, unexpectedState, type ApiError } from './api-error';
import { noSuchIntent, noSuchPaymentMethod, readExpand } from './confirm-intent';
import { amountCapturable, canceled, captured, type Intent, type IntentStatus } from './intent';
import { answered, refused, type Execution, type Operation, type Outcome } from './operation';
import { METADATA_KEYS_MAX, Params } from './params';
import { testPaymentMethod } from './test-payment-methods';

const CAPTURE_KNOWN = new Set([
  'amount_details',
  'amount_to_capture',
  'application_fee_amount',
  'expand',
  'final_capture',
  'metadata',
  'payment_details',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
]);

/** `POST /v1/payment_intents/:id/capture` */
export const captureOperation: Operation = {
  faultOp: () => 'capture',
  prepare(form, id) {
    const params = new Params(form, CAPTURE_KNOWN);
    const amount = params.positiveInt('amount_to_capture');
    const metadata = params.metadata();
    const expand = readExpand(params);
    if (params.problem !== undefined) return params.problem;
    if (params.raw('final_capture') === 'false') {
      return invalidRequest('This account is not eligible for multicapture.', undefined, 'final_capture');
    }
    return { expand, execute: (execution) => capture(id, amount, metadata, execution) };
  },
};

function capture(
  id: string,
  wanted: number | null,
  metadata: Record<string, string>,
  execution: Execution,
): Outcome {
  const intent = execution.intents.get(id, execution.nowMs);
  if (intent === undefined) return refused(noSuchIntent(id), null);
  if (intent.status !== 'requires_capture') {
    return refused(
      unexpectedState(
        `This PaymentIntent could not be captured because it has a status of ${intent.status}. ` +
          'Only a PaymentIntent with one of the following statuses may be captured: requires_capture.',
      ),
      intent,
    );
  }
  const amount = wanted ?? intent.amount;
  if (amount > amountCapturable(intent)) {
    const message = 'The requested capture amount is greater than the authorized amount.';
    return refused(invalidRequest(message, 'amount_too_large', 'amount_to_capture'), null);
  }
  const problem = checkAmount(amount, intent.currency, 'amount_to_capture');
  if (problem !== undefined) return refused(problem, null);
  return answered(captured(withMetadata(intent, metadata), amount, execution.key, execution.nowMs));
}

const CANCEL_KNOWN = new Set(['cancellation_reason', 'expand']);
const CANCEL_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'] as const;
const CANCELABLE: readonly IntentStatus[] = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/** `POST /v1/payment_intents/:id/cancel` */
export const cancelOperation: Operation = {
  faultOp: () => 'cancel',
  prepare(form, id) {
    const params = new Params(form, CANCEL_KNOWN);
    const reason = params.oneOf('cancellation_reason', CANCEL_REASONS);
    const expand = readExpand(params);
    if (params.problem !== undefined) return params.problem;
    return {
      expand,
      execute({ intents, key, nowMs }) {
        const intent = intents.get(id, nowMs);
        if (intent === undefined) return refused(noSuchIntent(id), null);
        if (!CANCELABLE.includes(intent.status)) {
          const message =
            `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. ` +
            `Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(', ')}.`;
          return refused(unexpectedState(message), intent);
        }
        return answered(canceled(intent, reason, key, nowMs));
      },
    };
  },
};

const UPDATE_KNOWN = new Set([
  'amount',
  'amount_details',
  'application_fee_amount',
  'capture_method',
  'currency',
  'customer',
  'description',
  'excluded_payment_method_types',
  'expand',
  'metadata',
  'payment_details',
  'payment_method',
  'payment_method_configuration',
  'payment_method_options',
  'payment_method_types',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
  'transfer_group',
]);
/** What money depends on is fixed once a charge is under way. */
const MONEY_PARAMS = ['amount', 'currency', 'payment_method', 'capture_method'] as const;
const OPEN: readonly IntentStatus[] = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** `POST /v1/payment_intents/:id` */
export const updateOperation: Operation = {
  faultOp: () => 'update',
  prepare(form, id) {
    const params = new Params(form, UPDATE_KNOWN);
    const amount = params.positiveInt('amount');
    const captureMethod = params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']);
    const paymentMethod = params.text('payment_method');
    const metadata = params.metadata();
    const expand = readExpand(params);
    if (params.problem !== undefined) return params.problem;
    if (paymentMethod !== null && testPaymentMethod(paymentMethod) === undefined) {
      return noSuchPaymentMethod(paymentMethod);
    }
    return {
      expand,
      execute({ intents, nowMs }) {
        const intent = intents.get(id, nowMs);
        if (intent === undefined) return refused(noSuchIntent(id), null);
        const problem = notUpdatable(params, intent, amount);
        if (problem !== undefined) return refused(problem, intent);
        const merged = withMetadata(intent, metadata);
        if (Object.keys(merged.metadata).length > METADATA_KEYS_MAX) {
          const limit = `You can have up to ${METADATA_KEYS_MAX} metadata keys.`;
          return refused(invalidRequest(limit, undefined, 'metadata'), null);
        }
        return answered({
          ...merged,
          ...changedTexts(params),
          rev: intent.rev + 1,
          amount: amount ?? intent.amount,
          captureMethod: captureMethod ?? intent.captureMethod,
          ...(paymentMethod === null ? {} : { paymentMethod, status: 'requires_confirmation' as const }),
        });
      },
    };
  },
};

function notUpdatable(params: Params, intent: Intent, amount: number | null): ApiError | undefined {
  const touched = MONEY_PARAMS.find((name) => params.has(name));
  if (touched !== undefined && !OPEN.includes(intent.status)) {
    return unexpectedState(
      `This PaymentIntent's ${touched} could not be updated because it has a status of ${intent.status}. ` +
        `You may only update the ${touched} of a PaymentIntent with one of the following statuses: ${OPEN.join(', ')}.`,
    );
  }
  const currency = params.text('currency');
  if (currency !== null && currency.toLowerCase() !== intent.currency) {
    return invalidRequest('The currency of a simulated PaymentIntent is fixed.', undefined, 'currency');
  }
  return amount === null ? undefined : checkAmount(amount, intent.currency, 'amount');
}

/** An empty text unsets its field, as in every Stripe update. */
function changedTexts(params: Params): Partial<Intent> {
  return {
    ...(params.has('customer') ? { customer: params.text('customer') } : {}),
    ...(params.has('description') ? { description: params.text('description') } : {}),
    ...(params.has('receipt_email') ? { receiptEmail: params.text('receipt_email') } : {}),
    ...(params.has('statement_descriptor_suffix')
      ? { statementDescriptorSuffix: params.text('statement_descriptor_suffix') }
      : {}),
    ...(params.has('transfer_group') ? { transferGroup: params.text('transfer_group') } : {}),
  };
}

function withMetadata(intent: Intent, changes: Record<string, string>): Intent {
  if (Object.keys(changes).length === 0) return intent;
  const merged = Object.entries({ ...intent.metadata, ...changes }).filter(([, value]) => value !== '');
  return { ...intent, metadata: Object.fromEntries(merged) };
}
