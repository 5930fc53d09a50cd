import { checkAmount, isPresentmentCurrency } from './amounts';
import { invalidRequest, missingParam, type ApiError } from './api-error';
import {
  confirmIntent,
  noSuchPaymentMethod,
  readConfirmation,
  readExpand,
  type ConfirmationParams,
} from './confirm-intent';
import type { FormObject } from './form';
import type { CaptureMethod, Intent } from './intent';
import { answered, type Execution, type Operation, type Outcome, type Work } from './operation';
import { Params, withoutEmpty } from './params';
import { NO_REFUNDS } from './refund';
import { testPaymentMethod } from './test-payment-methods';

const KNOWN = new Set([
  'allowed_payment_method_types',
  'amount',
  'amount_details',
  'application_fee_amount',
  'automatic_payment_methods',
  'capture_method',
  'confirm',
  'confirmation_method',
  'currency',
  'customer',
  'description',
  'error_on_requires_action',
  'expand',
  'excluded_payment_method_types',
  'mandate',
  'mandate_data',
  'metadata',
  'off_session',
  'on_behalf_of',
  'payment_details',
  'payment_method',
  'payment_method_configuration',
  'payment_method_data',
  'payment_method_options',
  'payment_method_types',
  'radar_options',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
  'transfer_group',
  'use_stripe_sdk',
]);

const CAPTURE_METHODS: readonly CaptureMethod[] = ['automatic', 'automatic_async', 'manual'];

/** `POST /v1/payment_intents`, with `confirm=true` a charge at once. */
export const createIntent: Operation = {
  faultOp: (form) => (form.confirm === 'true' ? 'authorize' : 'create'),
  prepare(form, _id) {
    const params = new Params(form, KNOWN);
    const draft = readDraft(params);
    const expand = readExpand(params);
    const confirm = params.flag('confirm');
    const confirmation = readConfirmation(params);
    if (params.problem !== undefined) return params.problem;
    const problem = check(params, form, draft, confirm);
    if (problem !== undefined) return problem;
    return new Creation(draft, expand, confirm ? confirmation : undefined);
  },
};

class Creation implements Work {
  constructor(
    private readonly draft: Intent,
    readonly expand: readonly string[],
    private readonly confirmation: ConfirmationParams | undefined,
  ) {}

  execute(execution: Execution): Outcome {
    const { ids, intents, key, nowMs } = execution;
    const intent: Intent = {
      ...this.draft,
      id: ids.next('pi'),
      seq: intents.size,
      createdMs: nowMs,
      key,
      status: this.draft.paymentMethod === null ? this.draft.status : 'requires_confirmation',
    };
    if (this.confirmation === undefined) return answered(intent);
    return confirmIntent(intent, this.confirmation, execution);
  }
}

/** The intent as asked for; what only execution can know is filled in then. */
function readDraft(params: Params): Intent {
  const types = params.texts('payment_method_types');
  return {
    id: '',
    seq: 0,
    rev: 0,
    createdMs: 0,
    key: null,
    amount: params.positiveInt('amount') ?? 0,
    currency: (params.text('currency') ?? '').toLowerCase(),
    status: 'requires_payment_method',
    captureMethod: params.oneOf('capture_method', CAPTURE_METHODS) ?? 'automatic_async',
    confirmationMethod: params.oneOf('confirmation_method', ['automatic', 'manual']) ?? 'automatic',
    paymentMethod: params.text('payment_method'),
    paymentMethodTypes: types.length === 0 ? CARD_ONLY : types,
    customer: params.text('customer'),
    description: params.text('description'),
    metadata: withoutEmpty(params.metadata()),
    receiptEmail: params.text('receipt_email'),
    returnUrl: params.text('return_url'),
    setupFutureUsage: params.oneOf('setup_future_usage', ['off_session', 'on_session']),
    statementDescriptor: params.text('statement_descriptor'),
    statementDescriptorSuffix: params.text('statement_descriptor_suffix'),
    transferGroup: params.text('transfer_group'),
    charges: [],
    lastError: null,
    amountReceived: 0,
    capture: null,
    cancel: null,
    refunds: NO_REFUNDS,
    dispute: null,
  };
}

const CARD_ONLY: readonly string[] = ['card'];

function check(params: Params, form: FormObject, draft: Intent, confirm: boolean): ApiError | undefined {
  if (!params.has('amount')) return missingParam('amount');
  if (draft.currency === '') return missingParam('currency');
  if (!isPresentmentCurrency(draft.currency)) {
    return invalidRequest(`Invalid currency: ${draft.currency}.`, undefined, 'currency');
  }
  if (params.has('payment_method_data')) {
    return invalidRequest(
      'Card data is not accepted here: pass a payment method.',
      undefined,
      'payment_method_data',
    );
  }
  if (!confirm) {
    const early = ['off_session', 'error_on_requires_action', 'mandate_data'].find(
      (name) => form[name] !== undefined,
    );
    if (early !== undefined) {
      return invalidRequest(`You can only set ${early} when confirm is true.`, undefined, early);
    }
  }
  if (draft.paymentMethod !== null && testPaymentMethod(draft.paymentMethod) === undefined) {
    return noSuchPaymentMethod(draft.paymentMethod);
  }
  if (confirm && draft.paymentMethod === null) return missingParam('payment_method');
  return checkAmount(draft.amount, draft.currency, 'amount') ?? checkSuffix(draft.statementDescriptorSuffix);
}

/** Source: Stripe docs, "Statement descriptors": 22 characters, a letter, none of the characters that banks reject. */
const SUFFIX_MAX_LENGTH = 22;

function checkSuffix(suffix: string | null): ApiError | undefined {
  if (suffix === null) return undefined;
  if (suffix.length <= SUFFIX_MAX_LENGTH && /[A-Za-z]/.test(suffix) && !/[<>\\'"*]/.test(suffix))
    return undefined;
  return invalidRequest(
    'The statement descriptor suffix is not valid.',
    undefined,
    'statement_descriptor_suffix',
  );
}
