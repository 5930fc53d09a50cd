import type { Decider } from '../kernel/decider';
import { nothing, record, refuse } from '../kernel/decision';
import { attemptStarted } from './attempt-start';
import type { PaymentDecision } from './attempt.decider';
import { recordLookup, recordOutcome, recordResend, returnFromAction } from './attempt.decider';
import { recordDisputeFact } from './dispute.decider';
import { recordExpiry, requestCancel, requestCapture, startCancel } from './operation-requests';
import { resolveOperation } from './operation-resolution';
import { startReversal } from './unreturned-charge';
import { recordOperationLookup, recordOperationNews, recordOperationOutcome } from './operation.decider';
import type { Payment, PaymentState } from './payment';
import type { InitiatePayment, PaymentCommand, PaymentRefusal } from './payment.commands';
import type { PaymentEvent } from './payment.events';
import { evolvePayment } from './payment.state';
import { grantRefundRetry, recordRefundStanding, reserveRefund } from './refund-reservation';

export const paymentDecider: Decider<PaymentState, PaymentCommand, PaymentEvent, PaymentRefusal> = {
  initial: null,
  evolve: evolvePayment,
  decide(command, state) {
    if (command.type === 'InitiatePayment') return initiate(command.data, state);
    return state === null ? refuse({ code: 'payment_not_found' }) : decideLater(command, state);
  },
};

function initiate({ initiated }: InitiatePayment, state: PaymentState): PaymentDecision {
  if (state !== null) {
    return state.fingerprint === initiated.fingerprint
      ? nothing('the same request under the same key was recorded before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  const [first] = initiated.candidates;
  if (first === undefined) throw new Error('a payment without a route is refused before it is recorded');
  return record({ type: 'PaymentInitiated', data: initiated }, attemptStarted(initiated, first, 1));
}

type LaterCommand = Exclude<PaymentCommand, { type: 'InitiatePayment' }>;

function decideLater(command: LaterCommand, payment: Payment): PaymentDecision {
  switch (command.type) {
    case 'RecordAttemptOutcome':
      return recordOutcome(command.data, payment);
    case 'RecordResend':
      return recordResend(command.data, payment);
    case 'RecordLookup':
      return recordLookup(command.data, payment);
    case 'ReturnFromAction':
      return returnFromAction(command.data, payment);
    case 'RequestCapture':
      return requestCapture(command.data, payment);
    case 'RequestCancel':
      return requestCancel(command.data, payment);
    case 'StartCancel':
      return startCancel(command.data, payment);
    case 'RecordOperationOutcome':
      return recordOperationOutcome(command.data, payment);
    case 'RecordOperationNews':
      return recordOperationNews(command.data, payment);
    case 'RecordOperationLookup':
      return recordOperationLookup(command.data, payment);
    case 'RecordExpiry':
      return recordExpiry(command.data, payment);
    case 'StartReversal':
      return startReversal(command.data, payment);
    case 'ResolveOperation':
      return resolveOperation(command.data, payment);
    case 'ReserveRefund':
      return reserveRefund(command.data, payment);
    case 'RecordRefundStanding':
      return recordRefundStanding(command.data, payment);
    case 'GrantRefundRetry':
      return grantRefundRetry(command.data, payment);
    case 'RecordDisputeFact':
      return recordDisputeFact(command.data, payment);
  }
}
