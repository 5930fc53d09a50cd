import { publicId, representPayment } from '@tender/domain';
import type { PaymentJson } from '@tender/domain';
import { validationFailed } from '../http/dto-rules';
import { problemOf } from '../http/not-recorded';
import type { ChangePaymentAnswer } from './change-payment';
import type { CreatePaymentAnswer } from './create-payment';

export interface HttpAnswer {
  readonly status: 200 | 201 | 202;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PaymentJson;
}

export const REPLAYED_HEADER = 'idempotent-replayed';

/**
 * An answer in HTTP's words.
 *
 * @param settledStatus of the payment at its goal: 201 where the request created it
 * @throws Problem where nothing was recorded by this request, or where it is not known whether it was
 */
export function httpAnswerOf(
  answer: CreatePaymentAnswer | ChangePaymentAnswer,
  settledStatus: 200 | 201,
): HttpAnswer {
  if (answer.kind === 'amount_too_large') {
    throw validationFailed([{ field: 'amount', message: `must be at most ${answer.maxAmountMinor}` }]);
  }
  if (answer.kind !== 'payment') throw problemOf(answer);
  const { at, settled, replayed } = answer;
  const location = `/v1/payments/${publicId('pay', at.payment.id)}`;
  return {
    status: settled ? settledStatus : 202,
    headers: { location, ...(replayed ? { [REPLAYED_HEADER]: 'true' } : {}) },
    body: representPayment(at.payment, at.revision),
  };
}
