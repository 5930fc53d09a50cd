import { checkAmount } from './amounts';
import { isDisputed, isWithdrawn } from './dispute';
import { invalidRequest, missingParam, noSuchObject, type ApiError } from './api-error';
import { noSuchIntent, readExpand } from './confirm-intent';
import { withRefund, type Intent } from './intent';
import {
  REFUND_EXPANDABLE,
  refunded,
  refused,
  type Execution,
  type Operation,
  type Outcome,
} from './operation';
import { Params, withoutEmpty } from './params';
import { refundedAmount, type Refund } from './refund';
import { refundEnding } from './test-payment-methods';

const KNOWN = new Set([
  'amount',
  'charge',
  'currency',
  'customer',
  'expand',
  'instructions_email',
  'metadata',
  'origin',
  'payment_intent',
  'reason',
  'refund_application_fee',
  'reverse_transfer',
]);
const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

interface Wanted {
  readonly intentId: string | null;
  readonly chargeId: string | null;
  readonly amount: number | null;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `POST /v1/refunds` */
export const createRefund: Operation = {
  faultOp: () => 'refund',
  prepare(form, _id) {
    const params = new Params(form, KNOWN);
    const wanted: Wanted = {
      intentId: params.text('payment_intent'),
      chargeId: params.text('charge'),
      amount: params.positiveInt('amount'),
      reason: params.oneOf('reason', REASONS),
      metadata: withoutEmpty(params.metadata()),
    };
    const expand = readExpand(params, REFUND_EXPANDABLE);
    if (params.problem !== undefined) return params.problem;
    if (wanted.intentId === null && wanted.chargeId === null) return missingParam('payment_intent');
    return { expand, execute: (execution) => refund(wanted, execution) };
  },
};

function refund(wanted: Wanted, execution: Execution): Outcome {
  const intent = intentOf(wanted, execution);
  if ('error' in intent) return refused(intent, null);
  const charge = intent.charges.find(({ captured }) => captured);
  if (charge === undefined || intent.status !== 'succeeded') {
    return refused(
      invalidRequest(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`),
      null,
    );
  }
  if (isDisputed(intent.dispute) && isWithdrawn(intent.dispute)) return refused(disputed(charge.id), null);
  const left = intent.amountReceived - refundedAmount(intent);
  const amount = wanted.amount ?? left;
  const problem = left === 0 ? alreadyRefunded(charge.id) : checkRefund(amount, left, intent);
  if (problem !== undefined) return refused(problem, null);
  const { ids, refunds, nowMs, key, resultsAfterMs } = execution;
  const ending = refundEnding(charge.paymentMethod);
  const made: Refund = {
    id: ids.next('re'),
    seq: refunds.size,
    createdMs: nowMs,
    key,
    amount,
    chargeId: charge.id,
    reason: wanted.reason,
    metadata: wanted.metadata,
    status: ending === 'succeeds_later' ? 'pending' : 'succeeded',
    due:
      ending === 'succeeds'
        ? null
        : { atMs: nowMs + resultsAfterMs, status: ending === 'fails_later' ? 'failed' : 'succeeded' },
  };
  return refunded(withRefund(intent, made), made.id);
}

function intentOf({ intentId, chargeId }: Wanted, { intents, nowMs }: Execution): Intent | ApiError {
  const intent = intentId === null ? intents.withCharge(chargeId ?? '') : intents.get(intentId, nowMs);
  if (intent !== undefined) return intent;
  return intentId === null ? noSuchObject('charge', chargeId ?? '', 404, 'charge') : noSuchIntent(intentId);
}

function checkRefund(amount: number, left: number, intent: Intent): ApiError | undefined {
  if (amount <= left) return checkAmount(amount, intent.currency, 'amount');
  const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left}).`;
  return invalidRequest(message, undefined, 'amount');
}

const alreadyRefunded = (chargeId: string): ApiError =>
  invalidRequest(`Charge ${chargeId} has already been refunded.`, 'charge_already_refunded');

const disputed = (chargeId: string): ApiError =>
  invalidRequest(`Charge ${chargeId} has been charged back; cannot issue a refund.`, 'charge_disputed');
