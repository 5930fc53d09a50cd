import { noSuchObject, unexpectedState, type ApiError } from './api-error';
import { confirmed, type Intent } from './intent';
import {
  answered,
  declined,
  expandProblem,
  INTENT_EXPANDABLE,
  refused,
  type Execution,
  type Operation,
  type Outcome,
} from './operation';
import { Params } from './params';
import { testPaymentMethod } from './test-payment-methods';

const KNOWN = new Set([
  'amount_details',
  'amount_to_confirm',
  'capture_method',
  'confirmation_token',
  'error_on_requires_action',
  'excluded_payment_method_types',
  'expand',
  'mandate',
  'mandate_data',
  'off_session',
  'payment_details',
  'payment_method',
  'payment_method_options',
  'payment_method_types',
  'radar_options',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'use_stripe_sdk',
]);

export interface ConfirmationParams {
  readonly paymentMethod: string | null;
  readonly offSession: boolean;
  readonly errorOnRequiresAction: boolean;
  readonly returnUrl: string | null;
}

/** `POST /v1/payment_intents/:id/confirm` */
export const confirmOperation: Operation = {
  faultOp: () => 'authorize',
  prepare(form, id) {
    const params = new Params(form, KNOWN);
    const confirmation = readConfirmation(params);
    const captureMethod = params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']);
    const expand = readExpand(params);
    if (params.problem !== undefined) return params.problem;
    const { paymentMethod } = confirmation;
    if (paymentMethod !== null && testPaymentMethod(paymentMethod) === undefined) {
      return noSuchPaymentMethod(paymentMethod);
    }
    return {
      expand,
      execute(execution) {
        const intent = execution.intents.get(id, execution.nowMs);
        if (intent === undefined) return refused(noSuchIntent(id), null);
        const wanted = captureMethod === null ? intent : { ...intent, captureMethod };
        return confirmIntent(wanted, confirmation, execution);
      },
    };
  },
};

export function noSuchIntent(id: string): ApiError {
  return noSuchObject('payment_intent', id, 404, 'intent');
}

export function noSuchPaymentMethod(id: string): ApiError {
  return noSuchObject('PaymentMethod', id, 400, 'payment_method');
}

export function readExpand(params: Params, expandable = INTENT_EXPANDABLE): readonly string[] {
  const paths = params.texts('expand');
  const unknown = paths.length === 0 ? undefined : expandProblem(paths, expandable);
  if (unknown !== undefined)
    params.wrong(`This property cannot be expanded (${unknown}).`, undefined, 'expand');
  return paths;
}

export function readConfirmation(params: Params): ConfirmationParams {
  const offSession = params.raw('off_session');
  return {
    paymentMethod: params.text('payment_method'),
    // `one_off` and `recurring` are older spellings of true
    offSession: offSession === 'one_off' || offSession === 'recurring' || params.flag('off_session'),
    errorOnRequiresAction: params.flag('error_on_requires_action'),
    returnUrl: params.text('return_url'),
  };
}

/** Confirms an intent that exists, or is about to. */
export function confirmIntent(intent: Intent, wanted: ConfirmationParams, execution: Execution): Outcome {
  const problem = notConfirmable(intent);
  if (problem !== undefined) return refused(problem, intent);
  const paymentMethod = wanted.paymentMethod ?? intent.paymentMethod;
  const method = paymentMethod === null ? undefined : testPaymentMethod(paymentMethod);
  if (paymentMethod === null || method === undefined) {
    const missing = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    return refused(unexpectedState(missing), intent);
  }
  const after = confirmed(intent, {
    paymentMethod,
    behaviour: method.behaviour,
    offSession: wanted.offSession,
    errorOnRequiresAction: wanted.errorOnRequiresAction,
    returnUrl: wanted.returnUrl,
    chargeId: execution.ids.next('ch'),
    nowMs: execution.nowMs,
  });
  return after.lastError === null ? answered(after) : declined(after);
}

function notConfirmable(intent: Intent): ApiError | undefined {
  switch (intent.status) {
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      return undefined;
    case 'succeeded':
      return unexpectedState(
        'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
      );
    case 'requires_capture':
    case 'processing':
    case 'canceled':
      return unexpectedState(
        `You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`,
      );
  }
}
